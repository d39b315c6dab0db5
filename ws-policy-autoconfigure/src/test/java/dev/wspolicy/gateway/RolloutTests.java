package dev.wspolicy.gateway;

import java.security.Principal;
import java.time.Duration;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.http.HttpStatus;
import org.springframework.http.HttpStatusCode;
import org.springframework.security.authentication.TestingAuthenticationToken;
import org.springframework.web.server.WebFilter;
import reactor.core.publisher.Mono;
import reactor.util.context.Context;

import dev.wspolicy.frame.CloseStatus;
import dev.wspolicy.frame.Direction;
import dev.wspolicy.frame.Frame;
import dev.wspolicy.frame.FrameType;
import dev.wspolicy.frame.InvalidUtf8Exception;
import dev.wspolicy.frame.TextFrame;
import dev.wspolicy.policy.Admission;
import dev.wspolicy.policy.FrameContext;
import dev.wspolicy.policy.FramePolicy;
import dev.wspolicy.policy.PolicyMode;
import dev.wspolicy.policy.TextPolicy;
import dev.wspolicy.policy.UpgradePolicy;
import dev.wspolicy.policy.UpgradeVerdict;
import dev.wspolicy.policy.Verdict;
import dev.wspolicy.policy.WsPolicy;
import dev.wspolicy.session.ObservedVerdict;
import dev.wspolicy.session.ProxiedSession;
import dev.wspolicy.session.SessionListener;
import dev.wspolicy.session.Side;
import dev.wspolicy.session.Termination;
import dev.wspolicy.session.UpgradeContext;
import dev.wspolicy.session.VerdictCounts.Kind;
import dev.wspolicy.testkit.RawSession;
import dev.wspolicy.testkit.WireFrame;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Tests for policies that are observed, that are off, or that serve a share of the
 * clients.
 */
@ExtendWith(OutputCaptureExtension.class)
class RolloutTests {

	@RegisterExtension
	static final GatewayExtension gateway = GatewayExtension.with(Beans.class)
		.complete()
		.pipeline("observed", "inbound[0].obedient.mode", "observe")
		.pipeline("observed", "outbound[0].obedient.mode", "observe")
		.pipeline("observed", "inbound[1]", "shouting")
		.pipeline("blocking", "inbound[0].slow.mode", "observe")
		.pipeline("failing", "inbound[0].failing.mode", "observe")
		.pipeline("lenient", "inbound[0].lenient.mode", "observe")
		.pipeline("late", "upgrade[0].late.mode", "observe")
		.pipeline("off", "inbound[0].obedient.mode", "off")
		.pipeline("shipped", "inbound[0].text-pattern.patterns", "rude")
		.pipeline("shipped", "inbound[0].text-pattern.on-violation.reason", "be polite")
		.pipeline("shipped", "inbound[0].text-pattern.mode", "observe")
		.pipeline("half", "inbound[0].obedient.share", "50%")
		.pipeline("quarter", "inbound[0].obedient.share", "25%")
		.pipeline("quarter", "inbound[0].obedient.rest", "off")
		.pipeline("guarded", "upgrade[0].guard.mode", "observe")
		.pipeline("guarded", "upgrade[1].allowed-origins.origins", "https://app.example.com")
		.pipeline("guarded", "upgrade[1].allowed-origins.mode", "observe")
		.set("management.endpoints.web.exposure.include", "websockets,websocketpipelines")
		.set("logging.level.dev.wspolicy.session", "debug")
		.routesByName("observed", "blocking", "off", "shipped", "half", "quarter", "guarded", "failing", "lenient",
				"late")
		.routes("annotated");

	@BeforeEach
	void forget() {
		recorder().verdicts.clear();
		recorder().refusals.clear();
		obedient().callbacks.clear();
		obedient().cancelled.set(0);
	}

	private static Recorder recorder() {
		return gateway.bean(Recorder.class);
	}

	private static Obedient obedient() {
		return gateway.bean(Obedient.class);
	}

