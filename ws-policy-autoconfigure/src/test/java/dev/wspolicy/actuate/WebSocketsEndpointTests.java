package dev.wspolicy.actuate;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.http.HttpStatus;
import org.springframework.test.web.reactive.server.WebTestClient;

import dev.wspolicy.netty.LiveSessions;
import dev.wspolicy.session.HeartbeatStatus;
import dev.wspolicy.session.ProxiedSession;
import dev.wspolicy.session.Side;
import dev.wspolicy.testkit.RawSession;
import dev.wspolicy.testkit.WireFrame;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Tests for what the endpoint of a running gateway shows of sessions.
 */
class WebSocketsEndpointTests extends AbstractWebSocketsEndpointTests {

	@Test
	void listsSessions() {
		RawSession ann = open("/chat/a?token=t0ps3cret", "ann");
		open("/feed", null);
		ann.client().send(WireFrame.text("hello").masked());
		assertThat(ann.upstream().receiveFrame().payloadAsText()).isEqualTo("hello");
		http.get()
			.uri("/websockets")
			.exchange()
			.expectStatus()
			.isOk()
			.expectBody()
			.jsonPath("$.total")
			.isEqualTo(2)
			.jsonPath("$.next")
			.doesNotExist()
			.jsonPath("$.draining")
			.isEqualTo(false)
			.jsonPath("$.sessions.length()")
			.isEqualTo(2)
			.jsonPath("$.sessions[0].id")
			.value(String.class, (text) -> assertThat(text).matches("[0-9a-f]{32}"))
			.jsonPath("$.sessions[0].route")
			.isEqualTo("chat")
			.jsonPath("$.sessions[0].pipeline")
			.isEqualTo("default")
			.jsonPath("$.sessions[0].path")
			.isEqualTo("/chat/a")
			.jsonPath("$.sessions[0].principal")
			.isEqualTo("ann")
			.jsonPath("$.sessions[0].remoteAddress")
			.isEqualTo("127.0.0.1:" + ann.client().localAddress().getPort())
			.jsonPath("$.sessions[0].openedAt")
			.value(String.class, (text) -> assertThat(text).matches("\\d{4}-\\d\\d-\\d\\dT.*Z"))
			.jsonPath("$.sessions[0].open")
			.isEqualTo(true)
			.jsonPath("$.sessions[0].inbound")
			.isEqualTo(Map.of("frames", 1, "messages", 1, "bytes", 5))
			.jsonPath("$.sessions[0].outbound")
			.isEqualTo(Map.of("frames", 0, "messages", 0, "bytes", 0))
			.jsonPath("$.sessions[1].principal")
			.doesNotExist();
	}

	@ParameterizedTest
	@CsvSource({ "route=chat, 2", "route=feed, 1", "route=none, 0", "principal=ann, 1", "principal=a, 0",
			"address=127.0.0.1, 3", "address=127.0.0.2, 0", "minAge=0s, 3", "minAge=PT1H, 0", "minIdle=0s, 3",
			"minIdle=1h, 0", "minAge=PT2562047788015215H, 0", "minIdle=PT2562047788015215H, 0",
			"route=chat&principal=bob, 1", "route=feed&principal=bob, 0", "pipeline=default, 3", "pipeline=judged, 0",
			"path=/chat/1, 1", "path=/chat/, 0", "path=/chat/*, 2", "path=*2, 1", "path=*, 3", "state=open, 3",
			"state=CLOSING, 0", "path=/chat/*&state=open&principal=ann, 1" })
	void filters(String query, int total) {
		open("/chat/1", "ann");
		open("/chat/2", "bob");
		open("/feed", null);
		http.get()
			.uri("/websockets?" + query)
			.exchange()
			.expectBody()
			.jsonPath("$.total")
			.isEqualTo(total)
			.jsonPath("$.sessions.length()")
			.isEqualTo(total);
	}

	@Test
	void showsTheLastActivity() {
		RawSession session = open("/chat/a", null);
		ProxiedSession only = only();
		assertThat(only.lastActivityAt()).isBetween(only.openedAt(), Instant.now());
		session.client().send(WireFrame.ping("x").masked());
		assertThat(session.upstream().receiveFrame().payloadAsText()).isEqualTo("x");
		Instant before = only.lastActivityAt();
		long begin = System.nanoTime();
		await().until(() -> System.nanoTime() - begin > Duration.ofMillis(50).toNanos());
		assertThat(only.lastActivityAt()).as("after a ping").isEqualTo(before);
		session.upstream().send(WireFrame.text("hello"));
		assertThat(session.client().receiveFrame().payloadAsText()).isEqualTo("hello");
		assertThat(only.lastActivityAt()).isBetween(before.plusMillis(40), Instant.now().plusMillis(5));
		String expected = only.lastActivityAt().toString();
		for (String[] path : new String[][] { { "", "$.sessions[0].lastActivityAt" },
				{ "/" + only.id(), "$.lastActivityAt" } }) {
			http.get()
				.uri("/websockets" + path[0])
				.exchange()
				.expectBody()
				.jsonPath(path[1])
				.value(String.class, (text) -> assertThat(Instant.parse(text)).isEqualTo(Instant.parse(expected)));
		}
		http.get()
			.uri("/websockets?minIdle=" + Duration.between(before, Instant.now()).plusMinutes(1))
			.exchange()
			.expectBody()
			.jsonPath("$.total")
			.isEqualTo(0);
	}

