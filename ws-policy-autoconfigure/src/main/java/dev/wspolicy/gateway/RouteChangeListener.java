package dev.wspolicy.gateway;

import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;

import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;
import org.springframework.cloud.gateway.event.RefreshRoutesResultEvent;
import org.springframework.cloud.gateway.route.RouteDefinition;
import org.springframework.cloud.gateway.route.RouteDefinitionLocator;
import org.springframework.context.ApplicationListener;

import dev.wspolicy.frame.CloseStatus;
import dev.wspolicy.pipeline.PipelineCatalog;
import dev.wspolicy.session.ProxiedSession;
import dev.wspolicy.session.SessionRegistry;

/**
 * Closes the sessions of routes that have been changed or removed, if their pipeline is
 * configured to do so. Compares route definitions, because each refresh creates new
 * {@code Route} objects.
 */
public class RouteChangeListener implements ApplicationListener<RefreshRoutesResultEvent> {

	private static final Log logger = LogFactory.getLog(RouteChangeListener.class);

	private static final CloseStatus CHANGED = CloseStatus.GOING_AWAY.withReason("route changed");

	private final RouteDefinitionLocator definitions;

	private final PipelineCatalog catalog;

	private final SessionRegistry sessions;

	/** The number of requests for the route definitions. */
	private final AtomicLong requests = new AtomicLong();

	/**
	 * The number of the request that {@link #known} results from. Older results are
	 * ignored.
	 */
	private long latest;

	/**
	 * Route definitions as text, by route id. Definitions are mutable, so the objects
	 * themselves cannot be compared.
	 */
	private @Nullable Map<String, String> known;

	private volatile RouteChange latestChange = RouteChange.none();

	/**
	 * Creates a listener that compares route definitions.
	 * @param definitions the locator of the route definitions
	 * @param catalog the pipelines
	 * @param sessions the live sessions
	 */
	public RouteChangeListener(RouteDefinitionLocator definitions, PipelineCatalog catalog, SessionRegistry sessions) {
		this.definitions = definitions;
		this.catalog = catalog;
		this.sessions = sessions;
	}

	@Override
	public void onApplicationEvent(RefreshRoutesResultEvent event) {
		if (event.isSuccess()) {
			long number = this.requests.incrementAndGet();
			this.definitions.getRouteDefinitions()
				.collectMap(RouteDefinition::getId, RouteDefinition::toString)
				.subscribe((now) -> closeSessions(changes(number, now)),
						(failure) -> logger.warn("Cannot determine which routes have changed", failure));
		}
	}

	/** Return the latest change, for a request that matches the routes now. */
	RouteChange latestChange() {
		return this.latestChange;
	}

	/**
	 * Close a session that has just been registered if its route has changed since the
	 * request arrived. That change has not found the session.
	 */
	void onRegistered(ProxiedSession session, RouteChange arrival) {
		if (arrival.isFollowedByChangeOf(session.upgrade().routeId()) && closesOnRouteChange(session)) {
			session.close(CHANGED);
		}
	}

	/** Return the ids of the routes that differ from the previous result. */
	private synchronized Set<String> changes(long number, Map<String, String> now) {
		if (number < this.latest) {
			return Set.of();
		}
		Map<String, String> before = (this.known != null) ? this.known : now;
		this.latest = number;
		this.known = now;
		Set<String> changed = new HashSet<>();
		before.forEach((id, definition) -> {
			if (!definition.equals(now.get(id))) {
				changed.add(id);
			}
		});
		if (!changed.isEmpty()) {
			// Before the live sessions are closed, so that a session that is not among
			// them finds the change.
			this.latestChange = this.latestChange.append(changed);
		}
		return changed;
	}

	private void closeSessions(Set<String> changed) {
		if (!changed.isEmpty()) {
			this.sessions.stream()
				.filter((session) -> changed.contains(session.upgrade().routeId()) && closesOnRouteChange(session))
				.forEach((session) -> session.close(CHANGED));
		}
	}

	private boolean closesOnRouteChange(ProxiedSession session) {
		return this.catalog.definition(session.pipeline()).reload().closeOnRouteChange();
	}

}