	private static void awaitVerdicts(ObservedVerdict... verdicts) {
		await().untilAsserted(() -> assertThat(recorder().verdicts).containsExactly(verdicts));
	}

	private static void assertPasses(RawSession session, String text, String expected) {
		session.client().send(WireFrame.text(text).masked());
		assertThat(session.upstream().receiveFrame().payloadAsText()).isEqualTo(expected);
	}

	@ParameterizedTest
	@CsvSource({ "drop, DROP,", "replace, REPLACE,", "reply, REPLY,", "close, CLOSE, 4000", "close sender, CLOSE, 4001",
			"fail, FAILED,", "null, FAILED,", "error, FAILED,", "later drop, DROP,", "later close, CLOSE, 4000",
			"later fail, FAILED,", "later null, FAILED,", "close now, CLOSE, 4002" })
	void verdictIsRecordedAndHasNoEffect(String order, Kind kind, @Nullable Integer code) {
		try (RawSession session = gateway.open("observed")) {
			assertPasses(session, order, order + "!");
			CloseStatus status = (code != null) ? CloseStatus.of(code) : null;
			Direction direction = order.equals("close now") ? null : Direction.INBOUND;
			awaitVerdicts(new ObservedVerdict("obedient", direction, kind, status));
			session.roundTrip();
			assertThat(gateway.session("observed").observedVerdicts()).singleElement().satisfies((observed) -> {
				assertThat(observed.counts().count(kind)).isOne();
				assertThat(observed.last()).isEqualTo(new ObservedVerdict("obedient", direction, kind, status));
			});
		}
	}

	@Test
	void bothDirections() {
		try (RawSession session = gateway.open("observed")) {
			session.upstream().send(WireFrame.text("close sender"));
			assertThat(session.client().receiveFrame().payloadAsText()).isEqualTo("close sender");
			awaitVerdicts(new ObservedVerdict("obedient", Direction.OUTBOUND, Kind.CLOSE, CloseStatus.of(4001)));
			assertPasses(session, "forward", "forward!");
			assertThat(recorder().verdicts).hasSize(1);
		}
		gateway.awaitNoSessions();
		await().untilAsserted(() -> assertThat(obedient().callbacks).containsExactly("open", "close"));
	}

	@Test
	void nothingElseThatThePolicyDoesHasAnEffect() {
		try (RawSession session = gateway.open("observed")) {
			assertPasses(session, "send", "send!");
			assertPasses(session, "principal", "principal!");
			assertThat(gateway.session("observed").principal()).isNull();
			assertPasses(session, "later", "later!");
			awaitVerdicts(new ObservedVerdict("obedient", null, Kind.CLOSE, CloseStatus.of(4003)));
			session.roundTrip();
		}
	}

	@Test
	void invalidTextIsNotTheSendersFault() {
		try (RawSession session = gateway.open("off")) {
			// Nobody reads it: the gateway passes it on.
			session.client().send(WireFrame.text(new byte[] { 'a', (byte) 0xFF }).masked());
			assertThat(session.upstream().receiveFrame().payload()).isEqualTo(new byte[] { 'a', (byte) 0xFF });
		}
		try (RawSession session = gateway.open("shipped")) {
			session.client().send(WireFrame.text(new byte[] { 'a', (byte) 0xFF }).masked());
			assertThat(session.upstream().receiveFrame().payload()).isEqualTo(new byte[] { 'a', (byte) 0xFF });
			awaitVerdicts(new ObservedVerdict("text-pattern", Direction.INBOUND, Kind.FAILED, null));
		}
	}