	@Test
	void pages() {
		open("/chat/1", null);
		open("/chat/2", null);
		SessionsPage page = page("/websockets?limit=1");
		assertThat(page.sessions()).extracting((session) -> session.get("path")).containsExactly("/chat/1");
		SessionsPage last = page("/websockets?limit=1&after=" + page.next());
		assertThat(last.sessions()).extracting((session) -> session.get("path")).containsExactly("/chat/2");
		assertThat(last.next()).isNull();
		assertThat(last.total()).isEqualTo(2);
	}

	private static SessionsPage page(String uri) {
		SessionsPage page = http.get()
			.uri(uri)
			.exchange()
			.expectBody(SessionsPage.class)
			.returnResult()
			.getResponseBody();
		assertThat(page).isNotNull();
		return page;
	}

	@ParameterizedTest
	@CsvSource({ "limit=0, limit: 0", "limit=1001, limit: 1001", "after=x, after: invalid cursor" })
	void rejectsInvalidPages(String query, String message) {
		http.get()
			.uri("/websockets?" + query)
			.exchange()
			.expectStatus()
			.isBadRequest()
			.expectBody()
			.jsonPath("$.message")
			.value(String.class, (text) -> assertThat(text).contains(message));
	}

	@ParameterizedTest
	@ValueSource(strings = { "limit=many", "minAge=old" })
	void rejectsInvalidValues(String query) {
		http.get().uri("/websockets?" + query).exchange().expectStatus().isBadRequest();
	}

	@Test
	void showsOneSessionWithoutValues() {
		RawSession session = gateway.register(gateway.client()
			.path("/chat/a?token=t0ps3cret")
			.header("X-User", "ann")
			.header("Authorization", "Bearer t0ps3cret")
			.header("Cookie", "sid=t0ps3cret"));
		only().attributes().put("seen", "t0ps3cret");
		http.get()
			.uri("/websockets/" + only().id())
			.exchange()
			.expectStatus()
			.isOk()
			.expectBody()
			.consumeWith((result) -> assertThat(result.toString()).doesNotContain("t0ps3cret"))
			.jsonPath("$.id")
			.isEqualTo(only().id())
			.jsonPath("$.route")
			.isEqualTo("chat")
			.jsonPath("$.pipeline")
			.isEqualTo("default")
			.jsonPath("$.principal")
			.isEqualTo("ann")
			.jsonPath("$.attributes.seen")
			.isEqualTo("******")
			.jsonPath("$.inbound.frames")
			.isEqualTo(0)
			.jsonPath("$.upgrade.uri")
			.isEqualTo("http://localhost:" + gateway.port() + "/chat/a?token=******")
			.jsonPath("$.upgrade.headers.Authorization[0]")
			.isEqualTo("******")
			.jsonPath("$.upgrade.remoteAddress")
			.isEqualTo("127.0.0.1:" + session.client().localAddress().getPort())
			.jsonPath("$.upgrade.secure")
			.isEqualTo(false)
			.jsonPath("$.upgrade.upstreamUri")
			.isEqualTo(gateway.upstream().uri() + "/chat/a?token=******")
			.jsonPath("$.upgrade.upstreamHeaders.Upgrade[0]")
			.isEqualTo("******");
	}

	@Test
	void countsFramesByType() {
		RawSession session = open("/chat/a", null);
		session.client()
			.send(WireFrame.text("hel").fin(false).masked(), WireFrame.ping("x").masked(),
					WireFrame.continuation("lo").masked(), WireFrame.binary(new byte[7]).masked());
		session.upstream().receiveFrames(4);
		one().jsonPath("$.inbound")
			.isEqualTo(Map.of("frames", 4, "messages", 2, "bytes", 13, "types",
					Map.of("text", Map.of("frames", 1, "bytes", 3), "continuation", Map.of("frames", 1, "bytes", 2),
							"binary", Map.of("frames", 1, "bytes", 7), "ping", Map.of("frames", 1, "bytes", 1))));
		one().jsonPath("$.outbound").isEqualTo(Map.of("frames", 0, "messages", 0, "bytes", 0, "types", Map.of()));
	}

