package dev.wspolicy.autoconfigure;

import java.util.List;
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

/**
 * Warns of policies whose annotation names a route that is not there once the application
 * is ready. It may still come, so this is no error; but a misspelt name would let pass
 * unseen what the policy is there for.
 */
final class UnmatchedRoutes implements ApplicationListener<ApplicationReadyEvent> {

	private static final Log logger = LogFactory.getLog(UnmatchedRoutes.class);

	private final List<PolicyBinding> policies;

	private final ObjectProvider<RouteLocator> routes;

	/**
	 * A listener.
	 * @param policies those that are bound by their annotations
	 * @param routes asked when the application is ready
	 */
	UnmatchedRoutes(List<PolicyBinding> policies, ObjectProvider<RouteLocator> routes) {
		this.policies = policies.stream().filter((policy) -> !policy.routes().isEmpty()).toList();
		this.routes = routes;
	}

	@Override
	public void onApplicationEvent(ApplicationReadyEvent event) {
		if (!this.policies.isEmpty()) {
			this.routes.getObject()
				.getRoutes()
				.mapNotNull(Route::getId)
				.collect(Collectors.toUnmodifiableSet())
				.subscribe(this::check, (failure) -> logger.debug("The routes are not known", failure));
		}
	}

	private void check(Set<String> ids) {
		for (PolicyBinding policy : this.policies) {
			for (NamePattern route : policy.routes()) {
				if (ids.stream().noneMatch((id) -> NamePattern.admits(List.of(route), id))) {
					logger.warn("The policy '" + policy.name() + "' is bound to the route '" + route
							+ "', and there is none yet. " + NearestName.remedy(route.toString(), ids));
				}
			}
		}
	}

}
