/**
 * Drives the relay on Netty: scans the bytes of both legs, holds and writes buffers, and
 * sets timers. The only package that uses {@code ByteBuf}. A session is confined to one
 * event loop; {@link dev.wspolicy.netty.SessionLauncher} requires that both channels
 * share it.
 * <p>
 * {@code RelayDriver} drives a session, with one {@code DirectionDriver} for each
 * direction. Bytes that a leg has sent pass its {@code LegReader}, which has them scanned
 * by a {@code FrameScanner}, and leave by the {@code LegWriter} of the other leg.
 * {@code FlowControl} decides when they are read and scanned. {@code SharedLoop} runs the
 * tasks of all sessions of an event loop.
 * <p>
 * Internal: policies and applications do not depend on this package, which may change at
 * any time.
 */
@NullMarked
package dev.wspolicy.netty;

import org.jspecify.annotations.NullMarked;
