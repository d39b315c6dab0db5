package dev.wspolicy.session;

import dev.wspolicy.frame.Direction;

/**
 * Is told how long policies take. Timing every call would cost more than most policies
 * do, so only some frames, picked at random, are timed. Called on the event loop of the
 * session: must not block or throw.
 */
public interface PolicyTimingListener {

	/**
	 * A policy has returned a verdict on a timed frame, or has failed.
	 * @param session the session
	 * @param direction the direction of the frame
	 * @param policy the name of the policy
	 * @param nanos how long it took in nanoseconds, including the wait for a verdict that
	 * came later
	 */
	void onTimed(ProxiedSession session, Direction direction, String policy, long nanos);

}
