package dev.wspolicy.gateway;

import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.cloud.context.environment.EnvironmentChangeEvent;
import org.springframework.cloud.gateway.event.RefreshRoutesEvent;
import org.springframework.cloud.gateway.filter.FilterDefinition;
import org.springframework.cloud.gateway.filter.GatewayFilterChain;
import org.springframework.cloud.gateway.filter.GlobalFilter;
import org.springframework.cloud.gateway.handler.predicate.PredicateDefinition;
import org.springframework.cloud.gateway.route.RouteDefinition;
import org.springframework.cloud.gateway.route.RouteDefinitionWriter;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.Ordered;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.MapPropertySource;
import org.springframework.http.HttpStatus;
import org.springframework.web.server.ServerWebExchange;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

import dev.wspolicy.frame.Frame;
import dev.wspolicy.frame.TextFrame;
import dev.wspolicy.policy.FrameContext;
import dev.wspolicy.policy.FramePolicy;
import dev.wspolicy.policy.FramePolicyFactory;
import dev.wspolicy.policy.UpgradePolicy;
import dev.wspolicy.policy.UpgradeVerdict;
import dev.wspolicy.policy.Verdict;
import dev.wspolicy.policy.WsPolicy;
import dev.wspolicy.session.ProxiedSession;
import dev.wspolicy.session.Termination;
import dev.wspolicy.testkit.RawPeer;
import dev.wspolicy.testkit.RawSession;
import dev.wspolicy.testkit.RawUpstream;
import dev.wspolicy.testkit.WireFrame;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.awaitility.Awaitility.await;

/**
 * Tests for pipelines and routes that change while sessions are open.
 */
@ExtendWith(OutputCaptureExtension.class)
class LiveChangesTests {

	private static final Queue<String> CALLS = new ConcurrentLinkedQueue<>();

	private RawUpstream upstream;

	private TestGateway gateway;

	@BeforeEach
	void start() {
		CALLS.clear();
		this.upstream = RawUpstream.start();
		this.gateway = TestGateway.with(Beans.class)
			.bean(GlobalFilter.class, new BetweenAnswerAndOpening())
			.route("live", this.upstream.uri(), "WsPolicy=live")
			.route("kept", this.upstream.uri(), "WsPolicy=kept")
			.set("ws-policy.pipelines.live.apply-to-live", "true")
			.set("ws-policy.pipelines.live.inbound[0]", "first")
			.set("ws-policy.pipelines.live.inbound[1]", "both")
			.set("ws-policy.pipelines.kept.inbound[0]", "first")
			.set("ws-policy.pipelines.kept.upgrade[0]", "gate")
			.set("ws-policy.pipelines.leaving.on-route-change", "close")
			.start();
	}

	@AfterEach
	void stop() {
		BetweenAnswerAndOpening.action = () -> {
		};
		this.gateway.close();
		this.upstream.close();
	}

	private RawSession open(String path) {
		return RawSession.open(this.gateway.client().path(path), this.upstream);
	}

	private static void assertRelays(RawSession session, String text, String expected) {
		session.client().send(WireFrame.text(text).masked());
		assertThat(session.upstream().receiveFrame().payloadAsText()).isEqualTo(expected);
	}

	private static void awaitCalls(String... last) {
		await().untilAsserted(() -> assertThat(CALLS).endsWith(last));
	}

	@Test
	void liveSessionsAdoptTheNewPipeline() {
		try (RawSession session = open("/live")) {
			assertRelays(session, "a", "a+first");
			session.client().send(WireFrame.text("half").fin(false).masked());
			session.client().send(WireFrame.ping("p").masked());
			assertThat(session.upstream().receiveFrame().payloadAsText()).isEqualTo("p");
			this.gateway
				.refresh(Map.of("ws-policy.pipelines.live.inbound[0]", "second", "ws-policy.pipelines.live.inbound[1]",
						"both", "ws-policy.pipelines.live.limits.inbound-message", "9B"));
			this.gateway.awaitEventLoops();
			session.client().send(WireFrame.continuation(" of it").masked());
			assertThat(session.upstream().receiveFrame().payloadAsText()).isEqualTo("half of it+first");
			assertRelays(session, "b", "b+second");
			try (RawSession later = open("/live")) {
				assertRelays(later, "c", "c+second");
			}
			session.client().send(WireFrame.text("ten bytes!").masked());
			assertThat(session.client().receiveFrame().closeCode()).isEqualTo(1009);
			assertThat(session.upstream().receiveFrame().closeCode()).isEqualTo(1001);
		}
		this.gateway.awaitNoSessions();
		assertThat(CALLS).startsWith("first opens", "both opens", "second opens")
			.containsOnlyOnce("first detaches")
			.filteredOn("both opens"::equals)
			.hasSize(2);
		assertThat(CALLS.stream().filter("second closes"::equals)).hasSize(2);
	}

