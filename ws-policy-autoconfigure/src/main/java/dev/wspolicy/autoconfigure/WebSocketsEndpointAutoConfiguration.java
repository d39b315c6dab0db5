package dev.wspolicy.autoconfigure;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.actuate.autoconfigure.endpoint.condition.ConditionalOnAvailableEndpoint;
import org.springframework.boot.actuate.autoconfigure.endpoint.expose.EndpointExposure;
import org.springframework.boot.actuate.endpoint.SanitizingFunction;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.ApplicationEventPublisher;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Import;

import dev.wspolicy.actuate.FleetOperations;
import dev.wspolicy.actuate.KnownSubprotocols;
import dev.wspolicy.actuate.RecentEndings;
import dev.wspolicy.actuate.WebSocketsEndpoint;
import dev.wspolicy.actuate.WebSocketsEndpointWebExtension;
import dev.wspolicy.fleet.Fleet;
import dev.wspolicy.session.Drain;
import dev.wspolicy.session.SessionRegistry;

/**
 * Auto-configuration for {@link WebSocketsEndpoint}.
 */
@AutoConfiguration(after = { WsPolicyAutoConfiguration.class, WsPolicyLocalFleetAutoConfiguration.class })
@ConditionalOnClass(ConditionalOnAvailableEndpoint.class)
@ConditionalOnAvailableEndpoint(WebSocketsEndpoint.class)
@ConditionalOnBean(SessionRegistry.class)
@EnableConfigurationProperties(WebSocketsEndpointProperties.class)
@Import(EndpointConfiguration.class)
public final class WebSocketsEndpointAutoConfiguration {

	@Bean
	@ConditionalOnMissingBean
	RecentEndings wsPolicyRecentEndings() {
		return new RecentEndings();
	}

	@Bean
	@ConditionalOnMissingBean
	KnownSubprotocols wsPolicyKnownSubprotocols(WebSocketsEndpointProperties properties) {
		return new KnownSubprotocols(properties.getSubprotocols());
	}

	@Bean
	@ConditionalOnMissingBean
	WebSocketsEndpoint webSocketsEndpoint(SessionRegistry registry, ObjectProvider<Drain> drain, RecentEndings recent,
			WebSocketsEndpointProperties properties, ObjectProvider<SanitizingFunction> sanitizingFunctions,
			ApplicationEventPublisher events) {
		return new WebSocketsEndpoint(registry, drain.getIfAvailable(), recent,
				sanitizingFunctions.orderedStream().toList(), properties.getShowValues(), properties.getSubprotocols(),
				events);
	}

	@Bean
	@ConditionalOnMissingBean
	@ConditionalOnBean(WebSocketsEndpoint.class)
	@ConditionalOnAvailableEndpoint(exposure = EndpointExposure.WEB)
	WebSocketsEndpointWebExtension webSocketsEndpointWebExtension(WebSocketsEndpoint endpoint, Fleet fleet,
			WebSocketsEndpointProperties properties, ApplicationEventPublisher events, WsPolicyProperties gateway) {
		boolean byDefault = gateway.getFleet().isEndpointDefault();
		return new WebSocketsEndpointWebExtension(endpoint, new FleetOperations(fleet, byDefault, events),
				properties.getShowValues(), properties.getRoles());
	}

}
