/**
 * Frame by frame governance of the WebSocket sessions that a Spring Cloud Gateway
 * proxies.
 */
@NullMarked
package dev.wspolicy;

import org.jspecify.annotations.NullMarked;