	@Test
	void invalidTextIsRecordedWhateverThePolicyMakesOfIt() {
		try (RawSession session = gateway.open("lenient")) {
			session.client().send(WireFrame.text(new byte[] { 'a', (byte) 0xFF }).masked());
			assertThat(session.upstream().receiveFrame().payload()).isEqualTo(new byte[] { 'a', (byte) 0xFF });
			awaitVerdicts(new ObservedVerdict("lenient", Direction.INBOUND, Kind.FAILED, null));
			recorder().verdicts.clear();
			session.client().send(WireFrame.ping("p").masked());
			assertThat(session.upstream().receiveFrame().payloadAsText()).isEqualTo("p");
			awaitVerdicts(new ObservedVerdict("lenient", Direction.INBOUND, Kind.DROP, null));
			recorder().verdicts.clear();
			// Only a ping may be dropped.
			session.client().send(WireFrame.close(4009, "bye").masked());
			WireFrame close = session.upstream().receiveFrame();
			assertThat(close.closeCode()).isEqualTo(4009);
			assertThat(close.closeReason()).isEqualTo("bye");
			awaitVerdicts(new ObservedVerdict("lenient", Direction.INBOUND, Kind.FAILED, null));
		}
	}

	@Test
	void pendingVerdictsAreCancelledAtTheEnd() {
		Obedient obedient = obedient();
		try (RawSession session = gateway.open("observed")) {
			assertPasses(session, "never", "never!");
			assertThat(obedient.cancelled).hasValue(0);
		}
		gateway.awaitNoSessions();
		await().untilAsserted(() -> assertThat(obedient.cancelled).hasValue(1));
		assertThat(recorder().verdicts).isEmpty();
	}

	@Test
	void frameCanBeReadWhenItHasPassed() {
		Slow slow = gateway.bean(Slow.class);
		try (RawSession session = gateway.open("blocking")) {
			assertPasses(session, "one", "one");
			assertPasses(session, "two", "two");
			slow.released.complete(null);
			// Verdicts that come later may overtake each other.
			await().untilAsserted(() -> assertThat(recorder().verdicts).containsExactlyInAnyOrder(
					new ObservedVerdict("slow", Direction.INBOUND, Kind.CLOSE, CloseStatus.of(4000).withReason("one")),
					new ObservedVerdict("slow", Direction.INBOUND, Kind.CLOSE,
							CloseStatus.of(4000).withReason("two"))));
		}
	}

	@Test
	void pendingVerdictsAreBounded() {
		try (RawSession session = gateway.open("observed")) {
			for (int i = 0; i < 20; i++) {
				assertPasses(session, "never", "never!");
			}
			await().untilAsserted(() -> assertThat(recorder().verdicts).hasSize(4)
				.extracting(ObservedVerdict::kind)
				.containsOnly(Kind.FAILED));
		}
	}

	@Test
	void policyThatIsOffIsNotCalled() {
		try (RawSession session = gateway.open("off")) {
			assertPasses(session, "close", "close");
			session.roundTrip();
			assertThat(gateway.session("off").verdicts(Direction.INBOUND))
				.noneMatch((counts) -> counts.forwarded() > 0);
		}
		gateway.awaitNoSessions();
		assertThat(obedient().callbacks).isEmpty();
	}

	@Test
	void annotatedPolicyIsObserved() {
		try (RawSession session = gateway.open("annotated")) {
			assertPasses(session, "hush", "hush");
			awaitVerdicts(new ObservedVerdict("annotated", Direction.INBOUND, Kind.DROP, null));
		}
	}

	@Test
	void shareOfTheClients() {
		int enforced = 0;
		for (int i = 0; i < 30; i++) {
			String user = "user-" + i;
			boolean first = isEnforced("half", user);
			assertThat(isEnforced("half", user)).isEqualTo(first);
			enforced += first ? 1 : 0;
		}
		assertThat(enforced).isBetween(1, 29);
		// Each of the others has been observed, twice.
		await().untilAsserted(() -> assertThat(recorder().verdicts).isNotEmpty());
		assertThat(recorder().verdicts).hasSize(2 * (30 - enforced));
	}

	@Test
	void restIsOff() {
		for (int i = 0; i < 30; i++) {
			isEnforced("quarter", "user-" + i);
		}
		assertThat(recorder().verdicts).isEmpty();
	}

