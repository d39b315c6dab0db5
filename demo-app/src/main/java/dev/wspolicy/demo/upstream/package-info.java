/**
 * What the demo is a gateway to: a WebSocket server with an echo and a chat, on a port of
 * its own. It runs in the gateway's process only so that there is one thing to start; it
 * knows nothing of the gateway, and no policy runs in it.
 */
@NullMarked
package dev.wspolicy.demo.upstream;

import org.jspecify.annotations.NullMarked;
