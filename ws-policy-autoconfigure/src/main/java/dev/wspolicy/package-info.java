/**
 * ws-policy: frame by frame governance of the WebSocket sessions that Spring Cloud
 * Gateway proxies. A map, in reading order:
 * <ul>
 * <li>{@link dev.wspolicy.policy}: what users write,
 * {@link dev.wspolicy.policy.FramePolicy} and its {@link dev.wspolicy.policy.Verdict}
 * first.
 * <li>{@link dev.wspolicy.frame}: the frames that policies are shown.
 * <li>{@link dev.wspolicy.json}: messages read as JSON, once for all policies.
 * <li>{@link dev.wspolicy.redaction}: what may be shown of a payload to those who look
 * on.
 * <li>{@link dev.wspolicy.session}: live sessions, their upgrade requests and how they
 * end.
 * <li>{@link dev.wspolicy.pipeline}: the policies of a session in order, with limits and
 * timeouts.
 * <li>{@link dev.wspolicy.relay}: what happens to each frame, as a state machine without
 * I/O.
 * <li>{@link dev.wspolicy.netty}: the relay on real channels.
 * <li>{@link dev.wspolicy.gateway}: the filters of Spring Cloud Gateway, and the upgrade.
 * <li>{@link dev.wspolicy.observation}: meters and log lines of sessions.
 * <li>{@link dev.wspolicy.actuate}: the actuator's endpoint and health.
 * <li>{@link dev.wspolicy.autoconfigure}: conditions and properties.
 * </ul>
 * Dependencies point from the later to the earlier, never back.
 */
@NullMarked
package dev.wspolicy;

import org.jspecify.annotations.NullMarked;
