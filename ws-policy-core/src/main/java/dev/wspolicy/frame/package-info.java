/**
 * WebSocket frames as policies see them: a sealed family of immutable types, close
 * statuses, and the direction in which a frame travels. Depends on no other package.
 * <p>
 * {@link dev.wspolicy.frame.FrameAccess}, {@link dev.wspolicy.frame.Payload} and
 * {@link dev.wspolicy.frame.Utf8} are internal: they serve the other packages of this
 * library and may change at any time.
 */
@NullMarked
package dev.wspolicy.frame;

import org.jspecify.annotations.NullMarked;