	@Test
	void removedPoliciesAreClosedAfterTheirLastMessage() {
		try (RawSession session = open("/live")) {
			session.client().send(WireFrame.text("half").fin(false).masked());
			session.client().send(WireFrame.ping("p").masked());
			assertThat(session.upstream().receiveFrame().payloadAsText()).isEqualTo("p");
			this.gateway.refresh(Map.of("ws-policy.pipelines.live.inbound[0]", "second",
					"ws-policy.pipelines.live.inbound[1]", "both"));
			this.gateway.awaitEventLoops();
			assertThat(CALLS).doesNotContain("first detaches");
			session.client().send(WireFrame.continuation(" of it").masked());
			assertThat(session.upstream().receiveFrame().payloadAsText()).isEqualTo("half of it+first");
			assertRelays(session, "a", "a+second");
			awaitCalls("first detaches");
			this.gateway.refresh(Map.of("ws-policy.pipelines.live.inbound[0]", "first",
					"ws-policy.pipelines.live.inbound[1]", "both"));
			awaitCalls("first opens", "second detaches");
			assertRelays(session, "b", "b+first");
			assertThat(CALLS).endsWith("first detaches", "first opens", "second detaches");
		}
		this.gateway.awaitNoSessions();
		assertThat(CALLS).endsWith("both closes", "first closes");
	}

	@Test
	void policyKeepsItsStateWhenItsShareChanges() {
		this.gateway.refresh(Map.of("ws-policy.pipelines.live.inbound[0].counting.share", "99%"));
		try (RawSession session = open("/live")) {
			assertRelays(session, "a", "a+1");
			session.client().send(WireFrame.text("half").fin(false).masked());
			session.client().send(WireFrame.ping("p").masked());
			assertThat(session.upstream().receiveFrame().payloadAsText()).isEqualTo("p");
			this.gateway.refresh(Map.of("ws-policy.pipelines.live.inbound[0].counting.share", "99.9%"));
			this.gateway.awaitEventLoops();
			session.client().send(WireFrame.continuation(" of it").masked());
			assertThat(session.upstream().receiveFrame().payloadAsText()).isEqualTo("half of it+2");
			assertRelays(session, "b", "b+3");
			this.gateway.refresh(Map.of("ws-policy.pipelines.live.inbound[0]", "counting"));
			assertRelays(session, "c", "c+4");
			this.gateway.refresh(Map.of("ws-policy.pipelines.live.inbound[0].counting.share", "99%"));
			assertRelays(session, "d", "d+5");
			assertThat(CALLS).containsExactly("counting opens");
		}
		this.gateway.awaitNoSessions();
		awaitCalls("counting closes");
		assertThat(CALLS).hasSize(2);
	}

	@Test
	void observedPolicyKeepsItsStateWhenItsShareChanges() {
		this.gateway.refresh(Map.of("ws-policy.pipelines.live.inbound[0].counting.mode", "observe"));
		try (RawSession session = open("/live")) {
			assertRelays(session, "a", "a");
			this.gateway.refresh(Map.of("ws-policy.pipelines.live.inbound[0].counting.share", "0%"));
			assertRelays(session, "b", "b");
			this.gateway.awaitEventLoops();
			assertThat(this.gateway.onlySession().attributes()).containsEntry("count", 2);
		}
		this.gateway.awaitNoSessions();
		awaitCalls("counting opens", "counting closes");
	}

