package dev.wspolicy.autoconfigure;

import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;

import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.NotBlank;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.beans.factory.BeanFactory;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.boot.diagnostics.FailureAnalyzer;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.test.context.runner.ReactiveWebApplicationContextRunner;
import org.springframework.cloud.gateway.route.RouteLocator;
import org.springframework.cloud.gateway.route.builder.RouteLocatorBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.env.Environment;
import org.springframework.core.io.support.SpringFactoriesLoader;
import org.springframework.core.io.support.SpringFactoriesLoader.ArgumentResolver;
import reactor.core.publisher.Mono;

import dev.wspolicy.frame.Direction;
import dev.wspolicy.gateway.WsPolicyGatewayFilterFactory;
import dev.wspolicy.gateway.WsPolicyRoutingFilter;
import dev.wspolicy.pipeline.Limits;
import dev.wspolicy.pipeline.PipelineCatalog;
import dev.wspolicy.pipeline.PipelineDefinition;
import dev.wspolicy.pipeline.Timeouts;
import dev.wspolicy.pipeline.WaterMarks;
import dev.wspolicy.policy.FramePolicy;
import dev.wspolicy.policy.FramePolicyFactory;
import dev.wspolicy.policy.UpgradePolicy;
import dev.wspolicy.policy.UpgradeVerdict;
import dev.wspolicy.policy.Verdict;
import dev.wspolicy.policy.WsPolicy;
import dev.wspolicy.session.UpgradeContext;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What is wrong in the configuration stops start-up, with a report that helps.
 */
class ConfigurationErrorTests {

	private final ReactiveWebApplicationContextRunner runner = new ReactiveWebApplicationContextRunner()
		.withUserConfiguration(Application.class);

	@Test
	void nothingConfigured() {
		this.runner.run((context) -> {
			PipelineCatalog catalog = context.getBean(PipelineCatalog.class);
			assertThat(catalog.names()).containsExactly("default");
			PipelineDefinition definition = catalog.definition("default");
			assertThat(definition.timeouts()).isEqualTo(Timeouts.DEFAULT);
			assertThat(definition.waterMarks()).isEqualTo(WaterMarks.DEFAULT);
			assertThat(definition.inboundLimits()).isEqualTo(new Limits(Long.MAX_VALUE, 1024 * 1024, 1024));
			assertThat(definition.outboundLimits()).isEqualTo(new Limits(Long.MAX_VALUE, 16 * 1024 * 1024, 1024));
		});
	}

	@Test
	void pipelinesStartFromTheDefaultOne() {
		this.runner
			.withPropertyValues("ws-policy.pipelines.default.limits.inbound-message=5KB",
					"ws-policy.pipelines.default.session.close-timeout=2s",
					"ws-policy.pipelines.default.session.high-water-mark=256KB",
					"ws-policy.pipelines.chat.session.low-water-mark=128KB",
					"ws-policy.pipelines.chat.limits.fragments=-1", "ws-policy.pipelines.chat.on-loss.client=4000")
			.run((context) -> {
				PipelineDefinition chat = context.getBean(PipelineCatalog.class).definition("chat");
				assertThat(chat.inboundLimits()).isEqualTo(new Limits(Long.MAX_VALUE, 5 * 1024, Long.MAX_VALUE));
				assertThat(chat.timeouts().close()).hasSeconds(2);
				assertThat(chat.waterMarks()).isEqualTo(new WaterMarks(128 * 1024, 256 * 1024));
				assertThat(chat.lostClient().code()).isEqualTo(4000);
				assertThat(chat.lostUpstream().code()).isEqualTo(1011);
			});
	}

	@Test
	void unknownPolicy() {
		fails("ws-policy.pipelines.chat.inbound[0]=mask-card-number").satisfies((analysis) -> {
			assertThat(analysis.getDescription()).contains("ws-policy.pipelines.chat.inbound[0]", "'mask-card-number'");
			assertThat(analysis.getAction()).contains("Did you mean 'mask-card-numbers'?", "outbound-only", "shout");
		});
	}

