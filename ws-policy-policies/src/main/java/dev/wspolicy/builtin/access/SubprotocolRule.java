package dev.wspolicy.builtin.access;

import java.util.Set;

import org.jspecify.annotations.Nullable;

import dev.wspolicy.policy.FrameContext;

/**
 * Determines which sessions a policy applies to.
 *
 * @param subprotocols the subprotocols that the policy understands
 * @param others how to treat sessions with another subprotocol
 */
record SubprotocolRule(Set<String> subprotocols, Others others) {

	/**
	 * Returns whether the policy applies to a session.
	 * @param context the context of a frame
	 * @return {@code false} if messages are forwarded without a check
	 */
	boolean appliesTo(FrameContext context) {
		return this.others == Others.JUDGE || knows(context.upgrade().subprotocol());
	}

	private boolean knows(@Nullable String subprotocol) {
		return subprotocol != null && this.subprotocols.contains(subprotocol);
	}

	/**
	 * How to treat sessions with another subprotocol, or with none.
	 */
	enum Others {

		/**
		 * Apply the policy as if they used a known subprotocol, which refuses unknown
		 * messages.
		 */
		JUDGE,

		/**
		 * Forward their messages.
		 */
		FORWARD

	}

}
