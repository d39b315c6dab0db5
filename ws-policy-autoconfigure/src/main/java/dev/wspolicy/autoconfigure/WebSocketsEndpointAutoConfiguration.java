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

import dev.wspolicy.actuate.WebSocketsEndpoint;
import dev.wspolicy.actuate.WebSocketsEndpointWebExtension;
import dev.wspolicy.session.Drain;
import dev.wspolicy.session.SessionRegistry;

/**
 * Auto-configuration for the actuator's endpoint of live sessions.
 */
@AutoConfiguration(after = WsPolicyAutoConfiguration.class)
@ConditionalOnClass(ConditionalOnAvailableEndpoint.class)
@ConditionalOnAvailableEndpoint(WebSocketsEndpoint.class)
@ConditionalOnBean(SessionRegistry.class)
@EnableConfigurationProperties(WebSocketsEndpointProperties.class)
public final class WebSocketsEndpointAutoConfiguration {

	@Bean
	@ConditionalOnMissingBean
	WebSocketsEndpoint webSocketsEndpoint(SessionRegistry registry, ObjectProvider<Drain> drain,
			WebSocketsEndpointProperties properties, ObjectProvider<SanitizingFunction> sanitizingFunctions,
			ApplicationEventPublisher events) {
		return new WebSocketsEndpoint(registry, drain.getIfAvailable(), sanitizingFunctions.orderedStream().toList(),
				properties.getShowValues(), events);
	}

	@Bean
	@ConditionalOnMissingBean
	@ConditionalOnBean(WebSocketsEndpoint.class)
	@ConditionalOnAvailableEndpoint(exposure = EndpointExposure.WEB)
	WebSocketsEndpointWebExtension webSocketsEndpointWebExtension(WebSocketsEndpoint endpoint,
			WebSocketsEndpointProperties properties) {
		return new WebSocketsEndpointWebExtension(endpoint, properties.getShowValues(), properties.getRoles());
	}

}
