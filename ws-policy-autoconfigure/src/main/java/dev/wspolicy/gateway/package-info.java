/**
 * Integrates the relay with Spring Cloud Gateway: the filters that handle WebSocket
 * upgrades, the {@code WsPolicy} filter of routes, and the two halves of the handshake.
 */
@NullMarked
package dev.wspolicy.gateway;

import org.jspecify.annotations.NullMarked;
