package dev.wspolicy.autoconfigure;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.boot.web.context.reactive.AnnotationConfigReactiveWebApplicationContext;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.env.StandardEnvironment;
import org.springframework.core.env.SystemEnvironmentPropertySource;
import reactor.core.publisher.Mono;

import dev.wspolicy.frame.Frame;
import dev.wspolicy.pipeline.PipelineCatalog;
import dev.wspolicy.pipeline.PipelineDefinition;
import dev.wspolicy.pipeline.PolicyBinding;
import dev.wspolicy.pipeline.UpgradeBinding;
import dev.wspolicy.policy.FrameContext;
import dev.wspolicy.policy.FramePolicy;
import dev.wspolicy.policy.FramePolicyFactory;
import dev.wspolicy.policy.UpgradePolicy;
import dev.wspolicy.policy.UpgradeVerdict;
import dev.wspolicy.policy.Verdict;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

/**
 * Tests that a list of policies is supplied as a whole by the first source that contains
 * it, like any list in Spring Boot.
 */
class PolicyListsTests {

	/** Upgrade policies that are not bound would make start-up fail. */
	private static final String OTHERS = "ws-policy.pipelines.others.upgrade: [ insiders, min-length ]\n";

	@TempDir
	private Path directory;

	@BeforeEach
	void base() throws IOException {
		write("application.yml", OTHERS + """
				ws-policy.pipelines.chat:
				  upgrade:
				    - allowed-origins: { origins: "https://a.example" }
				    - insiders
				  inbound:
				    - paint-brush: { first-colour: red, second-colour: black, strokes: [ 1, 2, 3 ] }
				    - size-limit: { bytes: 1000 }
				    - frame-log: { payload: true }
				  outbound: [ plain ]
				""");
	}

	@Test
	void readsTheList() {
		assertThat(inbound()).containsExactly("Painter[red, black, [1, 2, 3]]", "size-limit", "frame-log");
	}

	@Test
	void profileReplacesTheList() throws IOException {
		write("application-prod.yml", """
				ws-policy.pipelines.chat:
				  inbound:
				    - plain
				  upgrade:
				    - insiders
				""");
		assertThat(inbound("--spring.profiles.active=prod")).containsExactly("plain");
		assertThat(upgrade("--spring.profiles.active=prod")).containsExactly("insiders");
	}

	@Test
	void settingsComeFromTheSameSource() throws IOException {
		write("application-prod.yml", """
				ws-policy.pipelines.chat:
				  inbound:
				    - paint-brush: { first-colour: blue, strokes: [ 7 ] }
				""");
		assertThat(inbound("--spring.profiles.active=prod")).containsExactly("Painter[blue, null, [7]]");
		assertThat(inbound("--ws-policy.pipelines.chat.inbound[0].paint-brush.first-colour=green"))
			.containsExactly("Painter[green, null, null]");
	}

	@Test
	void lastOfSeveralDocumentsReplacesTheList() throws IOException {
		write("application.yml", Files.readString(this.directory.resolve("application.yml")) + """
				---
				ws-policy.pipelines.chat.inbound:
				  - frame-log: { }
				""");
		assertThat(inbound()).containsExactly("frame-log");
	}

	@ParameterizedTest
	@ValueSource(strings = { "inbound: []", "inbound:", "inbound: ''" })
	void profileEmptiesTheList(String list) throws IOException {
		write("application-prod.yml", "ws-policy.pipelines.chat." + list);
		assertThat(inbound("--spring.profiles.active=prod")).isEmpty();
		assertThat(upgrade("--spring.profiles.active=prod")).hasSize(2);
	}

	@Test
	void argumentsReplaceAndEmptyTheList() {
		assertThat(inbound("--ws-policy.pipelines.chat.inbound=plain,max-length")).containsExactly("plain",
				"maxLength");
		assertThat(inbound("--ws-policy.pipelines.chat.inbound[0]=plain")).containsExactly("plain");
		assertThat(inbound("--ws-policy.pipelines.chat.inbound=")).isEmpty();
		assertThat(upgrade("--ws-policy.pipelines.chat.upgrade=")).isEmpty();
	}

	@Test
	void environmentReplacesAndEmptiesTheList() {
		assertThat(inbound(Map.of("WSPOLICY_PIPELINES_CHAT_INBOUND", "max-length,plain"))).containsExactly("maxLength",
				"plain");
		assertThat(inbound(Map.of("WSPOLICY_PIPELINES_CHAT_INBOUND_0", "plain"))).containsExactly("plain");
		assertThat(inbound(Map.of("WSPOLICY_PIPELINES_CHAT_INBOUND", ""))).isEmpty();
	}

