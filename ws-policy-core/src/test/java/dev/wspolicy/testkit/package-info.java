/**
 * What the project's own tests stand on: peers that speak RFC 6455 by hand on plain
 * sockets, certificates, and a watch for leaked buffers.
 */
@NullMarked
package dev.wspolicy.testkit;

import org.jspecify.annotations.NullMarked;
