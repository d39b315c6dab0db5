package dev.wspolicy.docs;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.springframework.cloud.gateway.config.GatewayProperties;
import org.springframework.cloud.gateway.route.Route;
import org.springframework.cloud.gateway.route.RouteLocator;
import org.springframework.context.ConfigurableApplicationContext;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Each YAML block starts a gateway, or fails with the message in the block that follows.
 */
class YamlBlockTests {

	static Stream<Example> good() {
		return examples().filter((example) -> example.failure() == null);
	}

	static Stream<Example> bad() {
		return examples().filter((example) -> example.failure() != null);
	}

	private static Stream<Example> examples() {
		return Page.all().flatMap((page) -> {
			List<Example> examples = new ArrayList<>();
			List<Page.Block> blocks = page.blocks();
			for (int i = 0; i < blocks.size(); i++) {
				if (blocks.get(i).language().equals("yaml") && !KubernetesTests.isManifest(blocks.get(i))) {
					boolean fails = i + 1 < blocks.size() && blocks.get(i + 1).language().equals("text");
					examples.add(new Example(blocks.get(i), fails ? blocks.get(i + 1) : null));
				}
			}
			return examples.stream();
		});
	}

	@ParameterizedTest
	@MethodSource("good")
	void starts(Example example) {
		DocumentedGateway.runner(example.yaml()).run((context) -> {
			assertThat(context).as(example.toString()).hasNotFailed();
			List<String> configured = context.getBean(GatewayProperties.class)
				.getRoutes()
				.stream()
				.map((route) -> route.getId())
				.toList();
			List<String> made = context.getBean(RouteLocator.class).getRoutes().map(Route::getId).collectList().block();
			assertThat(made).as(example.toString()).containsAll(configured);
		});
	}

	@ParameterizedTest
	@MethodSource("bad")
	void failsAsDocumented(Example example) {
		AtomicReference<ConfigurableApplicationContext> started = new AtomicReference<>();
		DocumentedGateway.runner(example.yaml()).withInitializer(started::set).run((context) -> {
			assertThat(context).as(example.toString()).hasFailed();
			String analysis = DocumentedGateway.analyze(context.getStartupFailure(), started.get());
			assertThat(analysis).as(example.toString()).contains(documentedLines(example));
		});
	}

	@ParameterizedTest
	@MethodSource("good")
	void namesNoUnknownProperty(Example example) {
		assertThat(DocumentedGateway.properties(example.yaml()))
			.allSatisfy((source) -> assertThat(source.getPropertyNames())
				.allSatisfy((name) -> assertThat(name).matches(KnownProperties::contains, "is a known property")));
	}

	private static List<String> documentedLines(Example example) {
		Page.Block failure = example.failure();
		return (failure != null) ? Arrays.stream(failure.text().split("\n")).filter((line) -> !line.isBlank()).toList()
				: List.of();
	}

	/**
	 * A YAML block, and the expected failure message if it is invalid.
	 */
	record Example(Page.Block yaml, Page.@Nullable Block failure) {

		@Override
		public String toString() {
			return this.yaml.toString();
		}

	}

}
