package dev.wspolicy.policies;

import java.util.Set;

import org.jspecify.annotations.Nullable;

import dev.wspolicy.policy.FrameContext;

/**
 * Which sessions a policy understands, and what becomes of the others.
 *
 * @param subprotocols what the policy understands
 * @param others what becomes of sessions that speak something else
 */
public record SubprotocolRule(Set<String> subprotocols, Others others) {

	/**
	 * Whether a session is to be judged.
	 * @param context where a frame travels
	 * @return {@code false} if its messages pass unseen
	 */
	public boolean judges(FrameContext context) {
		return this.others == Others.JUDGE || knows(context.upgrade().subprotocol());
	}

	private boolean knows(@Nullable String subprotocol) {
		return subprotocol != null && this.subprotocols.contains(subprotocol);
	}

	/**
	 * What becomes of sessions that speak another subprotocol, or none.
	 */
	public enum Others {

		/**
		 * They are judged as if they spoke this one: what it does not know is refused.
		 */
		JUDGE,

		/**
		 * Their messages pass.
		 */
		FORWARD

	}

}