	@ParameterizedTest
	@CsvSource(delimiter = '|',
			textBlock = """
					json-schema.schema=classpath:none.json              | .json-schema' are of no use: schema: 'classpath:none.json'
					json-schema.schema=classpath:schemas/bad.json       | at /type
					json-schema.schema=classpath:schemas/remote.json    | remote-refs: true
					json-schema.draft=7                                 | .json-schema.schema
					json-redact.pointers=user                           | .json-redact' are of no use: pointers: 'user'
					json-redact.pointers=                               | .json-redact.pointers
					json-redact.on-invalid=explode                      | .json-redact.on-invalid
					json-set.values[0].value=x                          | .json-set.values[0].pointer
					json-set.values[0].pointers=/x                      | .json-set.values[0].pointers
					frame-log.sample=7                                  | .frame-log.sample
					frame-log.pointers=/x                               | .frame-log' are of no use: pointers, patterns:
					deny-nul.on-violation=explode                       | .deny-nul.on-violation
					rate-limit.bytes=1GB                                | .rate-limit' are of no use: bytes: 1073741824 per PT1S
					rate-limit.frames=1000000001                        | .rate-limit' are of no use: frames: 1000000001 per PT1S
					""")
	void settingsOfShippedPolicies(String property, String named) {
		fails("ws-policy.pipelines.chat.inbound[0]." + property)
			.satisfies((analysis) -> assertThat(analysis.getDescription()).contains(named));
	}

	@Test
	void policyThatMayWaitTooLongThoughItIsWrapped() {
		fails("ws-policy.mdc=true", "ws-policy.pipelines.chat.inbound[0].rate-limit.frames=1",
				"ws-policy.pipelines.chat.inbound[0].rate-limit.on-exceed=throttle",
				"ws-policy.pipelines.chat.inbound[0].rate-limit.max-wait=10s")
			.satisfies((analysis) -> {
				assertThat(analysis.getDescription())
					.contains("'ws-policy.pipelines.chat.inbound[0].rate-limit.max-wait'", "PT10S");
				assertThat(analysis.getAction()).contains("'ws-policy.pipelines.chat.session.verdict-timeout'");
			});
	}

	@Test
	void unknownPolicyWithSettings() {
		fails("ws-policy.pipelines.chat.outbound[0].shoot.suffix=x").satisfies((analysis) -> {
			assertThat(analysis.getDescription()).contains("ws-policy.pipelines.chat.outbound[0]", "'shoot'");
			assertThat(analysis.getAction()).contains("Did you mean 'shout'?");
		});
	}

	@ParameterizedTest
	@CsvSource({ "inbound[0], allowed-origins, a policy on upgrades, upgrade",
			"outbound[0], one-by-one, a policy on upgrades, upgrade",
			"upgrade[0], shout, a policy on frames, inbound' or 'outbound",
			"upgrade[0], mask-card-numbers, a policy on frames, inbound' or 'outbound" })
	void policyInAListOfAnotherKind(String list, String policy, String kind, String remedy) {
		fails("ws-policy.pipelines.chat." + list + "=" + policy).satisfies((analysis) -> {
			assertThat(analysis.getDescription()).isEqualTo("The property 'ws-policy.pipelines.chat." + list
					+ "' lists '" + policy + "', which is " + kind + ".");
			assertThat(analysis.getAction()).isEqualTo("List it below '" + remedy + "'.");
		});
	}

	@ParameterizedTest
	@CsvSource({ "com.google.re2j, text-pattern, com.google.re2j:re2j",
			"io.github.bucket4j, rate-limit, com.bucket4j:bucket4j_jdk17-core and com.github.ben-manes.caffeine:caffeine",
			"com.github.benmanes, rate-limit, com.bucket4j:bucket4j_jdk17-core and com.github.ben-manes.caffeine:caffeine",
			"com.networknt, json-schema, com.networknt:json-schema-validator and tools.jackson.core:jackson-databind",
			"org.springframework.messaging, stomp-authorization, org.springframework:spring-messaging",
			"graphql, graphql-limit, com.graphql-java:graphql-java and tools.jackson.core:jackson-databind" })
	void policyWithoutItsLibrary(String missing, String policy, String libraries) {
		FailureAnalysis analysis = analyze(this.runner.withClassLoader(new FilteredClassLoader(missing))
			.withPropertyValues("ws-policy.pipelines.chat.inbound[0]=" + policy));
		assertThat(analysis.getDescription()).isEqualTo("The property 'ws-policy.pipelines.chat.inbound[0]' names the"
				+ " policy '" + policy + "', which needs a library that is not on the class path.");
		assertThat(analysis.getAction()).isEqualTo("Add " + libraries + ".");
	}

