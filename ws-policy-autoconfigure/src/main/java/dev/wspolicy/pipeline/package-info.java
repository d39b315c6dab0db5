/**
 * What serves a session: the ordered policies of each direction, with limits and
 * timeouts, under a name. Immutable, and shared by all sessions of the same route and
 * subprotocol.
 */
@NullMarked
package dev.wspolicy.pipeline;

import org.jspecify.annotations.NullMarked;
