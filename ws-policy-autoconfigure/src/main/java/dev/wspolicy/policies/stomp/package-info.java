/**
 * The shipped policy for STOMP over WebSocket.
 */
@NullMarked
package dev.wspolicy.policies.stomp;

import org.jspecify.annotations.NullMarked;
