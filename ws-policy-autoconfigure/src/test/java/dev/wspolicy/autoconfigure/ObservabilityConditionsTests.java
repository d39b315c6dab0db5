package dev.wspolicy.autoconfigure;

import java.util.stream.Stream;

import io.micrometer.core.instrument.MeterRegistry;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.springframework.boot.LazyInitializationBeanFactoryPostProcessor;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.autoconfigure.ssl.SslAutoConfiguration;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.ReactiveWebApplicationContextRunner;
import org.springframework.boot.webflux.autoconfigure.WebFluxAutoConfiguration;
import org.springframework.cloud.gateway.config.GatewayAutoConfiguration;
import org.springframework.context.annotation.Configuration;

import dev.wspolicy.actuate.ConsoleHeadersFilter;
import dev.wspolicy.actuate.WebSocketConsoleEndpoint;
import dev.wspolicy.actuate.WebSocketPipelinesEndpoint;
import dev.wspolicy.actuate.WebSocketsEndpoint;
import dev.wspolicy.actuate.WebSocketsEndpointWebExtension;
import dev.wspolicy.actuate.WsPolicyHealthIndicator;
import dev.wspolicy.netty.LiveSessions;
import dev.wspolicy.observation.SessionLog;
import dev.wspolicy.observation.SessionMeters;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for the conditions of endpoints, meters and listeners.
 */
class ObservabilityConditionsTests {

	private static final FilteredClassLoader WITHOUT_ALL = new FilteredClassLoader("org.springframework.boot.actuate",
			"org.springframework.boot.health", "io.micrometer.core");

	private final ReactiveWebApplicationContextRunner runner = new ReactiveWebApplicationContextRunner()
		.withUserConfiguration(Application.class);

	/**
	 * Contains what the library requires, but no auto-configuration of optional features.
	 */
	private final ReactiveWebApplicationContextRunner bare = new ReactiveWebApplicationContextRunner()
		.withUserConfiguration(BareApplication.class)
		.withPropertyValues("management.endpoints.web.exposure.include=websockets,websocketconsole",
				"management.endpoint.websocketconsole.access=READ_ONLY");

	@Test
	void allArePresentIfTheEndpointIsExposed() {
		this.runner.withPropertyValues("management.endpoints.web.exposure.include=websockets")
			.run((context) -> assertThat(context).hasSingleBean(WebSocketsEndpoint.class)
				.hasSingleBean(WebSocketsEndpointWebExtension.class)
				.hasSingleBean(WsPolicyHealthIndicator.class)
				.hasSingleBean(SessionMeters.class)
				.hasSingleBean(SessionLog.class));
	}

	@Test
	void endpointIsNotExposedByDefault() {
		this.runner.run((context) -> assertThat(context).doesNotHaveBean(WebSocketsEndpoint.class)
			.doesNotHaveBean(WebSocketsEndpointWebExtension.class)
			.hasSingleBean(SessionMeters.class));
	}

	@Test
	void noWebExtensionOverJmx() {
		this.runner
			.withPropertyValues("spring.jmx.enabled=true", "management.endpoints.jmx.exposure.include=websockets",
					"management.endpoints.web.exposure.exclude=*")
			.run((context) -> assertThat(context).hasSingleBean(WebSocketsEndpoint.class)
				.doesNotHaveBean(WebSocketsEndpointWebExtension.class));
	}

	@Test
	void pipelinesEndpointIsPresentIfExposed() {
		this.runner.withPropertyValues("management.endpoints.web.exposure.include=websocketpipelines")
			.run((context) -> assertThat(context).hasSingleBean(WebSocketPipelinesEndpoint.class)
				.doesNotHaveBean(WebSocketsEndpoint.class));
		this.runner
			.withPropertyValues("management.endpoints.web.exposure.include=websocketpipelines",
					"management.endpoint.websocketpipelines.access=NONE")
			.run((context) -> assertThat(context).doesNotHaveBean(WebSocketPipelinesEndpoint.class));
		this.runner
			.withPropertyValues("management.endpoints.web.exposure.include=websocketpipelines",
					"ws-policy.enabled=false")
			.run((context) -> assertThat(context).hasNotFailed().doesNotHaveBean(WebSocketPipelinesEndpoint.class));
	}

