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
 * Closes the sessions of routes that have changed or vanished, where their pipeline says
 * so. Looks at the definitions of routes, since the routes themselves are new objects
 * each time.
 */
public class RouteChanges implements ApplicationListener<RefreshRoutesResultEvent> {

	private static final Log logger = LogFactory.getLog(RouteChanges.class);

	private static final CloseStatus CHANGED = CloseStatus.GOING_AWAY.withReason("route changed");

	private final RouteDefinitionLocator definitions;

	private final PipelineCatalog catalog;

	private final SessionRegistry sessions;

	/** How often the definitions have been asked for. */
	private final AtomicLong asked = new AtomicLong();

	/** Which of the answers is known: those that come after a later one are old. */
	private long answered;

	/**
	 * The definitions in words by the ids of their routes: definitions can be changed in
	 * place, words cannot.
	 */
	private @Nullable Map<String, String> known;

	/**
	 * A listener.
	 * @param definitions where routes are defined
	 * @param catalog the pipelines
	 * @param sessions the sessions that live
	 */
	public RouteChanges(RouteDefinitionLocator definitions, PipelineCatalog catalog, SessionRegistry sessions) {
		this.definitions = definitions;
		this.catalog = catalog;
		this.sessions = sessions;
	}

	@Override
	public void onApplicationEvent(RefreshRoutesResultEvent event) {
		if (event.isSuccess()) {
			long number = this.asked.incrementAndGet();
			this.definitions.getRouteDefinitions()
				.collectMap(RouteDefinition::getId, RouteDefinition::toString)
				.subscribe((now) -> closeSessions(changes(number, now)),
						(failure) -> logger.warn("Cannot tell which routes have changed", failure));
		}
	}

	/** The routes that are no longer what they were when this was last asked. */
	private synchronized Set<String> changes(long number, Map<String, String> now) {
		if (number < this.answered) {
			return Set.of();
		}
		Map<String, String> before = (this.known != null) ? this.known : now;
		this.answered = number;
		this.known = now;
		Set<String> changed = new HashSet<>();
		before.forEach((id, definition) -> {
			if (!definition.equals(now.get(id))) {
				changed.add(id);
			}
		});
		return changed;
	}

	private void closeSessions(Set<String> changed) {
		if (!changed.isEmpty()) {
			this.sessions.stream()
				.filter((session) -> changed.contains(session.upgrade().routeId()) && isToBeClosed(session))
				.forEach((session) -> session.close(CHANGED));
		}
	}

	private boolean isToBeClosed(ProxiedSession session) {
		return this.catalog.definition(session.pipeline()).onChange().closeOnRouteChange();
	}

}
