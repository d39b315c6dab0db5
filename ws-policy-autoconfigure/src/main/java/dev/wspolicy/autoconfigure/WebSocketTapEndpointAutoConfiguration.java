package dev.wspolicy.autoconfigure;

import java.util.List;

import io.micrometer.core.instrument.binder.MeterBinder;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.actuate.autoconfigure.endpoint.condition.ConditionalOnAvailableEndpoint;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.ApplicationEventPublisher;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import tools.jackson.databind.json.JsonMapper;

import dev.wspolicy.actuate.FrameTaps;
import dev.wspolicy.actuate.KnownSubprotocols;
import dev.wspolicy.actuate.WebSocketTapEndpoint;
import dev.wspolicy.observation.TapMeters;
import dev.wspolicy.session.SessionRegistry;

/**
 * Auto-configuration for {@link WebSocketTapEndpoint}.
 */
@AutoConfiguration(after = WsPolicyAutoConfiguration.class)
@ConditionalOnClass({ ConditionalOnAvailableEndpoint.class, JsonMapper.class })
@ConditionalOnAvailableEndpoint(WebSocketTapEndpoint.class)
@ConditionalOnBean(SessionRegistry.class)
@EnableConfigurationProperties(WebSocketTapEndpointProperties.class)
@Import(EndpointConfiguration.class)
public final class WebSocketTapEndpointAutoConfiguration {

	@Bean
	@ConditionalOnMissingBean
	FrameTaps wsPolicyFrameTaps(SessionRegistry registry) {
		return new FrameTaps(registry);
	}

	@Bean
	@ConditionalOnMissingBean
	WebSocketTapEndpoint webSocketTapEndpoint(SessionRegistry registry, FrameTaps taps,
			WebSocketTapEndpointProperties properties, ObjectProvider<KnownSubprotocols> subprotocols,
			ApplicationEventPublisher events) {
		return new WebSocketTapEndpoint(registry, taps, properties.toSettings(),
				subprotocols.getIfAvailable(() -> new KnownSubprotocols(List.of())), events);
	}

	@Configuration(proxyBeanMethods = false)
	@ConditionalOnClass(MeterBinder.class)
	static class MetersConfiguration {

		@Bean
		@ConditionalOnMissingBean
		TapMeters wsPolicyTapMeters(FrameTaps taps) {
			return new TapMeters(taps::running, taps::recorded, taps::dropped);
		}

	}

}
