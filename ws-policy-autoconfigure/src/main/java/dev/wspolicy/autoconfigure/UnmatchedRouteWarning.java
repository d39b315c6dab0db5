package dev.wspolicy.autoconfigure;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.context.event.ApplicationReadyEvent;
import org.springframework.cloud.gateway.route.Route;
import org.springframework.cloud.gateway.route.RouteLocator;
import org.springframework.context.ApplicationListener;

import dev.wspolicy.pipeline.NamePattern;
import dev.wspolicy.pipeline.PolicyBinding;
import dev.wspolicy.pipeline.UpgradeBinding;

/**
 * Logs a warning when the application is ready for each policy that is bound to a route
 * that does not exist. This is not an error, because the route may be added later. But if
 * the name is misspelled, the policy protects nothing.
 */
final class UnmatchedRouteWarning implements ApplicationListener<ApplicationReadyEvent> {

	private static final Log logger = LogFactory.getLog(UnmatchedRouteWarning.class);

	/** Route patterns by the name of the policy. */
	private final Map<String, List<NamePattern>> policies = new LinkedHashMap<>();

	private final ObjectProvider<RouteLocator> routes;

	/**
	 * Creates a listener.
	 * @param policies the annotated frame policies
	 * @param upgradePolicies the annotated upgrade policies
	 * @param routes the routes, looked up when the application is ready
	 */
	UnmatchedRouteWarning(List<PolicyBinding> policies, List<UpgradeBinding> upgradePolicies,
			ObjectProvider<RouteLocator> routes) {
		policies.forEach((policy) -> add(policy.name(), policy.routes()));
		upgradePolicies.forEach((policy) -> add(policy.name(), policy.routes()));
		this.routes = routes;
	}

	private void add(String name, List<NamePattern> routes) {
		if (!routes.isEmpty()) {
			this.policies.put(name, routes);
		}
	}

	@Override
	public void onApplicationEvent(ApplicationReadyEvent event) {
		if (!this.policies.isEmpty()) {
			this.routes.getObject()
				.getRoutes()
				.mapNotNull(Route::getId)
				.collect(Collectors.toUnmodifiableSet())
				.subscribe(this::check, (failure) -> logger.debug("Cannot determine the routes", failure));
		}
	}

	private void check(Set<String> ids) {
		this.policies.forEach((name, patterns) -> {
			for (NamePattern route : patterns) {
				if (ids.stream().noneMatch((id) -> NamePattern.admits(List.of(route), id))) {
					logger.warn("The policy '" + name + "' is bound to the route '" + route
							+ "', which does not exist yet. " + NameSuggestion.remedy(route.toString(), ids));
				}
			}
		});
	}

}