	@Test
	void eachCanBeDisabled() {
		this.runner
			.withPropertyValues("management.endpoints.web.exposure.include=websockets",
					"management.endpoint.websockets.access=NONE", "management.health.ws-policy.enabled=false",
					"ws-policy.log-sessions=false")
			.run((context) -> assertThat(context).doesNotHaveBean(WebSocketsEndpoint.class)
				.doesNotHaveBean(WsPolicyHealthIndicator.class)
				.doesNotHaveBean(SessionLog.class)
				.hasSingleBean(SessionMeters.class));
	}

	@Test
	void consoleRequiresExposureAndAccess() {
		this.runner.withPropertyValues("management.endpoints.web.exposure.include=*")
			.run((context) -> assertThat(context).hasSingleBean(WebSocketsEndpoint.class)
				.doesNotHaveBean(WebSocketConsoleEndpoint.class)
				.doesNotHaveBean(ConsoleHeadersFilter.class));
		this.runner
			.withPropertyValues("management.endpoints.web.exposure.include=*",
					"management.endpoint.websocketconsole.access=READ_ONLY")
			.run((context) -> assertThat(context).hasSingleBean(WebSocketConsoleEndpoint.class)
				.hasSingleBean(ConsoleHeadersFilter.class));
		this.runner
			.withPropertyValues("management.endpoint.websocketconsole.access=READ_ONLY", "spring.jmx.enabled=true",
					"management.endpoints.jmx.exposure.include=*")
			.run((context) -> assertThat(context).doesNotHaveBean(WebSocketConsoleEndpoint.class)
				.doesNotHaveBean(ConsoleHeadersFilter.class));
	}

	@Test
	void metersArePresentWithLazyInitialization() {
		this.runner
			.withInitializer(
					(context) -> context.addBeanFactoryPostProcessor(new LazyInitializationBeanFactoryPostProcessor()))
			.withPropertyValues("management.endpoints.web.exposure.include=websockettap",
					"management.endpoint.websockettap.access=READ_ONLY")
			.run((context) -> assertThat(context.getBean(MeterRegistry.class).getMeters())
				.extracting((meter) -> meter.getId().getName())
				.contains("wspolicy.drain.left", "wspolicy.taps.active"));
	}

	@Test
	void noMetersIfTheLibraryIsDisabled() {
		this.runner.withPropertyValues("ws-policy.enabled=false")
			.run((context) -> assertThat(context).hasNotFailed()
				.doesNotHaveBean(SessionMeters.class)
				.doesNotHaveBean(SessionLog.class));
	}

	static Stream<FilteredClassLoader> missing() {
		return Stream.of(new FilteredClassLoader("org.springframework.boot.actuate"),
				new FilteredClassLoader("org.springframework.boot.health"),
				new FilteredClassLoader("io.micrometer.core"), WITHOUT_ALL);
	}

	@ParameterizedTest
	@MethodSource("missing")
	void startsWithoutOptionalLibraries(FilteredClassLoader classLoader) {
		this.bare.withClassLoader(classLoader)
			.run((context) -> assertThat(context).hasNotFailed()
				.hasSingleBean(LiveSessions.class)
				.hasSingleBean(SessionLog.class));
	}

	@Test
	void startsWithoutActuatorAndMicrometer() {
		this.bare.withClassLoader(WITHOUT_ALL)
			.run((context) -> assertThat(context).hasNotFailed()
				.doesNotHaveBean("webSocketsEndpoint")
				.doesNotHaveBean("webSocketConsoleEndpoint")
				.doesNotHaveBean("webSocketConsoleHeadersFilter")
				.doesNotHaveBean("wsPolicyHealthIndicator")
				.doesNotHaveBean("wsPolicySessionMeters"));
	}

	@EnableAutoConfiguration
	@Configuration(proxyBeanMethods = false)
	static class Application {

	}

	@ImportAutoConfiguration({ WebFluxAutoConfiguration.class, SslAutoConfiguration.class,
			GatewayAutoConfiguration.class, WsPolicyAutoConfiguration.class, WsPolicyLocalFleetAutoConfiguration.class,
			WebSocketsEndpointAutoConfiguration.class, WebSocketPipelinesEndpointAutoConfiguration.class,
			WebSocketConsoleAutoConfiguration.class, WebSocketTapEndpointAutoConfiguration.class,
			WsPolicyHealthAutoConfiguration.class, WsPolicyObservationAutoConfiguration.class })
	@Configuration(proxyBeanMethods = false)
	static class BareApplication {

	}

}
