package dev.wspolicy.actuate;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.IntStream;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.actuate.audit.AuditEvent;
import org.springframework.boot.actuate.audit.listener.AuditApplicationEvent;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.event.EventListener;
import org.springframework.http.MediaType;
import org.springframework.test.web.reactive.server.WebTestClient;
import reactor.core.publisher.Mono;

import dev.wspolicy.frame.CloseStatus;
import dev.wspolicy.frame.TextFrame;
import dev.wspolicy.gateway.GatewayExtension;
import dev.wspolicy.policy.FramePolicy;
import dev.wspolicy.policy.Verdict;
import dev.wspolicy.session.ProxiedSession;
import dev.wspolicy.session.Side;
import dev.wspolicy.testkit.RawClient;
import dev.wspolicy.testkit.RawSession;
import dev.wspolicy.testkit.WireFrame;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * The tap of a gateway that really runs, over HTTP.
 */
class WebSocketTapEndpointTests {

	@RegisterExtension
	static final GatewayExtension gateway = GatewayExtension.with(SayingWhoOneIs.class, Application.class)
		.pipeline("session.close-timeout", "1s")
		.pipeline("judged", "inbound[0]", "wording")
		.pipeline("remasked", "masking", "remask")
		.set("management.endpoints.web.exposure.include", "websockettap")
		.set("management.endpoint.websockettap.access", "read-only")
		.set("management.endpoint.websockettap.show-values", "always")
		.set("management.endpoint.websockettap.max-rate", "20000")
		.routes("chat")
		.routesByName("judged", "remasked");

	private static WebTestClient http;

	@BeforeAll
	static void start() {
		http = gateway.http("/actuator");
	}

	@AfterEach
	void noTaps() {
		gateway.closeSessions();
		await().until(() -> gateway.bean(FrameTaps.class).running() == 0);
		audited().clear();
	}

	@Test
	void framesThatPass() {
		RawSession session = open("/chat/1", null);
		Instant before = Instant.now();
		try (TapWatcher tap = watch("")) {
			session.client().send(WireFrame.text("hello").mask(0x0A1B2C3D));
			session.upstream().receiveFrame();
			session.upstream().send(WireFrame.binary((byte) 0xFF, (byte) 0).fin(false), WireFrame.ping("?"));
			Map<String, Object> first = tap.frame();
			assertThat(Instant.parse(first.get("time").toString())).isBetween(before.minusMillis(1), Instant.now());
			assertThat(first).containsEntry("session", id("chat"))
				.containsEntry("direction", "inbound")
				.containsEntry("origin", "peer")
				.containsEntry("type", "text")
				.containsEntry("fin", true)
				.containsEntry("policyNanos", 0)
				.containsEntry("length", 5)
				.containsEntry("maskKey", "0a1b2c3d")
				.containsEntry("verdict", "none")
				.containsEntry("policy", null)
				.containsEntry("payload", "hello")
				.containsEntry("encoding", "text")
				.containsEntry("truncated", false);
			assertThat(tap.frame()).containsEntry("direction", "outbound")
				.containsEntry("type", "binary")
				.containsEntry("fin", false)
				.containsEntry("maskKey", null)
				.containsEntry("payload", "/wA=")
				.containsEntry("encoding", "base64");
			assertThat(tap.frame()).containsEntry("type", "ping").containsEntry("payload", "?");
		}
	}

	@Test
	void framesThatPoliciesJudge() {
		RawSession session = open("/judged/1", null);
		try (TapWatcher tap = watch("?session=" + id("judged"))) {
			session.client()
				.send(WireFrame.text("fine").masked(), WireFrame.text("drop").masked(),
						WireFrame.text("replace").masked(), WireFrame.text("later").masked(),
						WireFrame.text("reply").masked(), WireFrame.text("close").masked());
			assertThat(tap.frames(10))
				.extracting((frame) -> frame.get("direction") + " " + frame.get("origin") + " " + frame.get("payload")
						+ " " + frame.get("verdict") + " " + frame.get("policy"))
				.containsExactly("inbound peer fine forward null", "inbound peer drop drop wording",
						"inbound peer replace replace wording", "inbound policy replaced forward null",
						"inbound peer later forward null", "inbound peer reply reply wording",
						"outbound policy answer none wording", "inbound peer close close wording",
						"outbound policy 4000 enough none null", "inbound policy 4000 enough none null");
		}
		assertThat(session.upstream().receiveFrames(3)).extracting(WireFrame::payloadAsText)
			.containsExactly("fine", "replaced", "later");
	}

