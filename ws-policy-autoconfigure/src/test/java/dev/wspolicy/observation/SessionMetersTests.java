package dev.wspolicy.observation;

import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.FunctionTimer;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tag;
import io.micrometer.core.instrument.TimeGauge;
import io.micrometer.core.instrument.Timer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.http.HttpStatus;

import dev.wspolicy.frame.CloseStatus;
import dev.wspolicy.frame.Direction;
import dev.wspolicy.frame.FrameType;
import dev.wspolicy.gateway.GatewayExtension;
import dev.wspolicy.policy.FramePolicy;
import dev.wspolicy.policy.Verdict;
import dev.wspolicy.policy.WsPolicy;
import dev.wspolicy.session.ObservedVerdict;
import dev.wspolicy.session.ProxiedSession;
import dev.wspolicy.session.VerdictCounts.Kind;
import dev.wspolicy.testkit.RawResponse;
import dev.wspolicy.testkit.RawSession;
import dev.wspolicy.testkit.WireFrame;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Tests the meters with known traffic.
 */
class SessionMetersTests {

	@RegisterExtension
	final GatewayExtension gateway = GatewayExtension.with(Policies.class)
		.complete()
		// Nothing waits for it
		.pipeline("session.close-timeout", "1m")
		.set("management.endpoint.websockettap.access", "read-only")
		.set("management.endpoints.web.exposure.include", "websockettap")
		.routes("chat", "feed");

	private MeterRegistry meters;

	@BeforeEach
	void start() {
		this.meters = this.gateway.bean(MeterRegistry.class);
	}

	@Test
	void countsTraffic() {
		try (RawSession chat = this.gateway.open("chat/1"); RawSession feed = this.gateway.open("feed")) {
			chat.client().send(WireFrame.text("hello").masked(), WireFrame.ping("abc").masked());
			chat.upstream().receiveFrames(2);
			feed.upstream().send(WireFrame.text("wor").fin(false), WireFrame.continuation("ld"));
			feed.client().receiveFrames(2);
			assertThat(active("chat")).isOne();
			assertThat(active("feed")).isOne();
			// While the sessions are open.
			awaitTraffic("chat", "inbound", 2, 1, 8);
			awaitTraffic("chat", "outbound", 0, 0, 0);
			awaitTraffic("feed", "inbound", 0, 0, 0);
			awaitTraffic("feed", "outbound", 2, 1, 5);

			observe(this.gateway.session("chat"));
			chat.client().send(WireFrame.close(1000).masked());
			chat.upstream().receiveFrame();
			chat.upstream().send(WireFrame.close(1000));
			chat.client().receiveFrame();
			chat.client().expectClosed();
			feed.upstream().send(WireFrame.close(4001, "enough"));
			feed.client().receiveFrame();
			feed.client().send(WireFrame.close(4001).masked());
			feed.upstream().receiveFrame();
			feed.upstream().close();
		}
		await().until(() -> active("chat") + active("feed") == 0);
		await().until(() -> counter("wspolicy.sessions.closed") == 2);
		assertThat(counter("wspolicy.sessions.closed", "route", "chat", "cause", "close_frame", "initiator", "client",
				"code", "1000", "policy", "none"))
			.isOne();
		assertThat(counter("wspolicy.sessions.closed", "route", "feed", "cause", "close_frame", "initiator", "upstream",
				"code", "4xxx", "policy", "none"))
			.isOne();
		assertThat(this.meters.get("wspolicy.session.duration").tags("route", "chat").timer().count()).isOne();
		assertThat(this.meters.get("wspolicy.session.duration").tags("route", "chat").timer().totalTime(TimeUnit.HOURS))
			.isPositive()
			.isLessThan(1);
		assertThat(counter("wspolicy.upgrades", "route", "chat", "status", "101", "outcome", "INFORMATIONAL", "policy",
				"none"))
			.isOne();
		// After the sessions have closed: plus close frames of two bytes each, and a
		// reason of six.
		awaitTraffic("chat", "inbound", 3, 1, 10);
		awaitTraffic("chat", "outbound", 1, 0, 2);
		awaitTraffic("feed", "inbound", 1, 0, 2);
		awaitTraffic("feed", "outbound", 3, 1, 13);
		assertFrames("chat", "inbound", "text", 1, 5);
		assertFrames("chat", "inbound", "ping", 1, 3);
		assertFrames("chat", "inbound", "close", 1, 2);
		assertFrames("chat", "inbound", "binary", 0, 0);
		assertFrames("feed", "outbound", "text", 1, 3);
		assertFrames("feed", "outbound", "continuation", 1, 2);
		assertFrames("feed", "outbound", "close", 1, 8);
		assertThat(this.meters.get("wspolicy.verdicts")
			.tags("route", "chat", "policy", "passes", "direction", "inbound", "verdict", "forward")
			.functionCounter()
			.count()).isOne();
		theMetersAreThoseOfTheEnum();
	}

	@Test
	void timesASampleOfPolicyCalls() {
		int messages = 640;
		try (RawSession chat = this.gateway.open("chat/1")) {
			for (int i = 0; i < messages; i++) {
				chat.client().send(WireFrame.text("hello").masked());
			}
			chat.upstream().receiveFrames(messages);
			Timer timer = this.meters.get("wspolicy.policy.time")
				.tags("route", "chat", "policy", "passes", "direction", "inbound")
				.timer();
			// The first is sampled from 64 calls, the following ones from 127.
			assertThat(timer.count()).isBetween(5L, 100L);
			assertThat(timer.max(TimeUnit.NANOSECONDS)).isPositive();
			assertThat(timer.totalTime(TimeUnit.HOURS)).isPositive().isLessThan(1);
			assertThat(this.meters.get("wspolicy.policy.time").timers()).hasSize(1);
		}
	}

