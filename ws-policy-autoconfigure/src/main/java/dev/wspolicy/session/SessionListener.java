package dev.wspolicy.session;

import org.springframework.http.HttpStatusCode;

/**
 * Hears of the lives of sessions. Beans of this type are called in Spring's order, on the
 * event loop of the session: do not block. An exception is logged and goes no further.
 */
public interface SessionListener {

	/**
	 * Both legs stand, and no frame has been relayed yet.
	 * @param session the session
	 */
	default void onOpen(ProxiedSession session) {
	}

	/**
	 * A request for a session was answered with something other than 101, by this gateway
	 * or by the upstream.
	 * @param upgrade the request
	 * @param status the answer
	 */
	default void onUpgradeRefused(UpgradeContext upgrade, HttpStatusCode status) {
	}

	/**
	 * A peer was silent for the interval of the heartbeat, was pinged, and stayed silent.
	 * The session is about to be closed.
	 * @param session the session
	 * @param side the side that is silent
	 */
	default void onHeartbeatMissed(ProxiedSession session, Side side) {
	}

	/**
	 * A session is over: both sockets are closed. Called exactly once for each session
	 * that was opened.
	 * @param session the session
	 * @param termination how it ended
	 */
	default void onClose(ProxiedSession session, Termination termination) {
	}

}
