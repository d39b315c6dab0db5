package dev.wspolicy.actuate;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.test.web.reactive.server.WebTestClient;

import dev.wspolicy.frame.TextFrame;
import dev.wspolicy.gateway.GatewayExtension;
import dev.wspolicy.netty.LiveSessions;
import dev.wspolicy.policy.FramePolicy;
import dev.wspolicy.policy.Verdict;
import dev.wspolicy.session.HeartbeatStatus;
import dev.wspolicy.session.ProxiedSession;
import dev.wspolicy.session.Side;
import dev.wspolicy.testkit.RawClient;
import dev.wspolicy.testkit.RawSession;
import dev.wspolicy.testkit.WireFrame;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * The endpoint of a gateway that really runs, over HTTP.
 */
class WebSocketsEndpointTests {

	@RegisterExtension
	static final GatewayExtension gateway = GatewayExtension.with(SayingWhoOneIs.class, Policies.class)
		.pipeline("session.close-timeout", "1s")
		.pipeline("judged", "inbound[0]", "masking")
		.pipeline("judged", "inbound[1]", "waiting")
		.pipeline("judged", "outbound[0]", "masking")
		.pipeline("judged", "session.heartbeat.interval", "1h")
		.pipeline("beating", "session.heartbeat.interval", "100ms")
		.pipeline("beating", "session.heartbeat.timeout", "1h")
		.set("management.endpoints.web.exposure.include", "websockets,health")
		.set("management.endpoint.health.show-details", "always")
		.routes("chat", "feed")
		.routesByName("judged", "beating");

	private static WebTestClient http;