	private static boolean isEnforced(String route, String user) {
		try (RawSession session = RawSession.open(gateway.client().path("/" + route).header("X-User", user),
				gateway.upstream())) {
			session.client().send(WireFrame.text("drop").masked(), WireFrame.text("forward").masked());
			String first = session.upstream().receiveFrame().payloadAsText();
			if (first.equals("drop")) {
				assertThat(session.upstream().receiveFrame().payloadAsText()).isEqualTo("forward");
				return false;
			}
			assertThat(first).isEqualTo("forward");
			return true;
		}
	}

	@Test
	void upgradesAreAccepted() {
		try (RawSession session = RawSession
			.open(gateway.client().path("/guarded").header("Origin", "https://evil.example"), gateway.upstream())) {
			session.roundTrip();
			await().untilAsserted(() -> assertThat(recorder().refusals).containsExactlyInAnyOrder("guard 401",
					"allowed-origins 403"));
		}
		try (RawSession session = RawSession.open(
				gateway.client().path("/guarded").header("X-Guard", "fail").header("Origin", "https://app.example.com"),
				gateway.upstream())) {
			session.roundTrip();
			await().untilAsserted(() -> assertThat(recorder().refusals).hasSize(3).contains("guard null"));
		}
		recorder().refusals.clear();
		try (RawSession session = RawSession.open(gateway.client()
			.path("/guarded")
			.header("X-Guard", "nothing")
			.header("Origin", "https://app.example.com"), gateway.upstream())) {
			session.roundTrip();
			await().untilAsserted(() -> assertThat(recorder().refusals).containsExactly("guard null"));
		}
	}

	@Test
	void upgradePolicyIsObservedInTheContextOfTheRequest() {
		try (RawSession session = RawSession.open(gateway.client()
			.path("/guarded")
			.header("X-Guard", "context")
			.header("Origin", "https://app.example.com"), gateway.upstream())) {
			session.roundTrip();
			await().untilAsserted(() -> assertThat(recorder().refusals).containsExactly("guard 402"));
		}
	}

	@Test
	void admissionThatComesLateFollowsTheSession() {
		Late late = gateway.bean(Late.class);
		try (RawSession session = gateway.open("late")) {
			session.roundTrip();
			gateway.session("late").principal(() -> "somebody");
			late.accepted.complete(UpgradeVerdict.accept(late));
			await().untilAsserted(() -> assertThat(late.calls).containsExactly("open", "principal somebody"));
			// The policy has accepted on the thread of the test.
			assertThat(late.thread).isNotNull().isNotSameAs(Thread.currentThread());
			gateway.session("late").principal(() -> "other");
			await().untilAsserted(() -> assertThat(late.calls).hasSize(3).contains("principal other"));
		}
		gateway.awaitNoSessions();
		await().untilAsserted(() -> assertThat(late.calls).hasSize(4).endsWith("end"));
	}

	@Test
	void operatorsSeeWhatWouldHaveHappened(CapturedOutput output) {
		try (RawSession session = gateway.open("shipped")) {
			assertPasses(session, "how rude", "how rude");
			awaitVerdicts(new ObservedVerdict("text-pattern", Direction.INBOUND, Kind.CLOSE,
					CloseStatus.of(1008, "be polite")));
			gateway.http("/actuator/websockets/" + gateway.session("shipped").id())
				.get()
				.exchange()
				.expectBody()
				.jsonPath("$.observed[0].policy")
				.isEqualTo("text-pattern")
				.jsonPath("$.observed[0].closed")
				.isEqualTo(1)
				.jsonPath("$.observed[0].last.verdict")
				.isEqualTo("close")
				.jsonPath("$.observed[0].last.code")
				.isEqualTo(1008)
				.jsonPath("$.observed[0].last.reason")
				// Not everybody is shown what may quote a message.
				.isEqualTo("******");
			await().untilAsserted(() -> assertThat(output).containsPattern(
					"WebSocket verdict observed: id=\\S+ route=shipped .*direction=inbound verdict=close code=1008 reason=\"be polite\" policy=text-pattern"));
			assertThat(output).doesNotContain("how rude");
			assertThat(gateway.bean(MeterRegistry.class)
				.get("wspolicy.verdicts.observed")
				.tags("route", "shipped", "policy", "text-pattern", "direction", "inbound", "verdict", "close")
				.counter()
				.count()).isOne();
		}
		gateway.http("/actuator/websocketpipelines")
			.get()
			.exchange()
			.expectBody()
			.jsonPath("$..[?(@.name == 'text-pattern')].rollout.mode")
			.isEqualTo("OBSERVE")
			.jsonPath("$.routes.quarter.inbound[?(@.name == 'obedient')].rollout.share")
			.isEqualTo(25.0);
	}