	@Test
	void showsVerdictsAndDelays() {
		RawSession session = open("/judged", null);
		session.client().send(WireFrame.text("secret").masked(), WireFrame.text("wait for it").masked());
		assertThat(session.upstream().receiveFrame().payloadAsText()).isEqualTo("******");
		session.upstream().send(WireFrame.text("secret"), WireFrame.text("open"));
		session.client().receiveFrames(2);
		await().untilAsserted(() -> one().jsonPath("$.buffered").isEqualTo(Map.of("client", 0, "upstream", 11)));
		one().jsonPath("$.verdicts")
			.isEqualTo(List.of(verdicts("masking", "inbound", 1, 1), verdicts("waiting", "inbound", 1, 0),
					verdicts("masking", "outbound", 1, 1)))
			.jsonPath("$.heartbeat")
			.isEqualTo(Map.of("client", Map.of("state", "idle"), "upstream", Map.of("state", "idle")));
	}

	private static Map<String, Object> verdicts(String policy, String direction, int forwarded, int replaced) {
		return Map.of("policy", policy, "direction", direction, "forwarded", forwarded, "replaced", replaced, "dropped",
				0, "replied", 0, "closed", 0, "failed", 0, "waits", 0, "waited", "PT0S");
	}

	@Test
	void showsTheHeartbeat() {
		RawSession session = open("/chat/a", null);
		one().jsonPath("$.heartbeat")
			.isEqualTo(Map.of("client", Map.of("state", "off"), "upstream", Map.of("state", "off")));
		session.close();
		gateway.awaitNoSessions();
		Instant before = Instant.now();
		RawSession silent = open("/beating", null);
		assertThat(silent.client().receiveFrame().opcode()).isEqualTo(WireFrame.PING);
		assertThat(silent.upstream().receiveFrame().opcode()).isEqualTo(WireFrame.PING);
		for (String side : List.of("client", "upstream")) {
			one().jsonPath("$.heartbeat." + side + ".state")
				.isEqualTo("pinged")
				.jsonPath("$.heartbeat." + side + ".since")
				.value(String.class,
						(text) -> assertThat(Instant.parse(text)).isBetween(before, Instant.now().plusMillis(5)));
		}
		assertThat(only().heartbeat(Side.CLIENT).state()).isEqualTo(HeartbeatStatus.State.PINGED);
	}

	@Test
	void showsAnInvalidCodeFromTheUpstream() {
		try (RawSession session = open("/chat/invalid-code", null)) {
			session.upstream().send(WireFrame.close(2000));
			assertThat(session.client().receiveFrame().closeCode()).isEqualTo(1011);
			assertThat(session.upstream().receiveFrame().closeCode()).isEqualTo(1002);
		}
		gateway.awaitNoSessions();
		http.get()
			.uri("/websockets?recent=1&path=/chat/invalid-code")
			.exchange()
			.expectStatus()
			.isOk()
			.expectBody()
			.jsonPath("$.ended.length()")
			.isEqualTo(1)
			.jsonPath("$.ended[0].cause")
			.isEqualTo("protocol_violation")
			.jsonPath("$.ended[0].fromUpstream")
			.isEqualTo(2000)
			.jsonPath("$.ended[0].toUpstream")
			.isEqualTo(1002)
			.jsonPath("$.ended[0].toClient")
			.isEqualTo(1011);
	}

	private static WebTestClient.BodyContentSpec one() {
		return http.get().uri("/websockets/" + only().id()).exchange().expectStatus().isOk().expectBody();
	}

	@Test
	void healthShowsADrain() {
		http.get()
			.uri("/health")
			.exchange()
			.expectStatus()
			.isOk()
			.expectBody()
			.jsonPath("$.components.wsPolicy.status")
			.isEqualTo("UP");
		LiveSessions sessions = gateway.bean(LiveSessions.class);
		assertThat(sessions.drain(Duration.ZERO)).isCompleted();
		try {
			http.get()
				.uri("/health")
				.exchange()
				.expectStatus()
				.isEqualTo(HttpStatus.SERVICE_UNAVAILABLE)
				.expectBody()
				.jsonPath("$.components.wsPolicy.status")
				.isEqualTo("OUT_OF_SERVICE")
				.jsonPath("$.components.wsPolicy.details.draining")
				.isEqualTo(true)
				.jsonPath("$.components.wsPolicy.details.sessions")
				.isEqualTo(0);
			http.get().uri("/websockets").exchange().expectBody().jsonPath("$.draining").isEqualTo(true);
		}
		finally {
			sessions.endDrain();
		}
	}

	private record SessionsPage(List<Map<String, Object>> sessions, int total, @Nullable String next) {

	}

}