	@Test
	void theTimeThatPoliciesTake() {
		RawSession session = open("/judged/1", null);
		try (TapWatcher tap = watch("")) {
			session.client().send(WireFrame.text("fine").masked());
			assertThat(((Number) tap.frame().get("policyNanos")).longValue()).isPositive();
		}
	}

	@Test
	void framesOfTheGatewaysOwn() {
		RawSession session = open("/chat/1", null);
		try (TapWatcher tap = watch("")) {
			only().send(Side.CLIENT, TextFrame.of("news"));
			only().close(CloseStatus.of(4001, "bye"), CloseStatus.GOING_AWAY);
			assertThat(tap.frames(3))
				.extracting((frame) -> frame.get("direction") + " " + frame.get("origin") + " " + frame.get("type")
						+ " " + frame.get("payload"))
				.containsExactly("outbound gateway text news", "outbound gateway close 4001 bye",
						"inbound gateway close 1001");
		}
		assertThat(session.client().receiveFrame().payloadAsText()).isEqualTo("news");
	}

	@Test
	void theMaskIsTheClients() {
		RawSession session = open("/remasked/1", null);
		try (TapWatcher tap = watch("")) {
			session.client().send(WireFrame.text("hello").mask(0x01020304));
			assertThat(session.upstream().receiveFrame().mask()).isNotEqualTo(new byte[] { 1, 2, 3, 4 });
			assertThat(tap.frame()).containsEntry("maskKey", "01020304").containsEntry("payload", "hello");
		}
	}

	@ParameterizedTest
	@CsvSource({ "route=chat", "principal=ann", "address=127.0.0.1&route=chat", "route=chat&principal=ann" })
	void filters(String query) {
		RawSession wanted = open("/chat/1", "ann");
		RawSession other = open("/judged/2", "bob");
		try (TapWatcher tap = watch("?" + query)) {
			RawSession later = open("/chat/3", "ann");
			RawSession laterOther = open("/judged/4", null);
			for (RawSession session : List.of(other, laterOther, wanted, later)) {
				session.client().send(WireFrame.text("from " + session.client().localAddress().getPort()).masked());
				session.upstream().receiveFrame();
			}
			assertThat(tap.frames(2)).extracting((frame) -> frame.get("payload"))
				.containsExactly("from " + wanted.client().localAddress().getPort(),
						"from " + later.client().localAddress().getPort());
		}
	}

	@Test
	void filtersThatNobodyMatches() {
		RawSession session = open("/chat/1", "ann");
		try (TapWatcher tap = watch("?principal=bob&address=127.0.0.2&duration=1s")) {
			session.client().send(WireFrame.text("hello").masked());
			session.upstream().receiveFrame();
			tap.expectEnd("duration");
		}
	}

	@Test
	void oneSessionUntilItEnds() {
		RawSession session = open("/chat/1", null);
		String id = id("chat");
		RawSession other = open("/chat/2", null);
		try (TapWatcher tap = watch("?session=" + id)) {
			other.client().send(WireFrame.text("other").masked());
			other.upstream().receiveFrame();
			session.client().send(WireFrame.close(1000).masked());
			session.upstream().receiveFrame();
			session.upstream().send(WireFrame.close(1000));
			assertThat(tap.frames(2)).extracting((frame) -> frame.get("direction") + " " + frame.get("payload"))
				.containsExactly("inbound 1000", "outbound 1000");
			session.close();
			tap.expectEnd("session-closed");
		}
	}

