package dev.wspolicy.redis;

import java.time.Duration;
import java.util.concurrent.TimeUnit;

import io.lettuce.core.resource.Delay;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnWebApplication;
import org.springframework.boot.autoconfigure.condition.ConditionalOnWebApplication.Type;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.data.redis.autoconfigure.ClientResourcesBuilderCustomizer;
import org.springframework.boot.data.redis.autoconfigure.DataRedisAutoConfiguration;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Import;
import org.springframework.context.annotation.ImportRuntimeHints;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.data.redis.connection.ReactiveRedisConnectionFactory;

/**
 * Auto-configuration for gateways that act as one. Its beans take the place of those that
 * know this gateway alone.
 */
@AutoConfiguration(after = DataRedisAutoConfiguration.class,
		beforeName = { "dev.wspolicy.autoconfigure.WsPolicyAutoConfiguration",
				"dev.wspolicy.autoconfigure.WsPolicyPoliciesAutoConfiguration",
				"dev.wspolicy.autoconfigure.WebSocketsEndpointAutoConfiguration" })
@ConditionalOnWebApplication(type = Type.REACTIVE)
@ConditionalOnBooleanProperty(name = { "ws-policy.enabled", "ws-policy.fleet.enabled" }, matchIfMissing = true)
@ConditionalOnBean(ReactiveRedisConnectionFactory.class)
@EnableConfigurationProperties(FleetProperties.class)
@ImportRuntimeHints(FleetRuntimeHints.class)
@Import({ FleetDirectoryConfiguration.class, FleetLimitsConfiguration.class })
final class WsPolicyFleetAutoConfiguration {

	private static final Duration MAX_RECONNECT_DELAY = Duration.ofSeconds(5);

	/**
	 * Lettuce would wait up to 30 seconds before it connects to a Redis that is back.
	 * Customizers of the application come later.
	 */
	@Bean
	@Order(Ordered.HIGHEST_PRECEDENCE)
	ClientResourcesBuilderCustomizer wsPolicyFleetReconnectDelay() {
		return (resources) -> resources
			.reconnectDelay(Delay.exponential(Duration.ofMillis(1), MAX_RECONNECT_DELAY, 2, TimeUnit.MILLISECONDS));
	}

	@Bean
	FleetConnection wsPolicyFleetConnection(ReactiveRedisConnectionFactory connections) {
		return new FleetConnection(connections);
	}

	@Bean
	FleetCircuits wsPolicyFleetCircuits(FleetProperties properties, FleetConnection connection) {
		return new FleetCircuits(properties.timeout(), connection);
	}

}