	@BeforeAll
	static void start() {
		http = gateway.http("/actuator");
	}

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
			"route=chat&principal=bob, 1", "route=feed&principal=bob, 0" })
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
	void tellsOfTheLastActivity() {
		RawSession session = open("/chat/a", null);
		ProxiedSession only = only();
		assertThat(only.lastActivityAt()).isBetween(only.openedAt(), Instant.now());
		session.client().send(WireFrame.ping("x").masked());
		assertThat(session.upstream().receiveFrame().payloadAsText()).isEqualTo("x");
		Instant before = only.lastActivityAt();
		await().until(() -> Instant.now().isAfter(before.plusMillis(50)));
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
	@CsvSource({ "limit=0, limit: 0", "limit=1001, limit: 1001", "after=x, after: not a cursor" })
	void refusesBadPages(String query, String message) {
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
	void refusesWhatCannotBeRead(String query) {
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
	void tellsOfVerdictsAndOfWhatTheyMakeWait() {
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
				0, "replied", 0, "closed", 0, "failed", 0);
	}

	@Test
	void tellsOfTheHeartbeat() {
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

	private static WebTestClient.BodyContentSpec one() {
		return http.get().uri("/websockets/" + only().id()).exchange().expectStatus().isOk().expectBody();
	}

	@Test
	void unknownIdsAreNotFound() {
		http.get().uri("/websockets/none").exchange().expectStatus().isNotFound();
		http.delete().uri("/websockets/none").exchange().expectStatus().isNotFound();
		send("none", Map.of("side", "client", "text", "hi")).expectStatus().isNotFound();
	}

	@ParameterizedTest
	@CsvSource({ "'', 1001, ''", "?reason=bye, 1001, bye", "?code=4001&reason=go+away, 4001, go away" })
	void closesOneSession(String query, int code, String reason) {
		RawSession session = open("/chat/1", null);
		RawSession other = open("/feed", null);
		http.delete()
			.uri("/websockets/" + id("chat") + query)
			.exchange()
			.expectStatus()
			.isNoContent()
			.expectBody()
			.isEmpty();
		assertThat(List.of(session.client().receiveFrame(), session.upstream().receiveFrame())).allSatisfy((frame) -> {
			assertThat(frame.closeCode()).isEqualTo(code);
			assertThat(frame.closeReason()).isEqualTo(reason);
		});
		other.client().send(WireFrame.text("still here").masked());
		assertThat(other.upstream().receiveFrame().payloadAsText()).isEqualTo("still here");
	}

	@ParameterizedTest
	@ValueSource(ints = { 0, 999, 1004, 1005, 1006, 1015, 2999, 5000 })
	void refusesCodesThatMayNotBeSent(int code) {
		open("/chat/1", null);
		for (String path : List.of("/websockets/" + only().id() + "?", "/websockets?route=chat&")) {
			http.delete()
				.uri(path + "code=" + code)
				.exchange()
				.expectStatus()
				.isBadRequest()
				.expectBody()
				.jsonPath("$.message")
				.isEqualTo("code: " + code + " (expected: 1000 to 1003, 1007 to 1014 or 3000 to 4999)");
		}
		assertThat(only().isOpen()).isTrue();
	}

	@Test
	void closesAllThatMatch() {
		RawSession ann = open("/chat/1", "ann");
		RawSession bob = open("/chat/2", "bob");
		RawSession feed = open("/feed", "ann");
		http.delete()
			.uri("/websockets?route=chat&code=1012")
			.exchange()
			.expectStatus()
			.isOk()
			.expectBody()
			.json("{\"closed\":2}");
		assertThat(ann.client().receiveFrame().closeCode()).isEqualTo(1012);
		assertThat(bob.upstream().receiveFrame().closeCode()).isEqualTo(1012);
		feed.client().send(WireFrame.text("still here").masked());
		assertThat(feed.upstream().receiveFrame().payloadAsText()).isEqualTo("still here");
	}

	@Test
	void closesAllOnlyWhenToldSo() {
		RawSession session = open("/chat/1", null);
		for (String query : List.of("", "?all=false", "?all=true&route=chat")) {
			http.delete()
				.uri("/websockets" + query)
				.exchange()
				.expectStatus()
				.isBadRequest()
				.expectBody()
				.jsonPath("$.message")
				.value(String.class, (text) -> assertThat(text).contains("or else all=true"));
		}
		http.delete().uri("/websockets?all=true").exchange().expectBody().json("{\"closed\":1}");
		assertThat(session.client().receiveFrame().closeCode()).isEqualTo(1001);
	}

	@Test
	void sendsToEitherSide() {
		RawSession session = open("/chat/1", null);
		send(only().id(), Map.of("side", "client", "text", "to you: \u00fc")).expectStatus().isNoContent();
		assertThat(session.client().receiveFrame().payloadAsText()).isEqualTo("to you: \u00fc");
		send(only().id(), Map.of("side", "UPSTREAM", "text", "")).expectStatus().isNoContent();
		assertThat(session.upstream().receiveFrame().payloadAsText()).isEmpty();
	}

	@Test
	void sendsNothingThatIsIncomplete() {
		open("/chat/1", null);
		for (Map<String, String> body : List.of(Map.of("side", "client"), Map.of("text", "hi"),
				Map.of("side", "both", "text", "hi"))) {
			send(only().id(), body).expectStatus().isBadRequest();
		}
	}

	@Test
	void sendsNothingIntoAClosingSession() {
		RawSession session = open("/chat/1", null);
		String id = only().id();
		session.client().send(WireFrame.close(1000).masked());
		assertThat(session.upstream().receiveFrame().closeCode()).isEqualTo(1000);
		await().until(() -> !only().isOpen());
		send(id, Map.of("side", "client", "text", "too late")).expectStatus()
			.isEqualTo(HttpStatus.CONFLICT)
			.expectBody()
			.jsonPath("$.message")
			.isEqualTo("the session is closing");
	}

	@Test
	void healthTellsOfADrain() {
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
			sessions.welcome();
		}
	}

	private static WebTestClient.ResponseSpec send(String id, Map<String, String> body) {
		return http.post().uri("/websockets/" + id).contentType(MediaType.APPLICATION_JSON).bodyValue(body).exchange();
	}

	private static RawSession open(String path, @Nullable String user) {
		RawClient client = gateway.client().path(path);
		return gateway.register((user != null) ? client.header("X-User", user) : client);
	}

	private static String id(String route) {
		return gateway.session(route).id();
	}

	private static ProxiedSession only() {
		return gateway.onlySession();
	}

	@Configuration(proxyBeanMethods = false)
	static class Policies {

		@Bean
		FramePolicy masking() {
			return (frame, context) -> ((TextFrame) frame).text().equals("secret") ? Verdict.replaceText("******")
					: Verdict.forward();
		}

		@Bean
		FramePolicy waiting() {
			return (frame, context) -> ((TextFrame) frame).text().startsWith("wait")
					? Verdict.later(new CompletableFuture<>()) : Verdict.forward();
		}

	}

	private record SessionsPage(List<Map<String, Object>> sessions, int total, @Nullable String next) {

	}

}
