/**
 * The relay of one session as a state machine without I/O. A driver tells it of frame
 * headers, payloads, losses and timeouts; it answers with actions on an
 * {@link dev.wspolicy.relay.Outbox}. One thread at a time, the session's event loop; no
 * Netty, Reactor or Spring in here.
 */
@NullMarked
package dev.wspolicy.relay;

import org.jspecify.annotations.NullMarked;
