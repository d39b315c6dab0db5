package dev.wspolicy.autoconfigure;

import org.springframework.boot.actuate.autoconfigure.endpoint.condition.ConditionalOnAvailableEndpoint;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.context.ApplicationEventPublisher;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Import;

import dev.wspolicy.actuate.WebSocketRevocationsEndpoint;
import dev.wspolicy.fleet.Revocations;

/**
 * Auto-configuration for {@link WebSocketRevocationsEndpoint}.
 */
@AutoConfiguration(after = WsPolicyLocalFleetAutoConfiguration.class)
@ConditionalOnClass(ConditionalOnAvailableEndpoint.class)
@ConditionalOnAvailableEndpoint(WebSocketRevocationsEndpoint.class)
@ConditionalOnBean(Revocations.class)
@Import(EndpointConfiguration.class)
public final class WebSocketRevocationsEndpointAutoConfiguration {

	@Bean
	@ConditionalOnMissingBean
	WebSocketRevocationsEndpoint webSocketRevocationsEndpoint(Revocations revocations,
			ApplicationEventPublisher events) {
		return new WebSocketRevocationsEndpoint(revocations, events);
	}

}
