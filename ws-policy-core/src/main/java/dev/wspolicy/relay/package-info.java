/**
 * The relay of one session as a state machine without I/O. A driver reports frame
 * headers, collected frames, losses and timeouts to {@link dev.wspolicy.relay.Relay}; the
 * relay answers with actions on a {@link dev.wspolicy.relay.RelayOutput}. It is called on
 * one thread, the session's event loop, and knows no Netty, Reactor or Spring.
 * <p>
 * A frame goes one way, and each stage returns what it has decided to the one before it:
 * header, admission (the rules of RFC 6455, limits, sequence), the policies on frames,
 * the assembly of fragments, the policies on messages, the writing end of the other leg.
 * <p>
 * Internal: policies and applications do not depend on this package, which may change at
 * any time.
 */
@NullMarked
package dev.wspolicy.relay;

import org.jspecify.annotations.NullMarked;