	@Test
	void annotationOnAnUpgradePolicy() {
		FailureAnalysis analysis = analyze(this.runner.withBean("insiders", AnnotatedUpgradePolicy.class));
		assertThat(analysis.getDescription()).contains("'insiders'", "@WsPolicy", "UpgradePolicy");
		assertThat(analysis.getAction()).contains("below 'upgrade'");
	}

	@Test
	void entryOfAListWithoutADash() {
		fails("ws-policy.pipelines.chat.inbound.shout.suffix=x").satisfies((analysis) -> {
			assertThat(analysis.getDescription()).contains("'ws-policy.pipelines.chat.inbound' has no 'shout'");
			assertThat(analysis.getAction())
				.isEqualTo("It is a list: begin each of its entries with a dash, as in '- shout'.");
		});
	}

	@Test
	void policyInTheDirectionThatItExcludes() {
		fails("ws-policy.pipelines.chat.inbound[0]=outbound-only").satisfies((analysis) -> {
			assertThat(analysis.getDescription()).contains("ws-policy.pipelines.chat.inbound[0]", "'outbound-only'");
			assertThat(analysis.getAction()).contains("Direction.INBOUND");
		});
	}

	@Test
	void settingsOnABean() {
		fails("ws-policy.pipelines.chat.inbound[0].mask-card-numbers.pattern=x").satisfies((analysis) -> {
			assertThat(analysis.getDescription()).contains("ws-policy.pipelines.chat.inbound[0]",
					"'mask-card-numbers'");
			assertThat(analysis.getAction()).contains("Remove the settings");
		});
	}

	@Test
	void twoNamesInOneEntry() {
		fails("ws-policy.pipelines.chat.inbound[0].shout.suffix=x",
				"ws-policy.pipelines.chat.inbound[0].mask-card-numbers=")
			.satisfies((analysis) -> {
				assertThat(analysis.getDescription()).contains("ws-policy.pipelines.chat.inbound[0]");
				assertThat(analysis.getAction()).contains("its own dash");
			});
	}

	@Test
	void unknownSettingOfAFactory() {
		fails("ws-policy.pipelines.chat.inbound[0].shout.suffix=x", "ws-policy.pipelines.chat.inbound[0].shout.sufix=y")
			.satisfies((analysis) -> assertThat(analysis.getDescription())
				.contains("ws-policy.pipelines.chat.inbound[0].shout.sufix", "y"));
	}

	@Test
	void settingOfTheWrongType() {
		fails("ws-policy.pipelines.chat.inbound[0].shout.suffix=x",
				"ws-policy.pipelines.chat.inbound[0].shout.times=often")
			.satisfies((analysis) -> assertThat(analysis.getDescription())
				.contains("ws-policy.pipelines.chat.inbound[0].shout.times", "often"));
	}

	@Test
	void settingsThatBeanValidationRefuses() {
		fails("ws-policy.pipelines.chat.inbound[0].shout.suffix=", "ws-policy.pipelines.chat.inbound[0].shout.times=17")
			.satisfies((analysis) -> assertThat(analysis.getDescription())
				.contains("ws-policy.pipelines.chat.inbound[0].shout", "suffix", "must not be blank", "times", "17"));
	}

	@Test
	void settingsThatAreMissingAltogether() {
		fails("ws-policy.pipelines.chat.inbound[0]=shout").satisfies((analysis) -> assertThat(analysis.getDescription())
			.contains("ws-policy.pipelines.chat.inbound[0].shout", "suffix", "must not be blank"));
	}

