package dev.wspolicy.redis;

import java.time.Duration;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.health.autoconfigure.contributor.ConditionalOnEnabledHealthIndicator;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.data.redis.connection.ReactiveRedisConnectionFactory;
import org.springframework.data.redis.connection.lettuce.LettuceConnectionFactory;

import dev.wspolicy.fleet.GatewayName;
import dev.wspolicy.fleet.LocalGateway;
import dev.wspolicy.fleet.RevocationList;
import dev.wspolicy.rollout.PolicySwitch;

/**
 * Configuration of the directory, the commands and the revocations.
 */
@Configuration(proxyBeanMethods = false)
class FleetDirectoryConfiguration {

	private static final Duration BLOCK = Duration.ofSeconds(1);

	@Bean
	@ConditionalOnMissingBean
	GatewayName wsPolicyGatewayName(FleetProperties properties) {
		return GatewayName.of(properties.gateway());
	}

	@Bean
	FleetThreads wsPolicyFleetThreads() {
		return new FleetThreads();
	}

	@Bean
	@ConditionalOnMissingBean
	FleetTimeouts wsPolicyFleetTimeouts() {
		return FleetTimeouts.DEFAULT;
	}

	@Bean
	FleetStore wsPolicyFleetStore(ReactiveRedisConnectionFactory connections, FleetCircuits circuits,
			FleetProperties properties, FleetTimeouts timeouts) {
		return new FleetStore(connections, circuits.of(FleetUse.DIRECTORY), new FleetKeys(properties.keyPrefix()),
				timeouts);
	}

	@Bean
	DirectoryWriter wsPolicyDirectoryWriter(LocalGateway gateway, FleetStore store, FleetProperties properties,
			FleetThreads threads) {
		return new DirectoryWriter(gateway, store, properties.lease(), threads.directory());
	}

	@Bean
	RedisSessionDirectory wsPolicySessionDirectory(LocalGateway gateway, FleetStore store) {
		return new RedisSessionDirectory(gateway, store);
	}

	@Bean
	RedisFleetCommands wsPolicyFleetCommands(LocalGateway gateway, FleetStore store, FleetThreads threads,
			ReactiveRedisConnectionFactory connections) {
		return new RedisFleetCommands(gateway, store, threads.commands(), block(connections));
	}

	/** A read must return before Lettuce regards it as late. */
	private static Duration block(ReactiveRedisConnectionFactory connections) {
		Duration timeout = (connections instanceof LettuceConnectionFactory lettuce)
				? lettuce.getClientConfiguration().getCommandTimeout().dividedBy(2) : BLOCK;
		return (timeout.compareTo(BLOCK) < 0 && timeout.toMillis() > 0) ? timeout : BLOCK;
	}

	@Bean
	RedisRevocations wsPolicyRevocations(RevocationList list, RedisFleetCommands commands, FleetStore store,
			FleetCircuits circuits) {
		RedisRevocations revocations = new RedisRevocations(list, commands, store);
		circuits.of(FleetUse.DIRECTORY).onRecovery(revocations::invalidate);
		return revocations;
	}

	@Bean
	RedisOverrides wsPolicyFleetOverrides(FleetStore store, ObjectProvider<PolicySwitch> policies,
			FleetProperties properties) {
		return new RedisOverrides(store, policies::getIfAvailable, properties.lease());
	}

	@Bean
	FleetMembership wsPolicyFleetMembership(LocalGateway gateway, FleetStore store, DirectoryWriter writer,
			RedisFleetCommands commands, RedisRevocations revocations, RedisOverrides overrides, FleetThreads threads,
			FleetProperties properties) {
		return new FleetMembership(gateway, store, writer, commands, revocations, overrides, threads.directory(),
				properties.lease());
	}

	@Configuration(proxyBeanMethods = false)
	@ConditionalOnClass({ HealthIndicator.class, ConditionalOnEnabledHealthIndicator.class })
	static class HealthConfiguration {

		@Bean
		@ConditionalOnEnabledHealthIndicator("ws-policy-fleet")
		@ConditionalOnMissingBean(name = "wsPolicyFleetHealthIndicator")
		FleetHealthIndicator wsPolicyFleetHealthIndicator(LocalGateway gateway, FleetStore store,
				FleetCircuits circuits, FleetMembership membership) {
			return new FleetHealthIndicator(gateway, store, circuits, membership);
		}

	}

	@Configuration(proxyBeanMethods = false)
	@ConditionalOnClass({ MeterRegistry.class, MeterBinder.class })
	static class MetersConfiguration {

		@Bean
		@ConditionalOnMissingBean
		FleetMeters wsPolicyFleetMeters(FleetStore store, FleetCircuits circuits, FleetMembership membership,
				DirectoryWriter writer, RedisFleetCommands commands) {
			return new FleetMeters(store, circuits, membership, writer, commands);
		}

	}

}
