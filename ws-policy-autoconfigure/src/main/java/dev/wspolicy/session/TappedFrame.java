package dev.wspolicy.session;

import java.time.Instant;

import org.jspecify.annotations.Nullable;

import dev.wspolicy.frame.Direction;
import dev.wspolicy.frame.FrameType;

/**
 * What a tap is told of a frame. A message that policies are shown as a whole is told as
 * a whole; all else is told as it stands on the wire.
 *
 * @param direction where the frame travels
 * @param origin who has made it
 * @param type its type
 * @param fin whether it ends its message
 * @param time when it was whole, or was first shown to a policy
 * @param policyNanos how long policies had it, with the time that a verdict was awaited
 * @param length the length of its payload
 * @param maskKey the key that it came masked with, or {@code null} if it did not
 * @param verdict what became of it
 * @param policy the name of the policy that has given the verdict or made the frame, or
 * {@code null} if there is no such policy
 * @param payload the beginning of its payload, unmasked; shared, not to be written to
 */
@SuppressWarnings("ArrayRecordComponent")
public record TappedFrame(Direction direction, Origin origin, FrameType type, boolean fin, Instant time,
		long policyNanos, long length, @Nullable Integer maskKey, Outcome verdict, @Nullable String policy,
		byte[] payload) {

	/**
	 * Who has made a frame.
	 */
	public enum Origin {

		/**
		 * The client or the upstream.
		 */
		PEER,

		/**
		 * A policy, with its verdict.
		 */
		POLICY,

		/**
		 * The gateway itself, or whoever has called it.
		 */
		GATEWAY

	}

	/**
	 * What became of a frame.
	 */
	public enum Outcome {

		/**
		 * All policies that were shown it have let it pass.
		 */
		FORWARD,

		/**
		 * A policy has put others in its place.
		 */
		REPLACE,

		/**
		 * A policy has dropped it.
		 */
		DROP,

		/**
		 * A policy has answered it.
		 */
		REPLY,

		/**
		 * A policy has closed the session for it.
		 */
		CLOSE,

		/**
		 * No policy was asked, or the session was over before the verdict counted.
		 */
		NONE

	}

}