	@Test
	void policyBeginsAnewWhenItsModeChanges() {
		this.gateway.refresh(Map.of("ws-policy.pipelines.live.inbound[0]", "counting"));
		try (RawSession session = open("/live")) {
			assertRelays(session, "a", "a+1");
			this.gateway.refresh(Map.of("ws-policy.pipelines.live.inbound[0].counting.mode", "observe"));
			assertRelays(session, "b", "b");
			// As YAML reads 'off'.
			this.gateway.refresh(Map.of("ws-policy.pipelines.live.inbound[0].counting.mode", false));
			assertRelays(session, "c", "c");
			this.gateway.refresh(Map.of("ws-policy.pipelines.live.inbound[0]", "counting"));
			assertRelays(session, "d", "d+1");
			this.gateway.refresh(Map.of("ws-policy.pipelines.live.inbound[0].counting.mode", "observe"));
			assertRelays(session, "e", "e");
		}
		this.gateway.awaitNoSessions();
		awaitCalls("counting opens", "counting detaches", "counting opens", "counting detaches", "counting opens",
				"counting detaches", "counting opens", "counting closes");
	}

	@Test
	void removedPoliciesWithoutFramesAreClosedAtOnce() {
		this.gateway.refresh(Map.of("ws-policy.pipelines.live.inbound[0]", "silent"));
		try (RawSession session = open("/live")) {
			this.gateway.refresh(Map.of("ws-policy.pipelines.live.inbound[0]", "second"));
			awaitCalls("silent opens", "second opens", "silent detaches");
			assertRelays(session, "a", "a+second");
		}
	}

	@Test
	void sessionThatOpensDuringTheChangeAdoptsIt() {
		BetweenAnswerAndOpening.action = () -> this.gateway.refresh(Map.of("ws-policy.pipelines.live.inbound[0]",
				"second", "ws-policy.pipelines.kept.inbound[0]", "second"));
		try (RawSession session = open("/live")) {
			assertRelays(session, "a", "a+second");
		}
		BetweenAnswerAndOpening.action = () -> this.gateway
			.refresh(Map.of("ws-policy.pipelines.kept.inbound[0]", "both"));
		try (RawSession session = open("/kept")) {
			assertRelays(session, "b", "b+second");
		}
	}

	@Test
	void otherSessionsKeepTheirPipeline() {
		try (RawSession session = open("/kept")) {
			this.gateway.refresh(Map.of("ws-policy.pipelines.kept.inbound[0]", "second"));
			assertRelays(session, "a", "a+first");
			try (RawSession later = open("/kept")) {
				assertRelays(later, "b", "b+second");
			}
		}
	}

	@Test
	void changeOfTheDefaultPipelineIsInherited() {
		try (RawSession session = open("/live")) {
			this.gateway.refresh(Map.of("ws-policy.pipelines.default.limits.inbound-message", "5B"));
			this.gateway.awaitEventLoops();
			session.client().send(WireFrame.text("six by").masked());
			assertThat(session.client().receiveFrame().closeCode()).isEqualTo(1009);
		}
	}

	@Test
	void invalidChangeHasNoEffect(CapturedOutput output) {
		try (RawSession session = open("/live")) {
			this.gateway.refresh(Map.of("ws-policy.pipelines.live.inbound[0]", "secnd"));
			assertRelays(session, "a", "a+first");
			try (RawSession later = open("/live")) {
				assertRelays(later, "b", "b+first");
			}
		}
		assertThat(output).contains("Pipelines remain unchanged")
			.contains("'secnd'")
			.contains("Did you mean 'second'?");
	}

	@Test
	void changeThatNeedsAMissingClassHasNoEffect(CapturedOutput output) {
		try (RawSession session = open("/live")) {
			this.gateway.refresh(Map.of("ws-policy.pipelines.live.inbound[0].incomplete.any", "1"));
			assertRelays(session, "a", "a+first");
			assertThat(output).contains("Pipelines remain unchanged: [live]");
		}
	}