	@Test
	void samples() {
		RawSession session = open("/chat/1", null);
		try (TapWatcher tap = watch("?sample=0.1&rate=20000&duration=2s")) {
			int sent = 5000;
			session.client()
				.sendAsync(IntStream.range(0, sent)
					.mapToObj((i) -> WireFrame.text("m").masked().encode())
					.toArray(byte[][]::new));
			session.upstream().receiveFrames(sent);
			int told = 0;
			for (TapWatcher.Event event = tap.nextEvent(); event.name().equals("frame"); event = tap.nextEvent()) {
				told++;
			}
			// A tenth; what is further off happens once in many thousand years.
			assertThat(told).isBetween(300, 700);
		}
	}

	@Test
	void rateIsBounded() {
		RawSession session = open("/chat/1", null);
		try (TapWatcher tap = watch("?rate=3&duration=2s")) {
			session.client()
				.send(IntStream.range(0, 100)
					.mapToObj((i) -> WireFrame.text("m" + i).masked())
					.toArray(WireFrame[]::new));
			session.upstream().receiveFrames(100);
			int told = 0;
			int dropped = 0;
			for (TapWatcher.Event event = tap.nextEvent(); !event.name().equals("end"); event = tap.nextEvent()) {
				if (event.name().equals("frame")) {
					told++;
				}
				else {
					assertThat(event.name()).isEqualTo("dropped");
					dropped += ((Number) event.data().get("count")).intValue();
				}
			}
			assertThat(told).isBetween(3, 9);
			assertThat(told + dropped).isEqualTo(100);
		}
		MeterRegistry meters = gateway.bean(MeterRegistry.class);
		assertThat(meters.get("wspolicy.tap.dropped").functionCounter().count()).isGreaterThanOrEqualTo(91);
		assertThat(meters.get("wspolicy.tap.records").functionCounter().count()).isGreaterThanOrEqualTo(3);
	}

	@ParameterizedTest
	@CsvSource({ "0, ''", "1, h", "3, hé", "5, héllo", "6, héllo", "7, héllo" })
	void bytesAreBounded(int bytes, String shown) {
		RawSession session = open("/chat/1", null);
		RawSession judged = open("/judged/1", null);
		String expected = (bytes == 5) ? "héll" : shown;
		try (TapWatcher tap = watch("?bytes=" + bytes)) {
			for (RawSession each : List.of(session, judged)) {
				each.client().send(WireFrame.text("héllo").masked());
				assertThat(tap.frame()).containsEntry("payload", expected)
					.containsEntry("length", 6)
					.containsEntry("truncated", bytes < 6);
			}
		}
	}

	@Test
	void aCharacterThatIsCutIsLeftOut() {
		RawSession session = open("/chat/1", null);
		try (TapWatcher tap = watch("?bytes=2")) {
			session.client().send(WireFrame.text("héllo").masked());
			assertThat(tap.frame()).containsEntry("payload", "h").containsEntry("truncated", true);
		}
	}

	@Test
	void payloadOfManyReads() {
		RawSession session = open("/chat/1", null);
		String text = "0123456789".repeat(30_000);
		try (TapWatcher tap = watch("?bytes=20000")) {
			session.client().sendAsync(WireFrame.text(text).masked().encode());
			assertThat(session.upstream().receiveFrame().payloadAsText()).isEqualTo(text);
			assertThat(tap.frame()).containsEntry("payload", text.substring(0, 20_000))
				.containsEntry("length", 300_000)
				.containsEntry("truncated", true);
		}
	}

	@Test
	void redactsWhatIsPointedTo() {
		RawSession session = open("/chat/1", null);
		try (TapWatcher tap = watch("?pointers=/user/email,/card&bytes=100")) {
			session.client()
				.send(WireFrame.text("{\"user\":{\"email\":\"ann@x.org\",\"id\":1},\"card\":4111}").masked(),
						WireFrame.text("ann@x.org").masked(), WireFrame.text("\"ann@x.org\"").fin(false).masked());
			Map<String, Object> redacted = tap.frame();
			assertThat(redacted.get("payload").toString()).contains("\"id\":1")
				.doesNotContain("ann@x.org")
				.doesNotContain("4111");
			assertThat(tap.frames(2))
				.allSatisfy((frame) -> assertThat(frame.get("payload").toString()).doesNotContain("ann@x.org"));
		}
	}