	@Test
	void settingsThatTheFactoryRefuses() {
		fails("ws-policy.pipelines.chat.inbound[0].shout.suffix=bad")
			.satisfies((analysis) -> assertThat(analysis.getDescription())
				.contains("ws-policy.pipelines.chat.inbound[0].shout", "suffix: bad (expected: anything else)"));
	}

	@ParameterizedTest
	@ValueSource(
			strings = { "ws-policy.enable", "ws-policy.pipelines.chat.inbond", "ws-policy.pipelines.chat.limits.size",
					"ws-policy.pipelines.chat.session.timeout", "ws-policy.pipelines.chat.on-loss.both" })
	void unknownKey(String key) {
		fails(key + "=5").satisfies((analysis) -> assertThat(analysis.getDescription()).contains(key, "5"));
	}

	@ParameterizedTest
	@CsvSource({ "ws-policy.enable, ws-policy, enable, enabled, drain",
			"ws-policy.pipelines.chat.inbond, ws-policy.pipelines.chat, inbond, inbound, outbound",
			"ws-policy.pipelines.chat.limits.inbound-mesage, ws-policy.pipelines.chat.limits, inbound-mesage, inbound-message, fragments",
			"ws-policy.pipelines.chat.session.heartbeat.intervall, ws-policy.pipelines.chat.session.heartbeat, intervall, interval, timeout" })
	void unknownKeyIsExplained(String key, String parent, String unknown, String nearest, String other) {
		fails(key + "=5").satisfies((analysis) -> {
			assertThat(analysis.getDescription()).startsWith("The property '" + key
					+ "' is set to \"5\", and there is no such property: '" + parent + "' has no '" + unknown + "'.");
			assertThat(analysis.getAction()).startsWith("Did you mean '" + nearest + "'? Known names: ")
				.contains(" " + other);
		});
	}

	@Test
	void unknownSettingIsExplained() {
		fails("ws-policy.pipelines.chat.inbound[0].shout.suffix=!", "ws-policy.pipelines.chat.inbound[0].shout.sufix=x")
			.satisfies((analysis) -> assertThat(analysis.getAction()).startsWith("Did you mean 'suffix'?"));
	}

	@Test
	void unknownKeyBelowAValueIsExplained() {
		fails("ws-policy.log-sessions.format=x").satisfies((analysis) -> assertThat(analysis.getDescription())
			.contains("'ws-policy.log-sessions' has no 'format'"));
	}

	@ParameterizedTest
	@CsvSource({ "session.close-timeout,0s,PT0S", "session.verdict-timeout,-1s,PT-1S", "session.frame-timeout,0,PT0S",
			"session.handshake-timeout,0ms,PT0S", "session.frame-timeout,36501d,PT876024H",
			"session.max-duration,1000000d,PT24000000H", "session.heartbeat.interval,36501d,PT876024H",
			"limits.inbound-message,0B,0", "limits.inbound-frame,-5B,-5", "limits.outbound-message,-2KB,-2048",
			"limits.outbound-frame,0,0", "limits.fragments,0,0", "limits.fragments,-7,-7", "on-loss.client,1005,1005",
			"on-loss.upstream,999,999", "on-loss.upstream,1015,1015", "on-loss.client,5000,5000",
			"session.high-water-mark,0B,0", "session.low-water-mark,-1B,-1", "session.high-water-mark,4GB,4294967296",
			"session.low-water-mark,64KB,65536" })
	void valueOutOfRange(String key, String value, String shown) {
		fails("ws-policy.pipelines.chat." + key + "=" + value).satisfies((analysis) -> {
			assertThat(analysis.getDescription()).contains("ws-policy.pipelines.chat." + key, shown);
			assertThat(analysis.getAction()).isNotBlank();
		});
	}

	@Test
	void lowWaterMarkAboveAnInheritedHighOne() {
		fails("ws-policy.pipelines.default.session.high-water-mark=20KB",
				"ws-policy.pipelines.default.session.low-water-mark=10KB",
				"ws-policy.pipelines.chat.session.low-water-mark=30KB")
			.satisfies((analysis) -> {
				assertThat(analysis.getDescription()).contains("ws-policy.pipelines.chat.session.low-water-mark",
						"30720", "20480");
				assertThat(analysis.getAction()).contains("less than 'high-water-mark'");
			});
	}

