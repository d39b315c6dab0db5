/**
 * The upstream of the demo: a WebSocket server with an echo and a chat, on its own port.
 * It runs in the gateway's process only so that there is a single program to start. It
 * does not know about the gateway, and no policy runs in it.
 */
@NullMarked
package dev.wspolicy.demo.upstream;

import org.jspecify.annotations.NullMarked;
