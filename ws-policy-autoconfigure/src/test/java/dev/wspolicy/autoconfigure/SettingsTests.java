package dev.wspolicy.autoconfigure;

import java.util.Map;
import java.util.Set;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.boot.context.properties.ConfigurationPropertiesBinding;
import org.springframework.boot.test.context.runner.ReactiveWebApplicationContextRunner;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.cloud.context.environment.EnvironmentChangeEvent;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.convert.converter.Converter;
import org.springframework.core.env.MapPropertySource;

import dev.wspolicy.frame.Frame;
import dev.wspolicy.pipeline.PipelineCatalog;
import dev.wspolicy.policy.FrameContext;
import dev.wspolicy.policy.FramePolicy;
import dev.wspolicy.policy.FramePolicyFactory;
import dev.wspolicy.policy.Verdict;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests that settings of policies are bound as Spring Boot binds its own properties.
 */
@ExtendWith(OutputCaptureExtension.class)
class SettingsTests {

	private final ReactiveWebApplicationContextRunner runner = new ReactiveWebApplicationContextRunner()
		.withUserConfiguration(Application.class);

	@ParameterizedTest
	@CsvSource({ ".chat, chat", ".chat-one, chat-one", ".Chat_one, Chat_one", "[chat-one], chat-one",
			"[Chat_one], Chat_one", "[chat.v1], chat.v1", "[a b], a b", "[/chat], /chat" })
	void areFoundForAnyPipelineName(String written, String name) {
		String pipeline = "ws-policy.pipelines" + written;
		this.runner
			.withPropertyValues(pipeline + ".inbound[0].paint.colour=red",
					pipeline + ".upgrade[0].allowed-origins.origins=https://a.example",
					pipeline + ".limits.inbound-message=5KB")
			.run((context) -> assertThat(
					context.getBean(PipelineCatalog.class).definition(name).inbound().get(0).policy())
				.isEqualTo(new Painter(new Colour("red"))));
		this.runner.withPropertyValues(pipeline + ".limits.inbound-message=0")
			.run((context) -> assertThat(context).getFailure()
				.rootCause()
				.hasMessageContaining("'" + pipeline + ".limits.inbound-message'"));
	}

	@Test
	void unrelatedSystemPropertiesAreIgnored(CapturedOutput output) {
		this.runner.withSystemProperties("ws-policy.service.host=10.0.0.1").run((context) -> {
			context.getEnvironment()
				.getPropertySources()
				.addFirst(new MapPropertySource("refreshed",
						Map.of("ws-policy.pipelines.chat.inbound[0].paint.colour", "blue")));
			context.publishEvent(
					new EnvironmentChangeEvent(context, Set.of("ws-policy.pipelines.chat.inbound[0].paint.colour")));
			assertThat(output).doesNotContain("Pipelines remain unchanged");
			assertThat(context.getBean(PipelineCatalog.class).definition("chat").inbound().get(0).policy())
				.isEqualTo(new Painter(new Colour("blue")));
		});
	}

	record Settings(Colour colour) {

	}

	record Colour(String name) {

	}

	private record Painter(Colour colour) implements FramePolicy {

		@Override
		public Verdict apply(Frame frame, FrameContext context) {
			return Verdict.forward();
		}

	}

	@EnableLeanGateway
	@Configuration(proxyBeanMethods = false)
	static class Application {

		@Bean
		@ConfigurationPropertiesBinding
		static Converter<String, Colour> colours() {
			return new Converter<>() {

				@Override
				public Colour convert(String name) {
					return new Colour(name);
				}

			};
		}

		@Bean
		FramePolicyFactory<Settings> paint() {
			return new FramePolicyFactory<>() {

				@Override
				public String name() {
					return "paint";
				}

				@Override
				public Class<Settings> settingsType() {
					return Settings.class;
				}

				@Override
				public FramePolicy create(Settings settings) {
					return new Painter(settings.colour());
				}

			};
		}

	}

}
