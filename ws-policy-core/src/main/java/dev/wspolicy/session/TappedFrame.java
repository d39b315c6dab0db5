package dev.wspolicy.session;

import java.time.Instant;
import java.util.List;

import org.jspecify.annotations.Nullable;

import dev.wspolicy.frame.Direction;
import dev.wspolicy.frame.FrameType;

/**
 * A frame as a tap observes it. A message that policies are shown as a whole is observed
 * as a whole; all other frames as they are on the wire.
 *
 * @param direction the direction of the frame
 * @param origin who created it
 * @param type its type
 * @param fin whether it ends its message
 * @param time when it had arrived completely, or was first shown to a policy
 * @param policyNanos how long policies took in nanoseconds, including the wait for a
 * verdict that came later
 * @param length the length of its payload in bytes
 * @param maskKey the key that it was masked with, or {@code null} if it was not masked
 * @param outcome its outcome
 * @param policy the name of the policy that returned the verdict or created the frame, or
 * {@code null} if there is none
 * @param observed what observed policies would have done with it, which they did not do
 * @param payload the beginning of its payload, unmasked; shared, must not be written to
 */
@SuppressWarnings("ArrayRecordComponent")
public record TappedFrame(Direction direction, Origin origin, FrameType type, boolean fin, Instant time,
		long policyNanos, long length, @Nullable Integer maskKey, Outcome outcome, @Nullable String policy,
		List<ObservedVerdict> observed, byte[] payload) {

	public TappedFrame {
		observed = List.copyOf(observed);
	}

	/**
	 * Creates a frame that no observed policy would have treated differently.
	 * @param direction the direction of the frame
	 * @param origin who created it
	 * @param type its type
	 * @param fin whether it ends its message
	 * @param time when it had arrived completely, or was first shown to a policy
	 * @param policyNanos how long policies took in nanoseconds
	 * @param length the length of its payload in bytes
	 * @param maskKey the key that it was masked with, or {@code null}
	 * @param outcome its outcome
	 * @param policy the name of the policy that returned the verdict or created the
	 * frame, or {@code null}
	 * @param payload the beginning of its payload, unmasked
	 */
	public TappedFrame(Direction direction, Origin origin, FrameType type, boolean fin, Instant time, long policyNanos,
			long length, @Nullable Integer maskKey, Outcome outcome, @Nullable String policy, byte[] payload) {
		this(direction, origin, type, fin, time, policyNanos, length, maskKey, outcome, policy, List.of(), payload);
	}

	/**
	 * Who created a frame.
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
		 * The gateway, or the application through {@link ProxiedSession}.
		 */
		GATEWAY

	}

	/**
	 * The outcome of a frame.
	 */
	public enum Outcome {

		/**
		 * All policies that were shown it have forwarded it.
		 */
		FORWARD,

		/**
		 * A policy has replaced it.
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
		 * A policy has closed the session because of it.
		 */
		CLOSE,

		/**
		 * No policy was shown it, or the session ended before the verdict.
		 */
		NONE

	}

}
