package dev.wspolicy.autoconfigure;

import java.util.Map;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.actuate.autoconfigure.endpoint.condition.ConditionalOnAvailableEndpoint;
import org.springframework.boot.actuate.autoconfigure.endpoint.expose.EndpointExposure;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.cloud.gateway.route.RouteLocator;
import org.springframework.context.ApplicationEventPublisher;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Import;
import reactor.core.publisher.Mono;

import dev.wspolicy.actuate.WebSocketPipelinesEndpoint;
import dev.wspolicy.actuate.WebSocketPipelinesEndpointWebExtension;
import dev.wspolicy.fleet.Fleet;
import dev.wspolicy.gateway.RoutePipelines;
import dev.wspolicy.pipeline.PipelineCatalog;
import dev.wspolicy.rollout.PolicySwitch;
import dev.wspolicy.session.SessionRegistry;

/**
 * Auto-configuration for {@link WebSocketPipelinesEndpoint}.
 */
@AutoConfiguration(after = { WsPolicyAutoConfiguration.class, WsPolicyLocalFleetAutoConfiguration.class })
@ConditionalOnClass(ConditionalOnAvailableEndpoint.class)
@ConditionalOnAvailableEndpoint(WebSocketPipelinesEndpoint.class)
@ConditionalOnBean(PipelineCatalog.class)
@Import(EndpointConfiguration.class)
public final class WebSocketPipelinesEndpointAutoConfiguration {

	@Bean
	@ConditionalOnMissingBean
	WebSocketPipelinesEndpoint webSocketPipelinesEndpoint(ObjectProvider<RouteLocator> routes, PipelineCatalog catalog,
			SessionRegistry sessions) {
		return new WebSocketPipelinesEndpoint(byRoute(routes), catalog, sessions);
	}

	/**
	 * The routes are looked up late, because they may depend on beans that have not been
	 * created yet.
	 */
	private static Mono<Map<String, String>> byRoute(ObjectProvider<RouteLocator> routes) {
		return Mono.defer(() -> new RoutePipelines(routes.getObject()).byRoute());
	}

	@Bean
	@ConditionalOnMissingBean
	@ConditionalOnBean(WebSocketPipelinesEndpoint.class)
	@ConditionalOnAvailableEndpoint(exposure = EndpointExposure.WEB)
	WebSocketPipelinesEndpointWebExtension webSocketPipelinesEndpointWebExtension(WebSocketPipelinesEndpoint endpoint,
			ObjectProvider<RouteLocator> routes, PolicySwitch policies, Fleet fleet, ApplicationEventPublisher events,
			WsPolicyProperties gateway) {
		return new WebSocketPipelinesEndpointWebExtension(endpoint, byRoute(routes), policies, fleet,
				gateway.getFleet().isEndpointDefault(), events);
	}

}
