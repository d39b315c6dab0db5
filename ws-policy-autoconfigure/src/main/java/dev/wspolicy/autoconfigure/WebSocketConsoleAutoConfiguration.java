package dev.wspolicy.autoconfigure;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.actuate.autoconfigure.endpoint.condition.ConditionalOnAvailableEndpoint;
import org.springframework.boot.actuate.autoconfigure.endpoint.expose.EndpointExposure;
import org.springframework.boot.actuate.endpoint.web.PathMappedEndpoints;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Import;
import org.springframework.util.function.SingletonSupplier;

import dev.wspolicy.actuate.ConsoleHeadersFilter;
import dev.wspolicy.actuate.WebSocketConsoleEndpoint;
import dev.wspolicy.session.SessionRegistry;

/**
 * Auto-configuration for {@link WebSocketConsoleEndpoint}.
 */
@AutoConfiguration(after = WsPolicyAutoConfiguration.class)
@ConditionalOnClass(ConditionalOnAvailableEndpoint.class)
@ConditionalOnAvailableEndpoint(endpoint = WebSocketConsoleEndpoint.class, exposure = EndpointExposure.WEB)
@ConditionalOnBean(SessionRegistry.class)
@Import(EndpointConfiguration.class)
public final class WebSocketConsoleAutoConfiguration {

	@Bean
	@ConditionalOnMissingBean
	WebSocketConsoleEndpoint webSocketConsoleEndpoint(ObjectProvider<PathMappedEndpoints> endpoints) {
		return new WebSocketConsoleEndpoint(SingletonSupplier.of(endpoints::getObject));
	}

	@Bean
	@ConditionalOnMissingBean
	ConsoleHeadersFilter webSocketConsoleHeadersFilter(ObjectProvider<PathMappedEndpoints> endpoints) {
		return new ConsoleHeadersFilter(SingletonSupplier.of(endpoints::getObject));
	}

}
