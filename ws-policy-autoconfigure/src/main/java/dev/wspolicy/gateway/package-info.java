/**
 * Where Spring Cloud Gateway and the relay meet: the filter that routes WebSocket
 * upgrades, the {@code WsPolicy} filter of routes, and the two halves of the handshake.
 */
@NullMarked
package dev.wspolicy.gateway;

import org.jspecify.annotations.NullMarked;