	@Test
	void measuresTurnsOfEventLoops() {
		try (RawSession chat = this.gateway.open("chat/1")) {
			FunctionTimer turns = this.meters.get("wspolicy.loop.turn").functionTimer();
			double before = turns.count();
			int messages = 20;
			for (int i = 0; i < messages; i++) {
				chat.client().send(WireFrame.text("hello").masked());
				chat.upstream().receiveFrame();
			}
			await().until(() -> turns.count() >= before + messages);
			TimeGauge longest = this.meters.get("wspolicy.loop.turn.max").timeGauge();
			assertThat(longest.value(TimeUnit.NANOSECONDS)).isPositive()
				.isLessThanOrEqualTo(turns.totalTime(TimeUnit.NANOSECONDS));
			assertThat(turns.totalTime(TimeUnit.HOURS)).isLessThan(1);
		}
	}

	private void observe(ProxiedSession session) {
		SessionMeters listener = this.gateway.bean(SessionMeters.class);
		listener.onVerdictObserved(session, new ObservedVerdict("later", Direction.INBOUND, Kind.DROP, null));
		listener.onVerdictObserved(session, new ObservedVerdict("later", null, Kind.CLOSE, CloseStatus.NORMAL));
		listener.onRefusalObserved(session.upgrade(), "strict", HttpStatus.FORBIDDEN);
		listener.onRefusalObserved(session.upgrade(), "strict", null);
		for (String[] tags : new String[][] { { "inbound", "drop" }, { "none", "close" } }) {
			assertThat(counter("wspolicy.verdicts.observed", "route", "chat", "policy", "later", "direction", tags[0],
					"verdict", tags[1]))
				.isOne();
		}
		for (String status : List.of("403", "none")) {
			assertThat(counter("wspolicy.upgrades.observed", "route", "chat", "status", status, "policy", "strict"))
				.isOne();
		}
	}

	private void theMetersAreThoseOfTheEnum() {
		assertThat(this.meters.getMeters()
			.stream()
			.map(Meter::getId)
			.filter((id) -> id.getName().contains("wspolicy"))
			// The meters of the observation belong to Micrometer.
			.filter((id) -> !id.getName().matches("wspolicy\\.upgrade(\\..*)?"))).allSatisfy((id) -> {
				WsPolicyMeters meter = Arrays.stream(WsPolicyMeters.values())
					.filter((candidate) -> candidate.meterName().equals(id.getName()))
					.findFirst()
					.orElseThrow();
				assertThat(id.getType()).isEqualTo(meter.type());
				assertThat(id.getDescription()).isEqualTo(meter.description());
				assertThat(id.getTags()).extracting(Tag::getKey).containsExactlyInAnyOrderElementsOf(meter.tags());
			})
			.extracting(Meter.Id::getName)
			.hasSameElementsAs(
					Arrays.stream(WsPolicyMeters.values()).map(WsPolicyMeters::meterName).collect(Collectors.toSet()));
	}

	@Test
	void countsRefusedUpgrades() throws Exception {
		assertThat(this.gateway.client().path("/chat/1").without("Sec-WebSocket-Key").exchange().status())
			.isEqualTo(400);
		CompletableFuture<RawResponse> refused = CompletableFuture
			.supplyAsync(() -> this.gateway.client().path("/chat/1").exchange());
		this.gateway.upstream().accept().refuse(503).get(10, TimeUnit.SECONDS);
		assertThat(refused.get(10, TimeUnit.SECONDS).status()).isEqualTo(503);
		await().untilAsserted(() -> {
			assertThat(counter("wspolicy.upgrades", "route", "chat", "status", "400", "outcome", "CLIENT_ERROR"))
				.isOne();
			assertThat(counter("wspolicy.upgrades", "route", "chat", "status", "503", "outcome", "SERVER_ERROR"))
				.isOne();
		});
		assertThat(this.meters.find("wspolicy.frames").meters()).isEmpty();
	}

	private double active(String route) {
		return this.meters.get("wspolicy.sessions.active").tags("route", route).gauge().value();
	}

	private double counter(String name, String... tags) {
		return this.meters.find(name).tags(tags).counters().stream().mapToDouble((counter) -> counter.count()).sum();
	}

	private void awaitTraffic(String route, String direction, int frames, int messages, int bytes) {
		await().untilAsserted(() -> assertThat(List.of("wspolicy.frames", "wspolicy.messages", "wspolicy.bytes"))
			.extracting((name) -> (int) this.meters.get(name)
				.tags("route", route, "direction", direction)
				.functionCounters()
				.stream()
				.mapToDouble(FunctionCounter::count)
				.sum())
			.containsExactly(frames, messages, bytes));
	}

	private void assertFrames(String route, String direction, String type, int frames, int bytes) {
		assertThat(List.of("wspolicy.frames", "wspolicy.bytes"))
			.extracting((name) -> (int) this.meters.get(name)
				.tags("route", route, "direction", direction, "type", type)
				.functionCounter()
				.count())
			.containsExactly(frames, bytes);
	}

	@Configuration(proxyBeanMethods = false)
	static class Policies {

		@Bean
		@WsPolicy(direction = Direction.INBOUND, types = FrameType.TEXT)
		FramePolicy passes() {
			return (frame, context) -> Verdict.forward();
		}

	}

}