	@Test
	void failureIsLoggedOnce(CapturedOutput output) {
		for (int i = 0; i < 3; i++) {
			try (RawSession session = gateway.open("failing")) {
				assertPasses(session, "any", "any");
			}
		}
		await().untilAsserted(() -> assertThat(recorder().verdicts).hasSize(3));
		assertThat(output.toString().lines().filter((line) -> line.contains("The policy 'failing'"))).singleElement()
			.asString()
			.contains("whose verdicts are observed, failed on an INBOUND frame", "Further failures are only counted.");
	}

	@Configuration(proxyBeanMethods = false)
	static class Beans {

		@Bean
		MeterRegistry meterRegistry() {
			return new SimpleMeterRegistry();
		}

		@Bean
		Recorder recorder() {
			return new Recorder();
		}

		@Bean
		Obedient obedient() {
			return new Obedient();
		}

		@Bean
		Late late() {
			return new Late();
		}

		@Bean
		Slow slow() {
			return new Slow();
		}

		@Bean
		TextPolicy shouting() {
			return (text, context) -> Verdict.replaceText(text + "!");
		}

		@Bean
		TextPolicy failing() {
			return (text, context) -> {
				throw new IllegalStateException("failed");
			};
		}

		@Bean
		@WsPolicy(routes = "annotated", direction = Direction.INBOUND, mode = PolicyMode.OBSERVE)
		TextPolicy annotated() {
			return (text, context) -> Verdict.drop();
		}

		@Bean
		UpgradePolicy guard() {
			return (upgrade) -> switch (String.valueOf(upgrade.headers().getFirst("X-Guard"))) {
				case "fail" -> Mono.error(new IllegalStateException("no verdict"));
				case "nothing" -> Mono.empty();
				case "context" -> Mono.deferContextual((context) -> Mono.just(context.hasKey(RolloutTests.class)
						? UpgradeVerdict.refuse(HttpStatus.PAYMENT_REQUIRED) : UpgradeVerdict.accept()));
				default -> Mono.just(UpgradeVerdict.refuse(HttpStatus.UNAUTHORIZED));
			};
		}

		@Bean
		@Order(Ordered.HIGHEST_PRECEDENCE)
		SessionListener failingListener() {
			return new SessionListener() {

				@Override
				public void onRefusalObserved(UpgradeContext upgrade, String policy, @Nullable HttpStatusCode status) {
					throw new IllegalStateException("failing listener");
				}

				@Override
				public void onVerdictObserved(ProxiedSession session, ObservedVerdict verdict) {
					throw new IllegalStateException("failing listener");
				}

			};
		}

		@Bean
		@WsPolicy(routes = "nowhere", types = { FrameType.TEXT, FrameType.PING, FrameType.CLOSE })
		FramePolicy lenient() {
			return (frame, context) -> {
				try {
					return (frame instanceof TextFrame text && text.text() != null) ? Verdict.forward()
							: Verdict.drop();
				}
				catch (InvalidUtf8Exception ex) {
					return Verdict.forward();
				}
			};
		}

		@Bean
		WebFilter authentication() {
			return (exchange, chain) -> {
				String user = exchange.getRequest().getHeaders().getFirst("X-User");
				return chain
					.filter((user != null)
							? exchange.mutate().principal(Mono.just(new TestingAuthenticationToken(user, ""))).build()
							: exchange)
					.contextWrite(Context.of(RolloutTests.class, "set"));
			};
		}

	}

