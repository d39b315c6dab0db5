package dev.wspolicy.policy;

import dev.wspolicy.frame.Direction;
import dev.wspolicy.session.ProxiedSession;
import dev.wspolicy.session.UpgradeContext;

/**
 * The direction and session of a frame. There is one context per session and direction;
 * it can be kept while the session lives. Safe from any thread.
 */
public interface FrameContext {

	/**
	 * Returns the direction in which the frame travels.
	 * @return the direction
	 */
	Direction direction();

	/**
	 * Returns the session that the frame belongs to.
	 * @return the session
	 */
	ProxiedSession session();

	/**
	 * Returns the request that opened the session.
	 * @return the upgrade context, read-only
	 */
	default UpgradeContext upgrade() {
		return session().upgrade();
	}

	/**
	 * Returns the media type of the session's messages as its pipeline declares it.
	 * WebSocket frames do not carry one.
	 * @return the media type, {@code application/json} by default
	 */
	String contentType();

}
