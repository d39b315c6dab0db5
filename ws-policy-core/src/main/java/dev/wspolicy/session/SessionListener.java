package dev.wspolicy.session;

import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatusCode;

/**
 * Is told when sessions open and end, on all routes. Beans of this type are called in
 * Spring's order, on the event loop of the session: they must not block. An exception is
 * logged, and the session goes on.
 */
public interface SessionListener {

	/**
	 * Both legs are connected, and no frame has been relayed yet.
	 * @param session the session
	 */
	default void onOpen(ProxiedSession session) {
	}

	/**
	 * The principal or the pipeline of a session has changed.
	 * @param session the session
	 */
	default void onChange(ProxiedSession session) {
	}

	/**
	 * An upgrade request is about to be answered with something other than 101: by a
	 * policy, the upstream, a filter of the route or the load balancer. Called once per
	 * request, even if a filter has retried it.
	 * @param upgrade the request
	 * @param status the status of the response
	 */
	default void onUpgradeRefused(UpgradeContext upgrade, HttpStatusCode status) {
	}

	/**
	 * An upgrade request is about to be answered with something other than 101, possibly
	 * by an upgrade policy. Listeners are called through this method; unless overridden,
	 * it calls the method without the policy.
	 * @param upgrade the request
	 * @param status the status of the response
	 * @param policy the configured name of the policy that refused the request or failed,
	 * or {@code null} if there is none
	 */
	default void onUpgradeRefused(UpgradeContext upgrade, HttpStatusCode status, @Nullable String policy) {
		onUpgradeRefused(upgrade, status);
	}

	/**
	 * An upgrade policy whose verdicts are observed would have refused an upgrade, or has
	 * failed. The upgrade goes on. May be called on any thread.
	 * @param upgrade the request
	 * @param policy the configured name of the policy
	 * @param status the status that the request would have been refused with, or
	 * {@code null} if the policy has failed
	 */
	default void onRefusalObserved(UpgradeContext upgrade, String policy, @Nullable HttpStatusCode status) {
	}

	/**
	 * A policy whose verdicts are observed would have done something other than forward a
	 * frame, or has failed. The frame is forwarded.
	 * @param session the session
	 * @param verdict what would have happened
	 */
	default void onVerdictObserved(ProxiedSession session, ObservedVerdict verdict) {
	}

	/**
	 * A peer was silent for the interval of the heartbeat, was pinged, and stayed silent.
	 * The session is about to be closed.
	 * @param session the session
	 * @param side the silent side
	 */
	default void onHeartbeatMissed(ProxiedSession session, Side side) {
	}

	/**
	 * A session has ended: both sockets are closed. Called exactly once for each session
	 * that was opened.
	 * @param session the session
	 * @param termination how it ended
	 */
	default void onClose(ProxiedSession session, Termination termination) {
	}

}
