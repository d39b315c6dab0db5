package dev.wspolicy.redis;

import io.github.bucket4j.distributed.proxy.AsyncProxyManager;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.mockito.Mockito;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.data.redis.autoconfigure.DataRedisAutoConfiguration;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.ReactiveWebApplicationContextRunner;
import org.springframework.cloud.gateway.filter.ratelimit.Bucket4jRateLimiter;
import org.springframework.cloud.gateway.filter.ratelimit.RateLimiter;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

import dev.wspolicy.autoconfigure.WsPolicyLocalFleetAutoConfiguration;
import dev.wspolicy.autoconfigure.WsPolicyPoliciesAutoConfiguration;
import dev.wspolicy.autoconfigure.WsPolicyProperties;
import dev.wspolicy.fleet.LocalSessionPlaces;
import dev.wspolicy.fleet.RateStore;
import dev.wspolicy.fleet.SessionPlaces;
import dev.wspolicy.session.SessionRegistry;
import dev.wspolicy.session.TestRegistry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * When gateways count together, and what an application may replace.
 */
class FleetLimitsConfigurationTests {

	private static final RedisProcess redis = RedisProcess.start();

	private final ReactiveWebApplicationContextRunner runner = new ReactiveWebApplicationContextRunner()
		.withConfiguration(AutoConfigurations.of(DataRedisAutoConfiguration.class, WsPolicyFleetAutoConfiguration.class,
				WsPolicyPoliciesAutoConfiguration.class, WsPolicyLocalFleetAutoConfiguration.class))
		.withBean(WsPolicyProperties.class)
		.withBean(SessionRegistry.class, () -> new TestRegistry())
		.withPropertyValues("spring.data.redis.port=" + redis.port(), "ws-policy.fleet.timeout=20s");

	@AfterAll
	static void stopRedis() {
		redis.close();
	}

	@Test
	void countsTogether() {
		this.runner.run((context) -> {
			assertThat(context).hasNotFailed();
			assertThat(context.getBeanProvider(SessionPlaces.class).getIfAvailable())
				.isInstanceOf(RedisSessionPlaces.class);
			assertThat(context).hasSingleBean(LocalSessionPlaces.class).hasSingleBean(RateStore.Factory.class);
			await().until(context.getBean(FleetCircuits.class)::areClosed);
		});
	}

	@Test
	void fleetIsDisabled() {
		this.runner.withPropertyValues("ws-policy.fleet.enabled=false").run((context) -> {
			assertThat(context).hasNotFailed().doesNotHaveBean(RateStore.Factory.class);
			assertThat(context).hasSingleBean(SessionPlaces.class).hasBean("wsPolicySessionLimitFactory");
		});
	}

	@Test
	void otherPlacesAndStoresAreUsed() {
		this.runner.withUserConfiguration(Others.class).run((context) -> {
			assertThat(context).hasNotFailed().doesNotHaveBean(RedisSessionPlaces.class);
			assertThat(context.getBeanProvider(SessionPlaces.class).getIfAvailable())
				.isSameAs(context.getBean("others"));
			assertThat(context.getBean(RateStore.Factory.class)).isSameAs(context.getBean("otherRates"));
		});
	}

	@Test
	void bucketsOfTheApplicationAreUsed() {
		this.runner.withUserConfiguration(OwnBuckets.class)
			.run((context) -> assertThat(context).hasNotFailed()
				.hasSingleBean(RateStore.Factory.class)
				.doesNotHaveBean("wsPolicyFleetBuckets"));
	}

	@Test
	void otherBucketsOfTheApplicationAreNotUsed() {
		this.runner.withUserConfiguration(OtherBuckets.class)
			.run((context) -> assertThat(context).hasNotFailed()
				.hasSingleBean(RateStore.Factory.class)
				.hasBean("wsPolicyFleetBuckets"));
	}

	@Test
	void rateLimiterOfGatewayIsNotAffected() {
		try (ConfigurableApplicationContext context = new SpringApplicationBuilder(GatewayProcess.Application.class)
			.web(WebApplicationType.REACTIVE)
			.run("--server.port=0", "--spring.data.redis.port=" + redis.port(), "--spring.main.banner-mode=off")) {
			assertThat(context.getBeanProvider(SessionPlaces.class).getObject()).isInstanceOf(RedisSessionPlaces.class);
			assertThat(context.containsBean("wsPolicyFleetBuckets")).isTrue();
			assertThat(context.getBeanProvider(RateLimiter.class).stream().toList())
				.noneMatch(Bucket4jRateLimiter.class::isInstance);
		}
	}

	@Test
	void bucket4jIsOptional() {
		this.runner.withClassLoader(new FilteredClassLoader("io.github.bucket4j"))
			.run((context) -> assertThat(context).hasNotFailed()
				.hasSingleBean(RedisSessionPlaces.class)
				.doesNotHaveBean(RateStore.Factory.class));
	}

	@Test
	void actuatorIsOptional() {
		this.runner
			.withClassLoader(new FilteredClassLoader("org.springframework.boot.actuate",
					"org.springframework.boot.health", "io.micrometer.core"))
			.run((context) -> assertThat(context).hasNotFailed()
				.hasSingleBean(RedisSessionPlaces.class)
				.doesNotHaveBean("wsPolicyFleetHealthIndicator")
				.doesNotHaveBean("wsPolicyFleetMeters"));
	}

	@Configuration(proxyBeanMethods = false)
	static class OwnBuckets {

		@Bean
		@SuppressWarnings("unchecked")
		AsyncProxyManager<String> buckets() {
			return Mockito.mock(AsyncProxyManager.class);
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class OtherBuckets {

		@Bean
		@SuppressWarnings("unchecked")
		AsyncProxyManager<byte[]> buckets() {
			return Mockito.mock(AsyncProxyManager.class);
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class Others {

		@Bean
		SessionPlaces others() {
			return Mockito.mock(SessionPlaces.class);
		}

		@Bean
		RateStore.Factory otherRates() {
			return Mockito.mock(RateStore.Factory.class);
		}

	}

}
