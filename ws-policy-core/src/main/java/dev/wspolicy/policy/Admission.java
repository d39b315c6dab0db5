package dev.wspolicy.policy;

import dev.wspolicy.session.ProxiedSession;

/**
 * Follows an upgrade that a policy has accepted, to release what the policy has reserved
 * for it. The calls come one after the other, in the order of the methods. They must not
 * block, and what they throw is logged.
 */
@FunctionalInterface
public interface Admission {

	/**
	 * Called when the session has opened, before any policy is shown a frame. Not called
	 * if the upgrade leads to no session. Runs on the event loop of the session.
	 * @param session the session
	 */
	default void onOpen(ProxiedSession session) {
	}

	/**
	 * Called after a policy has set {@link ProxiedSession#principal() the principal} of
	 * the session, each time that one does. Runs on the event loop of the session.
	 * @param session the session
	 */
	default void onPrincipal(ProxiedSession session) {
	}

	/**
	 * Called exactly once, on any thread: when the session has ended, or when it is
	 * certain that the upgrade leads to none.
	 */
	void onEnd();

}