	@ParameterizedTest
	@CsvSource(delimiter = '|', textBlock = """
			limits.inbound-mesage   | 5B   | Did you mean 'inbound-message'?
			limits.inbound-message  | lots | Property: ws-policy.pipelines.live.limits.inbound-message
			inbound[0].frame-log.sample | 7 | must be less than or equal to 1
			""")
	void invalidChangeIsReportedAsAtStartUp(String key, String value, String told, CapturedOutput output) {
		// Spring Cloud binds the properties as well, and may log its own error.
		catchThrowable(() -> this.gateway.refresh(Map.of("ws-policy.pipelines.live." + key, value)));
		assertThat(output).containsPattern("Pipelines remain unchanged: \\[live\\]\\. \\S").contains(told);
	}

	@Test
	void upgradePolicyThatWouldNoLongerApplyStays(CapturedOutput output) {
		this.gateway.refresh(Map.of("ws-policy.pipelines.kept.upgrade[0]", "open-gate"));
		assertThat(output).contains("Pipelines remain unchanged: [kept]")
			.contains("The upgrade policy 'gate' applies to no upgrade");
		assertThat(this.gateway.client().path("/kept").header("X-Barred", "yes").exchange().status()).isEqualTo(403);
	}

	@Test
	void upgradePolicyMayMoveToAnotherPipeline(CapturedOutput output) {
		this.gateway.refresh(Map.of("ws-policy.pipelines.kept.upgrade[0]", "open-gate",
				"ws-policy.pipelines.live.upgrade[0]", "gate"));
		assertThat(output).doesNotContain("Pipelines remain unchanged");
	}

	@Test
	void changeThatCameWithAnInvalidOneIsAppliedLater() {
		try (RawSession session = open("/live")) {
			this.gateway.refresh(Map.of("ws-policy.pipelines.live.inbound[0]", "second",
					"ws-policy.pipelines.kept.inbound[0]", "secnd"));
			assertRelays(session, "a", "a+first");
			Map<String, Object> mended = Map.of("ws-policy.pipelines.kept.inbound[0]", "second");
			this.gateway.bean(ConfigurableEnvironment.class)
				.getPropertySources()
				.addFirst(new MapPropertySource("mended", mended));
			this.gateway.publish(new EnvironmentChangeEvent(mended.keySet()));
			this.gateway.awaitEventLoops();
			assertRelays(session, "b", "b+second");
			try (RawSession later = open("/kept")) {
				assertRelays(later, "c", "c+second");
			}
		}
	}

	@Test
	void unrelatedChangeIsIgnored(CapturedOutput output) {
		this.gateway.refresh(Map.of("other.key", "value"));
		assertThat(output).doesNotContain("Reloaded pipelines");
	}

	@Test
	void sessionsOfAChangedRouteAreClosedIfConfigured() {
		define("leaving", "WsPolicy=leaving");
		define("staying", "WsPolicy=live");
		define("same", "WsPolicy=leaving");
		try (RawSession leaving = open("/leaving");
				RawSession staying = open("/staying");
				RawSession same = open("/same")) {
			this.gateway.awaitEventLoops();
			define("leaving", "WsPolicy=leaving", "AddRequestHeader=X-New, yes");
			define("staying", "WsPolicy=live", "AddRequestHeader=X-New, yes");
			assertGone(leaving);
			assertRelays(staying, "a", "a+first");
			assertRelays(same, "b", "b");
			RouteDefinitionWriter routes = this.gateway.bean(RouteDefinitionWriter.class);
			routes.delete(Mono.just("same")).block();
			routes.delete(Mono.just("staying")).block();
			this.gateway.publish(new RefreshRoutesEvent(this));
			assertGone(same);
			assertRelays(staying, "c", "c+first");
		}
	}

	@Test
	void sessionThatOpensDuringAChangeOfItsRouteIsClosedIfConfigured() {
		define("leaving", "WsPolicy=leaving");
		define("staying", "WsPolicy=live");
		BetweenAnswerAndOpening.action = () -> {
			define("leaving", "WsPolicy=leaving", "AddRequestHeader=X-New, yes");
			define("staying", "WsPolicy=live", "AddRequestHeader=X-New, yes");
		};
		try (RawSession leaving = open("/leaving")) {
			assertGone(leaving);
		}
		define("staying", "WsPolicy=live");
		try (RawSession staying = open("/staying")) {
			assertRelays(staying, "a", "a+first");
		}
		BetweenAnswerAndOpening.action = () -> {
		};
		try (RawSession leaving = open("/leaving")) {
			assertRelays(leaving, "b", "b");
		}
	}

