/**
 * WebSocket frames as policies see them: a sealed family of immutable types, close
 * statuses and the direction in which a frame travels. Depends on nothing else.
 */
@NullMarked
package dev.wspolicy.frame;

import org.jspecify.annotations.NullMarked;
