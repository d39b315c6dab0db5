package dev.wspolicy.session;

import org.jspecify.annotations.Nullable;

import dev.wspolicy.frame.CloseStatus;

/**
 * How a session ended: who ended it, why, and both halves of the closing handshake on
 * each leg (<a href="https://www.rfc-editor.org/rfc/rfc6455#section-7.1">RFC 6455,
 * section 7.1</a>). A status that a peer sent is given as it was received, even if it is
 * not valid. A status for a peer is given if its close frame was written to the socket,
 * which a slow peer may have prevented.
 *
 * @param initiator who ended the session
 * @param cause why it ended
 * @param fromClient the status the client sent, or {@code null} if it sent no close frame
 * @param toClient the status that was written to the client, or {@code null} if none was
 * @param fromUpstream the status the upstream sent, or {@code null} if it sent no close
 * frame
 * @param toUpstream the status that was written to the upstream, or {@code null} if none
 * was
 * @param policy the configured name of the policy that ended the session, or {@code null}
 * if none did
 */
public record Termination(Initiator initiator, Cause cause, @Nullable CloseStatus fromClient,
		@Nullable CloseStatus toClient, @Nullable CloseStatus fromUpstream, @Nullable CloseStatus toUpstream,
		@Nullable String policy) {

	/**
	 * Creates the termination of a session that no policy ended.
	 * @param initiator who ended the session
	 * @param cause why it ended
	 * @param fromClient the status the client sent, or {@code null} if it sent no close
	 * frame
	 * @param toClient the status the client was sent, or {@code null} if none
	 * @param fromUpstream the status the upstream sent, or {@code null} if it sent no
	 * close frame
	 * @param toUpstream the status the upstream was sent, or {@code null} if none
	 */
	public Termination(Initiator initiator, Cause cause, @Nullable CloseStatus fromClient,
			@Nullable CloseStatus toClient, @Nullable CloseStatus fromUpstream, @Nullable CloseStatus toUpstream) {
		this(initiator, cause, fromClient, toClient, fromUpstream, toUpstream, null);
	}

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
		 * A leg was lost without a close frame.
		 */
		CONNECTION_LOST,

		/**
		 * A policy closed the session, with a verdict or with
		 * {@link ProxiedSession#close(CloseStatus, CloseStatus, String)}.
		 */
		POLICY,

		/**
		 * A policy failed, and it closes the session on errors.
		 */
		POLICY_FAILURE,

		/**
		 * A policy's verdict did not come within {@code verdict-timeout}.
		 */
		VERDICT_TIMEOUT,

		/**
		 * A peer violated RFC 6455.
		 */
		PROTOCOL_VIOLATION,

		/**
		 * A peer sent a text that is not UTF-8.
		 */
		INVALID_PAYLOAD,

		/**
		 * A frame or message exceeded a limit.
		 */
		LIMIT_EXCEEDED,

		/**
		 * No byte of a frame that had begun arrived for {@code frame-timeout}.
		 */
		FRAME_TIMEOUT,

		/**
		 * A peer did not read for longer than {@code slow-consumer-timeout}, or more
		 * frames of the gateway's own were waiting for it than are kept.
		 */
		SLOW_CONSUMER,

		/**
		 * No message came from either side for {@code idle-timeout}.
		 */
		IDLE_TIMEOUT,

		/**
		 * The session reached {@code max-duration}.
		 */
		MAX_DURATION,

		/**
		 * A silent peer did not answer a ping.
		 */
		HEARTBEAT_MISSED,

		/**
		 * {@link ProxiedSession#close(CloseStatus, CloseStatus)} was called, outside of a
		 * policy.
		 */
		REQUESTED,

		/**
		 * The application shut down, or drained the gateway.
		 */
		SHUTDOWN,

		/**
		 * The gateway itself failed, for example for lack of memory. Both sockets were
		 * reset.
		 */
		INTERNAL_ERROR

	}

}