	private static void assertGone(RawSession session) {
		for (RawPeer peer : List.of(session.client(), session.upstream())) {
			WireFrame close = peer.receiveFrame();
			assertThat(close.closeCode()).isEqualTo(1001);
			assertThat(close.closeReason()).isEqualTo("route changed");
		}
	}

	private void define(String id, String... filters) {
		RouteDefinition route = new RouteDefinition();
		route.setId(id);
		route.setUri(URI.create(this.upstream.uri().toString()));
		route.setPredicates(List.of(new PredicateDefinition("Path=/" + id)));
		route.setFilters(List.of(filters).stream().map(FilterDefinition::new).toList());
		this.gateway.bean(RouteDefinitionWriter.class).save(Mono.just(route)).block();
		this.gateway.publish(new RefreshRoutesEvent(this));
	}

	/**
	 * Runs an action while the session is pending.
	 */
	private static final class BetweenAnswerAndOpening implements GlobalFilter, Ordered {

		static volatile Runnable action = () -> {
		};

		@Override
		public Mono<Void> filter(ServerWebExchange exchange, GatewayFilterChain chain) {
			// Reading pipelines requires a thread that may block.
			return chain.filter(exchange)
				.then(Mono.fromRunnable(() -> action.run()).subscribeOn(Schedulers.boundedElastic()).then());
		}

		@Override
		public int getOrder() {
			return 0;
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class Beans {

		@Bean
		UpgradePolicy gate() {
			return (upgrade) -> Mono.just(upgrade.headers().containsHeader("X-Barred")
					? UpgradeVerdict.refuse(HttpStatus.FORBIDDEN) : UpgradeVerdict.accept());
		}

		@Bean
		@WsPolicy(routes = "none")
		UpgradePolicy openGate() {
			return (upgrade) -> Mono.just(UpgradeVerdict.accept());
		}

		@Bean
		FramePolicy first() {
			return new Appending("first");
		}

		@Bean
		FramePolicy second() {
			return new Appending("second");
		}

		@Bean
		@WsPolicy(types = {}, routes = "none")
		FramePolicy silent() {
			return new Appending("silent");
		}

		@Bean
		FramePolicyFactory<?> incomplete() {
			return FramePolicyFactory.of("incomplete", Settings.class, (settings) -> {
				throw new NoClassDefFoundError("com/example/Missing");
			});
		}

		@Bean
		FramePolicy both() {
			return new Appending("both");
		}

		@Bean
		FramePolicy counting() {
			return new Counting();
		}

	}

	/**
	 * Appends the number of messages, which it keeps from the opening on.
	 */
	private static final class Counting implements FramePolicy {

		@Override
		public void onOpen(ProxiedSession session) {
			CALLS.add("counting opens");
			session.attributes().put("count", 0);
		}

		@Override
		public Verdict apply(Frame frame, FrameContext context) {
			int count = (int) Objects.requireNonNull(context.session().attributes().get("count")) + 1;
			context.session().attributes().put("count", count);
			return Verdict.replaceText(((TextFrame) frame).text() + "+" + count);
		}

		@Override
		public void onDetached(ProxiedSession session) {
			CALLS.add("counting detaches");
			session.attributes().remove("count");
		}

		@Override
		public void onClose(ProxiedSession session, Termination termination) {
			CALLS.add("counting closes");
			session.attributes().remove("count");
		}

	}

	record Settings(String any) {

	}

	/**
	 * Appends its name to each message, unless it is named {@code both}.
	 */
	private record Appending(String name) implements FramePolicy {

		@Override
		public void onOpen(ProxiedSession session) {
			CALLS.add(this.name + " opens");
		}

		@Override
		public Verdict apply(Frame frame, FrameContext context) {
			return this.name.equals("both") ? Verdict.forward()
					: Verdict.replaceText(new String(frame.toByteArray(), StandardCharsets.UTF_8) + "+" + this.name);
		}

		@Override
		public void onDetached(ProxiedSession session) {
			CALLS.add(this.name + " detaches");
		}

		@Override
		public void onClose(ProxiedSession session, Termination termination) {
			CALLS.add(this.name + " closes");
		}

	}

}