	@Test
	void argumentsReplaceTheEnvironment() {
		assertThat(definition(
				Map.of("WSPOLICY_PIPELINES_CHAT_INBOUND_0_SIZELIMIT_BYTES", "5",
						"WSPOLICY_PIPELINES_CHAT_INBOUND_1_FRAMELOG_PAYLOAD", "true"),
				"--ws-policy.pipelines.chat.inbound[0]=plain")
			.inbound()).extracting(PolicyBinding::name).containsExactly("plain");
	}

	@Test
	void errorInTheEffectiveListIsReported() throws IOException {
		write("application-prod.yml", """
				ws-policy.pipelines.chat:
				  inbound:
				    - plain
				    - size-limit: { byte: 7 }
				""");
		assertThat(catchThrowable(() -> inbound("--spring.profiles.active=prod"))).rootCause()
			.hasMessageContaining("ws-policy.pipelines.chat.inbound[1].size-limit.byte");
	}

	@Test
	void otherErrorsInAnOverriddenSourceAreReported() throws IOException {
		write("application.yml", Files.readString(this.directory.resolve("application.yml")) + """
				  limits: { inbound-mesage: 5KB }
				""");
		assertThat(catchThrowable(() -> inbound("--ws-policy.pipelines.chat.inbound="))).rootCause()
			.hasMessageContaining("ws-policy.pipelines.chat.limits.inbound-mesage");
	}

	@ParameterizedTest
	@ValueSource(strings = { "inbound[1].size-limit.bytes=5", "inbound[1]=plain", "upgrade[3]=insiders" })
	void listWithoutItsFirstEntryIsExplained(String entry) {
		FailureAnalysis analysis = new UnknownPropertyFailureAnalyzer()
			.analyze(catchThrowable(() -> inbound("--ws-policy.pipelines.chat." + entry)));
		assertThat(analysis.getDescription())
			.startsWith("The property 'ws-policy.pipelines.chat." + entry.replaceAll("=.*", "'"))
			.contains("has no entry [0]");
		assertThat(analysis.getAction()).contains("whole list");
	}

	@ParameterizedTest
	@CsvSource(nullValues = "-",
			value = { "_SIZELIMIT_BYTES, 1, size-limit", "_FRAMELOG_PAYLOAD, true, frame-log",
					"_SIZELIMIT_BYTES, ${java.specification.version}, size-limit", "_MAXLENGTH, '', maxLength",
					"'', MAXLENGTH, maxLength" })
	void environmentNamesPoliciesWithDashes(String variable, String value, String name) {
		assertThat(inbound(Map.of("WSPOLICY_PIPELINES_CHAT_INBOUND_0" + variable, value))).containsExactly(name);
	}

	@Test
	void environmentReplacesTheListOfAPipelineWithADash() throws IOException {
		write("application.yml", OTHERS + "ws-policy.pipelines.live-chat.inbound: [ plain ]");
		assertThat(described(
				definition("live-chat", Map.of("WSPOLICY_PIPELINES_LIVECHAT_INBOUND_0_SIZELIMIT_BYTES", "1"))))
			.containsExactly("size-limit");
	}

	@Test
	void unrelatedVariableDoesNotReplaceTheList() {
		assertThat(inbound(Map.of("WS_POLICY_PIPELINES_CHAT_INBOUND_0_SIZE_LIMIT_BYTES", "5")))
			.containsExactly("Painter[red, black, [1, 2, 3]]", "size-limit", "frame-log");
	}

	@Test
	void environmentNamesSettingsWithDashes() {
		assertThat(inbound(Map.of("WSPOLICY_PIPELINES_CHAT_INBOUND_0_PAINTBRUSH_FIRSTCOLOUR", "blue",
				"WSPOLICY_PIPELINES_CHAT_INBOUND_0_PAINTBRUSH_STROKES_0", "4")))
			.containsExactly("Painter[blue, null, [4]]");
		assertThat(upgrade(Map.of("WSPOLICY_PIPELINES_CHAT_UPGRADE_0_ALLOWEDORIGINS_ORIGINS", "https://b.example")))
			.containsExactly("allowed-origins");
	}

