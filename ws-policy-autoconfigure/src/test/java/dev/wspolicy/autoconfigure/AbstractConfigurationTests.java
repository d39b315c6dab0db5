package dev.wspolicy.autoconfigure;

import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;

import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.NotBlank;
import org.springframework.beans.factory.BeanFactory;
import org.springframework.boot.LazyInitializationBeanFactoryPostProcessor;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.boot.diagnostics.FailureAnalyzer;
import org.springframework.boot.test.context.runner.ReactiveWebApplicationContextRunner;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.core.env.Environment;
import org.springframework.core.io.support.SpringFactoriesLoader;
import org.springframework.core.io.support.SpringFactoriesLoader.ArgumentResolver;
import reactor.core.publisher.Mono;

import dev.wspolicy.frame.Direction;
import dev.wspolicy.policy.FramePolicy;
import dev.wspolicy.policy.FramePolicyFactory;
import dev.wspolicy.policy.UpgradePolicy;
import dev.wspolicy.policy.Verdict;
import dev.wspolicy.policy.WsPolicy;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * An application with policies, for tests of its configuration.
 */
abstract class AbstractConfigurationTests {

	final ReactiveWebApplicationContextRunner runner = new ReactiveWebApplicationContextRunner()
		.withInitializer(new SharedClassMetadata())
		.withInitializer(
				(context) -> context.addBeanFactoryPostProcessor(new LazyInitializationBeanFactoryPostProcessor()))
		.withUserConfiguration(Application.class);

	Analyzed fails(String... properties) {
		FailureAnalysis analysis = analyze(this.runner.withPropertyValues(properties));
		return (requirements) -> requirements.accept(analysis);
	}

	/** As in Spring Boot, the first analyzer that applies is used. */
	static FailureAnalysis analyze(ReactiveWebApplicationContextRunner runner) {
		AtomicReference<ConfigurableApplicationContext> started = new AtomicReference<>();
		AtomicReference<FailureAnalysis> analysis = new AtomicReference<>();
		runner.withInitializer(started::set).run((context) -> {
			assertThat(context).hasFailed();
			ArgumentResolver arguments = ArgumentResolver.of(BeanFactory.class, started.get().getBeanFactory())
				.and(Environment.class, started.get().getEnvironment());
			Throwable failure = context.getStartupFailure();
			analysis.set(SpringFactoriesLoader.forDefaultResourceLocation()
				.load(FailureAnalyzer.class, arguments)
				.stream()
				.map((analyzer) -> analyzer.analyze(failure))
				.filter(Objects::nonNull)
				.findFirst()
				.orElseThrow(() -> new AssertionError("not analyzed", failure)));
		});
		return analysis.get();
	}

	interface Analyzed {

		void satisfies(Consumer<FailureAnalysis> requirements);

	}

	record ShoutSettings(@NotBlank String suffix, @Max(10) int times) {

	}

	@EnableLeanGateway
	@Configuration(proxyBeanMethods = false)
	@Import(Policies.class)
	static class Application {

	}

	@Configuration(proxyBeanMethods = false)
	static class Policies {

		@Bean
		FramePolicy maskCardNumbers() {
			return (frame, context) -> Verdict.forward();
		}

		@Bean
		@WsPolicy(direction = Direction.OUTBOUND)
		FramePolicy outboundOnly() {
			return (frame, context) -> Verdict.forward();
		}

		@Bean
		@WsPolicy
		UpgradePolicy oneByOne() {
			return (upgrade) -> Mono.empty();
		}

		@Bean
		FramePolicyFactory<ShoutSettings> shout() {
			return new FramePolicyFactory<>() {

				@Override
				public String name() {
					return "shout";
				}

				@Override
				public Class<ShoutSettings> settingsType() {
					return ShoutSettings.class;
				}

				@Override
				public FramePolicy create(ShoutSettings settings) {
					if (settings.suffix().equals("bad")) {
						throw new IllegalArgumentException("suffix: bad (expected: anything else)");
					}
					return (frame, context) -> Verdict.forward();
				}

			};
		}

	}

}
