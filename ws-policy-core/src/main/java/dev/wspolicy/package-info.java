/**
 * ws-policy: frame by frame governance of the WebSocket sessions that Spring Cloud
 * Gateway proxies. Policies are written against these packages:
 * <ul>
 * <li>{@link dev.wspolicy.policy}: {@link dev.wspolicy.policy.FramePolicy} and its
 * {@link dev.wspolicy.policy.Verdict}.
 * <li>{@link dev.wspolicy.frame}: the frames that policies see.
 * <li>{@link dev.wspolicy.session}: live sessions, their upgrade requests, and how they
 * end.
 * <li>{@link dev.wspolicy.fleet}: several gateways that act as one.
 * <li>{@link dev.wspolicy.json}: messages read as JSON, once for all policies.
 * <li>{@link dev.wspolicy.redaction}: what operators and logs may see of a payload.
 * <li>{@link dev.wspolicy.effort}: limits on the time that one message may take.
 * </ul>
 * These packages are the engine, which no policy sees and which may change at any time:
 * <ul>
 * <li>{@link dev.wspolicy.recording}: recordings of sessions, written and read.
 * <li>{@link dev.wspolicy.pipeline}: the policies of a session in order, with limits and
 * timeouts.
 * <li>{@link dev.wspolicy.relay}: what happens to each frame, as a state machine without
 * I/O.
 * <li>{@link dev.wspolicy.netty}: the relay on real channels.
 * </ul>
 */
@NullMarked
package dev.wspolicy;

import org.jspecify.annotations.NullMarked;