	@ParameterizedTest
	@CsvSource(delimiter = '|', textBlock = """
			sample=0       | sample: 0.0 (expected: more than 0, to 1)
			sample=1.5     | sample: 1.5 (expected: more than 0, to 1)
			sample=NaN     | sample: NaN (expected: more than 0, to 1)
			duration=0s    | duration: PT0S (expected: more than 0, to PT10M)
			duration=-1s   | duration: PT-1S (expected: more than 0, to PT10M)
			duration=601s  | duration: PT10M1S (expected: more than 0, to PT10M)
			rate=0         | rate: 0 (expected: 1 to 20000)
			rate=20001     | rate: 20001 (expected: 1 to 20000)
			bytes=-1       | bytes: -1 (expected: 0 to 65536)
			bytes=65537    | bytes: 65537 (expected: 0 to 65536)
			""")
	void refusesWhatIsOutOfBounds(String query, String message) {
		http.get()
			.uri("/websockettap?" + query)
			.exchange()
			.expectStatus()
			.isBadRequest()
			.expectBody()
			.jsonPath("$.message")
			.isEqualTo(message);
		assertThat(audited()).noneMatch((event) -> event.getType().equals(WebSocketTapEndpoint.STARTED));
	}

	@ParameterizedTest
	@ValueSource(strings = { "sample=few", "duration=long", "rate=many", "bytes=all", "pointers=email" })
	void refusesWhatCannotBeRead(String query) {
		http.get().uri("/websockettap?" + query).exchange().expectStatus().isBadRequest();
		http.get()
			.uri("/websockettap?" + query)
			.accept(MediaType.TEXT_EVENT_STREAM)
			.exchange()
			.expectStatus()
			.isBadRequest();
	}

	@Test
	void unknownSessionsAreNotFound() {
		open("/chat/1", null);
		for (String query : List.of("session=none", "session=" + id("chat") + "&route=judged")) {
			http.get()
				.uri("/websockettap?" + query)
				.exchange()
				.expectStatus()
				.isNotFound()
				.expectBody()
				.jsonPath("$.message")
				.isEqualTo("no such session");
		}
		assertThat(audited()).noneMatch((event) -> event.getType().equals(WebSocketTapEndpoint.STARTED));
	}

	@Test
	void notMoreTapsThanSoMany() {
		List<TapWatcher> taps = new ArrayList<>();
		try {
			for (int i = 0; i < WebSocketTapEndpoint.MAX_TAPS; i++) {
				taps.add(watch(""));
			}
			http.get().uri("/websockettap").exchange().expectStatus().isEqualTo(429);
			assertThat(gateway.bean(MeterRegistry.class).get("wspolicy.taps.active").gauge().value())
				.isEqualTo(WebSocketTapEndpoint.MAX_TAPS);
		}
		finally {
			taps.forEach(TapWatcher::close);
		}
	}

	@Test
	void severalTapsOnOneSession() {
		RawSession session = open("/chat/1", null);
		try (TapWatcher two = watch("?bytes=4")) {
			try (TapWatcher one = watch("?bytes=2")) {
				session.client().send(WireFrame.text("hello").masked());
				assertThat(one.frame()).containsEntry("payload", "he");
				assertThat(two.frame()).containsEntry("payload", "hell");
			}
			await().until(() -> gateway.bean(FrameTaps.class).running() == 1);
			session.client().send(WireFrame.text("again").masked());
			assertThat(two.frame()).containsEntry("payload", "agai");
		}
	}