	/**
	 * Does what the text says.
	 */
	static final class Obedient implements TextPolicy {

		final Queue<String> callbacks = new ConcurrentLinkedQueue<>();

		final AtomicInteger cancelled = new AtomicInteger();

		@Override
		public void onOpen(ProxiedSession session) {
			this.callbacks.add("open");
		}

		@Override
		public void onClose(ProxiedSession session, Termination termination) {
			this.callbacks.add("close");
		}

		@Override
		@SuppressWarnings("NullAway")
		public Verdict apply(String text, FrameContext context) {
			ProxiedSession session = context.session();
			switch (text) {
				case "send" -> session.send(Side.CLIENT, TextFrame.of("from the policy"));
				case "principal" -> session.principal(() -> "somebody");
				case "close now" -> session.close(CloseStatus.of(4002));
				case "later" -> session.schedule(Duration.ZERO, () -> session.close(CloseStatus.of(4003)));
				default -> {
				}
			}
			return switch (text) {
				case "drop" -> Verdict.drop();
				case "replace" -> Verdict.replaceText("other");
				case "reply" -> Verdict.replyText("no");
				case "close" -> Verdict.close(CloseStatus.of(4000));
				case "close sender" -> Verdict.closeSender(CloseStatus.of(4001));
				case "fail" -> throw new IllegalStateException("failed");
				case "error" -> throw new AssertionError("failed");
				case "null" -> null;
				case "later drop" -> Verdict.later(Mono.just(Verdict.drop()));
				case "later close" -> Verdict.later(Mono.just(Verdict.close(CloseStatus.of(4000))));
				case "later fail" -> Verdict.later(Mono.error(new IllegalStateException("failed")));
				case "later null" -> Verdict.later(Mono.empty());
				case "never" -> Verdict.later(Mono.<Verdict>never().doOnCancel(this.cancelled::incrementAndGet));
				default -> Verdict.forward();
			};
		}

	}

	/**
	 * Accepts after the session has opened.
	 */
	@WsPolicy(routes = "nowhere")
	static final class Late implements UpgradePolicy, Admission {

		final CompletableFuture<UpgradeVerdict> accepted = new CompletableFuture<>();

		final Queue<String> calls = new ConcurrentLinkedQueue<>();

		volatile @Nullable Thread thread;

		@Override
		public Mono<UpgradeVerdict> apply(UpgradeContext upgrade) {
			return Mono.fromFuture(this.accepted);
		}

		@Override
		public void onOpen(ProxiedSession session) {
			this.thread = Thread.currentThread();
			this.calls.add("open");
		}

		@Override
		public void onPrincipal(ProxiedSession session) {
			Principal principal = session.principal();
			this.calls.add("principal " + ((principal != null) ? principal.getName() : null));
		}

		@Override
		public void onEnd() {
			this.calls.add("end");
		}

	}

	/**
	 * Reads each message when it has passed.
	 */
	@WsPolicy(routes = "nowhere", blocking = true)
	static final class Slow implements TextPolicy {

		final CompletableFuture<Void> released = new CompletableFuture<>();

		@Override
		public Verdict apply(String text, FrameContext context) {
			return Verdict.close(CloseStatus.of(4000).withReason(text));
		}

		@Override
		public Verdict apply(Frame frame, FrameContext context) {
			this.released.join();
			return TextPolicy.super.apply(frame, context);
		}

	}

	static final class Recorder implements SessionListener {

		final Queue<ObservedVerdict> verdicts = new ConcurrentLinkedQueue<>();

		final Queue<String> refusals = new ConcurrentLinkedQueue<>();

		@Override
		public void onVerdictObserved(ProxiedSession session, ObservedVerdict verdict) {
			this.verdicts.add(verdict);
		}

		@Override
		public void onRefusalObserved(UpgradeContext upgrade, String policy, @Nullable HttpStatusCode status) {
			this.refusals.add(policy + " " + ((status != null) ? status.value() : null));
		}

	}

}