	@ParameterizedTest
	@ValueSource(strings = { "paint-brush", "paintBrush", "paint_brush", "PaintBrush", "PAINT_BRUSH", "paintbrush" })
	void allRelaxedFormsReferToTheFactory(String name) throws IOException {
		write("application-prod.yml", """
				ws-policy.pipelines.chat.inbound:
				  - %s: { firstColour: blue, second_colour: white }
				""".formatted(name));
		assertThat(inbound("--spring.profiles.active=prod")).containsExactly("Painter[blue, white, null]");
	}

	@ParameterizedTest
	@ValueSource(strings = { "max-length", "maxLength", "max_length", "MAX_LENGTH", "MAXLENGTH" })
	void allRelaxedFormsReferToTheBean(String name) {
		assertThat(inbound("--ws-policy.pipelines.chat.inbound=" + name)).containsExactly("maxLength");
		assertThat(upgrade("--ws-policy.pipelines.chat.upgrade[0]=" + name.replace("max", "min").replace("MAX", "MIN")))
			.hasSize(1);
	}

	private void write(String file, String text) throws IOException {
		Files.writeString(this.directory.resolve(file), text);
	}

	private List<String> inbound(String... arguments) {
		return described(definition(Map.of(), arguments));
	}

	private List<String> inbound(Map<String, Object> environment) {
		return described(definition(environment));
	}

	private static List<String> described(PipelineDefinition definition) {
		return definition.inbound()
			.stream()
			.map((binding) -> (binding.policy() instanceof Painter painter) ? painter.toString() : binding.name())
			.toList();
	}

	private List<String> upgrade(String... arguments) {
		return definition(Map.of(), arguments).upgrade().stream().map(UpgradeBinding::name).toList();
	}

	private List<String> upgrade(Map<String, Object> environment) {
		return definition(environment).upgrade().stream().map(UpgradeBinding::name).toList();
	}

	private PipelineDefinition definition(Map<String, Object> environment, String... arguments) {
		return definition("chat", environment, arguments);
	}

	private PipelineDefinition definition(String pipeline, Map<String, Object> environment, String... arguments) {
		List<String> all = new ArrayList<>(List.of("--spring.main.banner-mode=off",
				"--spring.main.lazy-initialization=true", "--spring.config.location=" + this.directory.toUri()));
		all.addAll(List.of(arguments));
		StandardEnvironment variables = new StandardEnvironment();
		variables.getPropertySources()
			.replace(StandardEnvironment.SYSTEM_ENVIRONMENT_PROPERTY_SOURCE_NAME, new SystemEnvironmentPropertySource(
					StandardEnvironment.SYSTEM_ENVIRONMENT_PROPERTY_SOURCE_NAME, environment));
		try (ConfigurableApplicationContext context = new SpringApplicationBuilder(Application.class)
			.web(WebApplicationType.REACTIVE)
			.contextFactory((type) -> new AnnotationConfigReactiveWebApplicationContext())
			.environment(variables)
			.initializers(new SharedClassMetadata())
			.run(all.toArray(new String[0]))) {
			return context.getBean(PipelineCatalog.class).definition(pipeline);
		}
	}

	record Brush(String firstColour, String secondColour, List<Integer> strokes) {

	}

	private record Painter(Brush brush) implements FramePolicy {

		@Override
		public Verdict apply(Frame frame, FrameContext context) {
			return Verdict.forward();
		}

		@Override
		public String toString() {
			return "Painter[" + this.brush.firstColour() + ", " + this.brush.secondColour() + ", "
					+ this.brush.strokes() + "]";
		}

	}

	@EnableLeanGateway
	@Configuration(proxyBeanMethods = false)
	static class Application {

		@Bean
		FramePolicy plain() {
			return (frame, context) -> Verdict.forward();
		}

		@Bean
		FramePolicy maxLength() {
			return (frame, context) -> Verdict.forward();
		}

		@Bean
		UpgradePolicy insiders() {
			return (upgrade) -> Mono.just(UpgradeVerdict.accept());
		}

		@Bean
		UpgradePolicy minLength() {
			return (upgrade) -> Mono.just(UpgradeVerdict.accept());
		}

		@Bean
		FramePolicyFactory<Brush> brushes() {
			return new FramePolicyFactory<>() {

				@Override
				public String name() {
					return "paint-brush";
				}

				@Override
				public Class<Brush> settingsType() {
					return Brush.class;
				}

				@Override
				public FramePolicy create(Brush settings) {
					return new Painter(settings);
				}

			};
		}

	}

}
