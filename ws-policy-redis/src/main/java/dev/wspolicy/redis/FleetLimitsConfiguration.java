package dev.wspolicy.redis;

import java.time.Duration;

import io.github.bucket4j.TimeMeter;
import io.github.bucket4j.distributed.ExpirationAfterWriteStrategy;
import io.github.bucket4j.distributed.proxy.AsyncProxyManager;
import io.github.bucket4j.redis.lettuce.Bucket4jLettuce.LettuceBasedProxyManagerBuilder;
import io.github.bucket4j.redis.lettuce.RedisApi;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.data.redis.connection.ReactiveRedisConnectionFactory;

import dev.wspolicy.fleet.RateStore;
import dev.wspolicy.fleet.SessionPlaces;

/**
 * What gateways that act as one count together.
 */
@Configuration(proxyBeanMethods = false)
class FleetLimitsConfiguration {

	@Bean
	@ConditionalOnMissingBean(SessionPlaces.class)
	RedisSessionPlaces wsPolicyFleetSessionPlaces(ReactiveRedisConnectionFactory connections, FleetCircuits circuits,
			FleetProperties properties) {
		return new RedisSessionPlaces(connections, circuits.of(FleetUse.PLACES), properties);
	}

	@Configuration(proxyBeanMethods = false)
	@ConditionalOnClass({ AsyncProxyManager.class, RedisApi.class })
	static class RatesConfiguration {

		/**
		 * Not for injection by type: Gateway would take it for the store of its own rate
		 * limiter.
		 */
		@Bean(defaultCandidate = false)
		@ConditionalOnMissingBean
		AsyncProxyManager<String> wsPolicyFleetBuckets(ReactiveRedisConnectionFactory connections,
				FleetProperties properties, FleetConnection connection) {
			return new LettuceBasedProxyManagerBuilder<>(
					new ReactiveRedisApi<String>(connections, connection, properties.timeout()))
				.expirationAfterWrite(
						ExpirationAfterWriteStrategy.basedOnTimeForRefillingBucketUpToMax(Duration.ofSeconds(10)))
				.clientClock(new Meter(connection.clock()))
				.build()
				.asAsync();
		}

		@Bean
		@ConditionalOnMissingBean
		RateStore.Factory wsPolicyFleetRateStores(ObjectProvider<AsyncProxyManager<String>> others,
				@Qualifier("wsPolicyFleetBuckets") ObjectProvider<AsyncProxyManager<String>> own,
				FleetCircuits circuits, FleetProperties properties) {
			AsyncProxyManager<String> buckets = others.getIfAvailable(own::getObject);
			FleetCircuit circuit = circuits.of(FleetUse.RATES);
			return (name, rates) -> new RedisRateStore(buckets, circuit, properties, name, rates);
		}

		/**
		 * What Bucket4j measures time with. Otherwise each gateway would use its own
		 * clock.
		 *
		 * @param clock the clock of Redis
		 */
		private record Meter(FleetClock clock) implements TimeMeter {

			@Override
			public long currentTimeNanos() {
				return this.clock.nanos();
			}

			@Override
			public boolean isWallClockBased() {
				return true;
			}

		}

	}

}
