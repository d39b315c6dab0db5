package dev.wspolicy.policy;

import dev.wspolicy.frame.Direction;
import dev.wspolicy.session.ProxiedSession;
import dev.wspolicy.session.UpgradeContext;

/**
 * Where a frame travels. There is one per session and direction; it may be kept as long
 * as the session lives.
 */
public interface FrameContext {

	/**
	 * The direction in which the frame travels.
	 * @return the direction
	 */
	Direction direction();

	/**
	 * The session that the frame belongs to.
	 * @return the session
	 */
	ProxiedSession session();

	/**
	 * The request that opened the session.
	 * @return the upgrade context, read-only
	 */
	default UpgradeContext upgrade() {
		return session().upgrade();
	}

	/**
	 * The media type of the session's messages, as its pipeline declares it; no WebSocket
	 * frame carries one.
	 * @return the media type, {@code application/json} by default
	 */
	String contentType();

}
