package dev.wspolicy.autoconfigure;

import java.util.List;
import java.util.stream.Stream;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.autoconfigure.ssl.SslAutoConfiguration;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.ReactiveWebApplicationContextRunner;
import org.springframework.boot.webflux.autoconfigure.WebFluxAutoConfiguration;
import org.springframework.cloud.gateway.config.GatewayAutoConfiguration;
import org.springframework.context.annotation.Configuration;

import dev.wspolicy.pipeline.PipelineCatalog;
import dev.wspolicy.policy.FramePolicyFactory;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests which built-in policies are available with which libraries.
 */
class PolicyConditionsTests {

	private static final List<String> ALWAYS = List.of("allowed-types", "deny-nul", "frame-log", "size-limit");

	private final ReactiveWebApplicationContextRunner runner = new ReactiveWebApplicationContextRunner()
		.withUserConfiguration(Application.class)
		.withPropertyValues("ws-policy.pipelines.chat.inbound[0].frame-log.payload=true",
				"ws-policy.pipelines.chat.inbound[1]=deny-nul");

	static Stream<Arguments> missing() {
		return Stream.of(
				Arguments.of(List.of("none"), List.of("json-redact", "json-schema", "json-set", "text-pattern")),
				Arguments.of(List.of("com.networknt"), List.of("json-redact", "json-set", "text-pattern")),
				Arguments.of(List.of("com.google.re2j"), List.of("json-redact", "json-schema", "json-set")),
				Arguments.of(List.of("tools.jackson"), List.of("text-pattern")),
				Arguments.of(List.of("tools.jackson", "com.networknt", "com.google.re2j"), List.of()));
	}

	@ParameterizedTest
	@MethodSource("missing")
	void startsWithoutOptionalLibraries(List<String> packages, List<String> policies) {
		this.runner.withClassLoader(new FilteredClassLoader(packages.toArray(new String[0]))).run((context) -> {
			assertThat(context).hasNotFailed().hasSingleBean(PipelineCatalog.class);
			assertThat(context.getBeansOfType(FramePolicyFactory.class).values())
				.extracting((factory) -> ((FramePolicyFactory<?>) factory).name())
				.containsAll(ALWAYS)
				.containsAll(policies)
				.hasSize(ALWAYS.size() + policies.size() + 1);
		});
	}

	@ImportAutoConfiguration({ WebFluxAutoConfiguration.class, SslAutoConfiguration.class,
			GatewayAutoConfiguration.class, WsPolicyAutoConfiguration.class, WsPolicyPoliciesAutoConfiguration.class,
			WsPolicyJsonPoliciesAutoConfiguration.class })
	@Configuration(proxyBeanMethods = false)
	static class Application {

	}

}
