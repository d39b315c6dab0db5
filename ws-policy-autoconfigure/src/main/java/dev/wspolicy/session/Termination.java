package dev.wspolicy.session;

import org.jspecify.annotations.Nullable;

import dev.wspolicy.frame.CloseStatus;

/**
 * How a session ended: who began it, why, and both halves of the closing handshake on
 * each leg.
 *
 * @param initiator who ended the session
 * @param cause why it ended
 * @param fromClient the status the client sent, or {@code null} if it sent no close frame
 * @param toClient the status the client was sent, or {@code null} if none
 * @param fromUpstream the status the upstream sent, or {@code null} if it sent no close
 * frame
 * @param toUpstream the status the upstream was sent, or {@code null} if none
 */
public record Termination(Initiator initiator, Cause cause, @Nullable CloseStatus fromClient,
		@Nullable CloseStatus toClient, @Nullable CloseStatus fromUpstream, @Nullable CloseStatus toUpstream) {

	/**
	 * Who ended a session.
	 */
	public enum Initiator {

		/**
		 * The client.
		 */
		CLIENT,

		/**
		 * The upstream.
		 */
		UPSTREAM,

		/**
		 * This gateway: a policy, a limit, a timeout, an operator.
		 */
		GATEWAY

	}

	/**
	 * Why a session ended.
	 */
	public enum Cause {

		/**
		 * A peer sent a close frame.
		 */
		CLOSE_FRAME,

		/**
		 * A leg went away without a close frame.
		 */
		CONNECTION_LOST,

		/**
		 * A policy's verdict closed it.
		 */
		POLICY,

		/**
		 * A policy failed, and its binding closes on errors.
		 */
		POLICY_FAILURE,

		/**
		 * A policy's verdict did not come within {@code verdict-timeout}.
		 */
		VERDICT_TIMEOUT,

		/**
		 * A peer broke RFC 6455.
		 */
		PROTOCOL_VIOLATION,

		/**
		 * A peer sent a text that is not UTF-8.
		 */
		INVALID_PAYLOAD,

		/**
		 * A frame or message was over its limit.
		 */
		LIMIT_EXCEEDED,

		/**
		 * A frame stalled half way for longer than {@code frame-timeout}.
		 */
		FRAME_TIMEOUT,

		/**
		 * A peer did not read for longer than {@code slow-consumer-timeout}, or more was
		 * to be sent to it than is kept for anybody.
		 */
		SLOW_CONSUMER,

		/**
		 * No message came from either side for {@code idle-timeout}.
		 */
		IDLE_TIMEOUT,

		/**
		 * The session was as old as {@code max-duration} lets it be.
		 */
		MAX_DURATION,

		/**
		 * A peer stayed silent although it was asked whether it lives.
		 */
		HEARTBEAT_MISSED,

		/**
		 * {@link ProxiedSession#close} was called.
		 */
		REQUESTED,

		/**
		 * The application shuts down.
		 */
		SHUTDOWN,

		/**
		 * The session goes on with another pipeline. No session ends of this: it is what
		 * a policy is told that the new pipeline does without.
		 */
		REPLACED

	}

}
