/**
 * Drives the relay on Netty: scans the raw bytes of both legs, holds and writes buffers,
 * keeps timers. The only package that sees a {@code ByteBuf}. All of a session happens on
 * one event loop; {@link dev.wspolicy.netty.SessionLauncher} makes sure that both its
 * channels live there.
 */
@NullMarked
package dev.wspolicy.netty;

import org.jspecify.annotations.NullMarked;
