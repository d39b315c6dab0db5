package dev.wspolicy.session;

import dev.wspolicy.frame.Direction;

/**
 * Is told how long policies take to judge. To take the time of each would cost more than
 * most of them do, so it is taken of some frames only, picked at random. Called on the
 * event loop of the session, and where a verdict comes later, on the thread that gives
 * it: do not block, and do not throw.
 */
public interface PolicyTimer {

	/**
	 * A policy has judged a frame of those that were picked, or has failed to.
	 * @param session the session
	 * @param direction where the frame travels
	 * @param policy the name of the policy
	 * @param nanos how long it took, with the wait for a verdict that comes later
	 */
	void onJudged(ProxiedSession session, Direction direction, String policy, long nanos);

}