	@Test
	void valueOutOfRangeIsBlamedOnThePipelineThatSetsIt() {
		fails("ws-policy.pipelines.default.session.close-timeout=0s", "ws-policy.pipelines.a.enabled=true")
			.satisfies((analysis) -> assertThat(analysis.getDescription())
				.contains("ws-policy.pipelines.default.session.close-timeout"));
	}

	@ParameterizedTest
	@CsvSource({ "session.close-timeout,soon", "limits.inbound-message,big", "masking,no", "enabled,perhaps",
			"on-loss.client,none" })
	void valueOfTheWrongType(String key, String value) {
		fails("ws-policy.pipelines.chat." + key + "=" + value).satisfies(
				(analysis) -> assertThat(analysis.getDescription()).contains("ws-policy.pipelines.chat." + key, value));
	}

	@ParameterizedTest
	@ValueSource(strings = { "routes[0].filters[0]=WsPolicy=chatt", "default-filters[0]=WsPolicy=chatt" })
	void unknownPipelineInARoute(String filter) {
		String gateway = "spring.cloud.gateway.server.webflux.";
		fails(gateway + "routes[0].id=r", gateway + "routes[0].uri=ws://localhost",
				gateway + "routes[0].predicates[0]=Path=/**", gateway + filter, "ws-policy.pipelines.chat.enabled=true")
			.satisfies((analysis) -> {
				assertThat(analysis.getDescription()).contains("WsPolicy=chatt", "[chat, default]");
				assertThat(analysis.getAction()).contains("Did you mean 'chat'?");
			});
	}

	@Test
	void unknownPipelineInTheLongFormOfARoute() {
		String route = "spring.cloud.gateway.server.webflux.routes[0].";
		fails(route + "id=r", route + "uri=ws://localhost", route + "predicates[0]=Path=/**",
				route + "filters[0].name=WsPolicy", route + "filters[0].args.pipeline=chatt")
			.satisfies((analysis) -> assertThat(analysis.getDescription()).contains("WsPolicy=chatt"));
	}

	@Test
	void filterWithoutAPipeline() {
		String route = "spring.cloud.gateway.server.webflux.routes[0].";
		fails(route + "id=r", route + "uri=ws://localhost", route + "predicates[0]=Path=/**",
				route + "filters[0]=WsPolicy")
			.satisfies((analysis) -> {
				assertThat(analysis.getDescription()).contains("WsPolicy=");
				assertThat(analysis.getAction()).contains("Name one of them in the route");
			});
	}

	@Test
	void pipelineThatAnExpressionNames() {
		String route = "spring.cloud.gateway.server.webflux.routes[0].";
		this.runner
			.withPropertyValues(route + "id=r", route + "uri=ws://localhost", route + "predicates[0]=Path=/**",
					route + "filters[0]=WsPolicy=#{'cha' + 't'}", "ws-policy.pipelines.chat.enabled=true")
			.run((context) -> assertThat(
					context.getBean(RouteLocator.class).getRoutes().blockFirst().getFilters().toString())
				.contains("pipeline = 'chat'"));
	}

	@Test
	void unknownPipelineInTheJavaDsl() {
		assertThat(analyze(this.runner.withUserConfiguration(Routes.class)
			.withPropertyValues("pipeline=chatt", "ws-policy.pipelines.chat.enabled=true")).getAction())
			.contains("Did you mean 'chat'?");
		this.runner.withUserConfiguration(Routes.class)
			.withPropertyValues("pipeline=chat", "ws-policy.pipelines.chat.enabled=true")
			.run((context) -> assertThat(
					context.getBean("routes", RouteLocator.class).getRoutes().blockFirst().getFilters().toString())
				.contains("pipeline = 'chat'"));
	}