	@Test
	void endsWhenNobodyWatches() {
		RawSession session = open("/chat/1", null);
		TapWatcher tap = watch("?duration=9m");
		tap.close();
		await().until(() -> gateway.bean(FrameTaps.class).running() == 0);
		AuditEvent end = audit(WebSocketTapEndpoint.ENDED, "PT9M");
		assertThat(end.getData()).containsEntry("reason", "client-gone");
		session.client().send(WireFrame.text("unseen").masked());
		assertThat(session.upstream().receiveFrame().payloadAsText()).isEqualTo("unseen");
	}

	@Test
	void whoTapsWhatIsAudited() {
		RawSession session = open("/chat/1", null);
		String id = id("chat");
		try (TapWatcher tap = TapWatcher.watch(gateway.gateway(),
				"?session=" + id + "&route=chat&address=127.0.0.1&sample=1&duration=1200ms&bytes=7", "ops")) {
			session.client().send(WireFrame.text("hello").masked());
			tap.frame();
			tap.expectEnd("duration");
		}
		AuditEvent start = audit(WebSocketTapEndpoint.STARTED, "PT1.2S");
		assertThat(start.getPrincipal()).isEqualTo("ops");
		assertThat(start.getData()).containsExactlyInAnyOrderEntriesOf(Map.of("session", id, "route", "chat", "address",
				"127.0.0.1", "sample", 1.0, "duration", "PT1.2S", "bytes", 7));
		AuditEvent end = audit(WebSocketTapEndpoint.ENDED, "PT1.2S");
		assertThat(end.getPrincipal()).isEqualTo("ops");
		assertThat(end.getData()).containsAllEntriesOf(start.getData())
			.containsEntry("reason", "duration")
			.containsEntry("records", 1L)
			.containsEntry("dropped", 0L);
	}

	@Test
	void nobodyTapsWithoutATrace() {
		gateway.bean(Application.class).failing = true;
		try {
			http.get().uri("/websockettap").exchange().expectStatus().is5xxServerError();
		}
		finally {
			gateway.bean(Application.class).failing = false;
		}
		assertThat(gateway.bean(FrameTaps.class).running()).isZero();
	}

	/** What was told of the tap with this duration. */
	private static AuditEvent audit(String type, String duration) {
		return await()
			.until(() -> audited().stream()
				.filter((event) -> event.getType().equals(type) && duration.equals(event.getData().get("duration")))
				.findFirst(), Optional::isPresent)
			.orElseThrow();
	}

	private static Queue<AuditEvent> audited() {
		return gateway.bean(Application.class).audited;
	}

	/** Watch, and wait until all sessions that are open are tapped. */
	private static TapWatcher watch(String query) {
		return TapWatcher.watch(gateway.gateway(), query, null);
	}

	private static RawSession open(String path, @Nullable String user) {
		RawClient client = gateway.client().path(path);
		return gateway.register((user != null) ? client.header("X-User", user) : client);
	}

	private static String id(String route) {
		return gateway.session(route).id();
	}

	private static ProxiedSession only() {
		return gateway.sessions().stream().findFirst().orElseThrow();
	}

	@Configuration(proxyBeanMethods = false)
	static class Application {

		final Queue<AuditEvent> audited = new ConcurrentLinkedQueue<>();

		volatile boolean failing;

		@EventListener
		void onAudit(AuditApplicationEvent event) {
			if (this.failing) {
				throw new IllegalStateException("the audit log is full");
			}
			this.audited.add(event.getAuditEvent());
		}

		@Bean
		MeterRegistry meters() {
			return new SimpleMeterRegistry();
		}

		@Bean
		FramePolicy wording() {
			return (frame, context) -> switch (new String(frame.toByteArray(), StandardCharsets.UTF_8)) {
				case "drop" -> Verdict.drop();
				case "replace" -> Verdict.replaceText("replaced");
				case "later" -> Verdict.later(Mono.delay(Duration.ofMillis(1)).thenReturn(Verdict.forward()));
				case "reply" -> Verdict.replyText("answer");
				case "close" -> Verdict.close(CloseStatus.of(4000, "enough"));
				default -> Verdict.forward();
			};
		}

	}

}