	@Test
	void switchedOffNothingIsChecked() {
		this.runner
			.withPropertyValues("ws-policy.enabled=false", "ws-policy.pipelines.chat.inbound[0]=no-such-policy",
					"spring.cloud.gateway.server.webflux.routes[0].id=r",
					"spring.cloud.gateway.server.webflux.routes[0].uri=ws://localhost",
					"spring.cloud.gateway.server.webflux.routes[0].predicates[0]=Path=/**",
					"spring.cloud.gateway.server.webflux.routes[0].filters[0]=WsPolicy=no-such-pipeline")
			.run((context) -> {
				assertThat(context).hasNotFailed().doesNotHaveBean(WsPolicyRoutingFilter.class);
				assertThat(context).hasSingleBean(WsPolicyGatewayFilterFactory.class);
				assertThat(context.getBean(RouteLocator.class).getRoutes().blockFirst()).isNotNull();
			});
	}

	@ParameterizedTest
	@ValueSource(strings = { "-1s", "36501d" })
	void drainWindowOutOfRange(String window) {
		fails("ws-policy.drain.window=" + window)
			.satisfies((analysis) -> assertThat(analysis.getDescription()).contains("'ws-policy.drain.window'"));
	}

	@ParameterizedTest
	@CsvSource({ "parameter, ''", "header, a b", "scheme, a b", "paths, /{a" })
	void settingsOfTheQueryToken(String setting, String value) {
		fails("ws-policy.query-token.enabled=true", "ws-policy.query-token." + setting + "=" + value)
			.satisfies((analysis) -> assertThat(analysis.getDescription())
				.startsWith("The property 'ws-policy.query-token." + setting + "'"));
	}

	@Test
	void gatewaySwitchedOff() {
		this.runner.withPropertyValues("spring.cloud.gateway.server.webflux.enabled=false")
			.run((context) -> assertThat(context).hasNotFailed()
				.doesNotHaveBean(WsPolicyRoutingFilter.class)
				.doesNotHaveBean(WsPolicyGatewayFilterFactory.class));
	}

	@Test
	void noGatewayOnTheClassPath() {
		new ReactiveWebApplicationContextRunner()
			.withClassLoader(new FilteredClassLoader("org.springframework.cloud.gateway"))
			.withConfiguration(AutoConfigurations.of(WsPolicyAutoConfiguration.class))
			.run((context) -> assertThat(context).hasNotFailed().doesNotHaveBean(PipelineCatalog.class));
	}

	@Test
	void noNettyOnTheClassPath() {
		new ReactiveWebApplicationContextRunner()
			.withClassLoader(new FilteredClassLoader("reactor.netty", "org.springframework.cloud.gateway.config"))
			.withConfiguration(AutoConfigurations.of(WsPolicyAutoConfiguration.class))
			.run((context) -> assertThat(context).hasNotFailed().doesNotHaveBean(PipelineCatalog.class));
	}

	@Test
	void noWebApplication() {
		new ApplicationContextRunner().withConfiguration(AutoConfigurations.of(WsPolicyAutoConfiguration.class))
			.run((context) -> assertThat(context).hasNotFailed().doesNotHaveBean(PipelineCatalog.class));
	}

	private Analyzed fails(String... properties) {
		FailureAnalysis analysis = analyze(this.runner.withPropertyValues(properties));
		return (requirements) -> requirements.accept(analysis);
	}

	/** As Boot does: the first analyzer that knows the failure explains it. */
	private static FailureAnalysis analyze(ReactiveWebApplicationContextRunner runner) {
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

	private interface Analyzed {

		void satisfies(Consumer<FailureAnalysis> requirements);

	}

	record ShoutSettings(@NotBlank String suffix, @Max(10) int times) {

	}

	@EnableAutoConfiguration
	@Configuration(proxyBeanMethods = false)
	static class Application {

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

	@WsPolicy(routes = "chat")
	static class AnnotatedUpgradePolicy implements UpgradePolicy {

		@Override
		public Mono<UpgradeVerdict> apply(UpgradeContext upgrade) {
			return Mono.empty();
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class Routes {

		@Bean
		RouteLocator routes(RouteLocatorBuilder builder, WsPolicyGatewayFilterFactory wsPolicy,
				Environment environment) {
			String pipeline = environment.getRequiredProperty("pipeline");
			return builder.routes()
				.route("r",
						(route) -> route.path("/**")
							.filters((filters) -> filters.filter(wsPolicy.pipeline(pipeline)))
							.uri("ws://localhost"))
				.build();
		}

	}

}
