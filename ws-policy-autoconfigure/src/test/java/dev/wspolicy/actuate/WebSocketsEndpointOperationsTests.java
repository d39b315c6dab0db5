package dev.wspolicy.actuate;

import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.http.HttpMethod;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.test.web.reactive.server.JsonPathAssertions;
import org.springframework.test.web.reactive.server.WebTestClient;

import dev.wspolicy.testkit.RawSession;
import dev.wspolicy.testkit.WireFrame;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Tests for the operations of the endpoint of a running gateway, which close sessions and
 * send messages.
 */
class WebSocketsEndpointOperationsTests extends AbstractWebSocketsEndpointTests {

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
	void rejectsInvalidCodes(int code) {
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
	void closesMatchingSessions() {
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
	void closesMatchingSessionsWithinAWindow() {
		RawSession session = open("/chat/1", null);
		RawSession other = open("/feed", null);
		http.delete()
			.uri("/websockets?path=/chat/*&window=10ms&code=1012")
			.exchange()
			.expectStatus()
			.isOk()
			.expectBody()
			.json("{\"closed\":1}");
		assertThat(session.client().receiveFrame().closeCode()).isEqualTo(1012);
		// Not yet, and other sessions may open
		http.delete().uri("/websockets?route=feed&window=1d").exchange().expectBody().json("{\"closed\":1}");
		other.client().send(WireFrame.text("still here").masked());
		assertThat(other.upstream().receiveFrame().payloadAsText()).isEqualTo("still here");
		open("/feed", null);
		for (String window : List.of("-1s", "25h")) {
			http.delete()
				.uri("/websockets?route=feed&window=" + window)
				.exchange()
				.expectStatus()
				.isBadRequest()
				.expectBody()
				.jsonPath("$.message")
				.value(String.class, (text) -> assertThat(text).startsWith("window: "));
		}
	}

	@Test
	void listsClosingSessions() {
		RawSession session = open("/chat/1", null);
		open("/chat/2", null);
		session.client().send(WireFrame.close(1000).masked());
		assertThat(session.upstream().receiveFrame().closeCode()).isEqualTo(1000);
		await().untilAsserted(() -> http.get()
			.uri("/websockets?state=closing")
			.exchange()
			.expectBody()
			.jsonPath("$.sessions[*].path")
			.isEqualTo("/chat/1"));
		http.get().uri("/websockets?state=over").exchange().expectStatus().isBadRequest();
	}

	@Test
	void theStateAloneDoesNotCloseAllSessions() {
		open("/chat/1", null);
		http.delete().uri("/websockets?state=open").exchange().expectStatus().isBadRequest();
		assertThat(only().isOpen()).isTrue();
		http.delete().uri("/websockets?state=open&all=true").exchange().expectBody().json("{\"closed\":1}");
	}

	@ParameterizedTest
	@ValueSource(strings = { "minAge", "minIdle" })
	void negativeAgesAreRejected(String filter) {
		open("/chat/1", null);
		for (String fleet : List.of("", "&fleet=true")) {
			for (HttpMethod method : List.of(HttpMethod.GET, HttpMethod.DELETE)) {
				assertProblem(http.method(method).uri("/websockets?" + filter + "=-1s" + fleet).exchange())
					.isEqualTo(filter + ": PT-1S (expected: zero or more)");
			}
			assertProblem(http.delete().uri("/websockets?route=chat&" + filter + "=-1ns" + fleet).exchange())
				.isEqualTo(filter + ": PT-0.000000001S (expected: zero or more)");
			assertProblem(post("/websockets?" + fleet, Map.of("side", "client", "text", "hi", filter, "-1s")))
				.isEqualTo(filter + ": PT-1S (expected: zero or more)");
		}
		assertThat(only().isOpen()).isTrue();
	}

	@Test
	void closesAllSessionsOnlyOnRequest() {
		RawSession session = open("/chat/1", null);
		for (String query : List.of("", "?all=false", "?state=open", "?all=false&state=open")) {
			assertProblem(http.delete().uri("/websockets" + query).exchange()).isEqualTo("no filter is set "
					+ "(expected: route, pipeline, path, principal, address, minAge or minIdle, or else all=true)");
		}
		assertProblem(http.delete().uri("/websockets?all=true&route=chat").exchange())
			.isEqualTo("all: true (expected: only without route, pipeline, path, principal, address, minAge and "
					+ "minIdle)");
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
	void sendsToMatchingSessions() {
		RawSession ann = open("/chat/1", "ann");
		RawSession bob = open("/chat/2", "bob");
		RawSession feed = open("/feed", "ann");
		post("/websockets", Map.of("side", "client", "text", "hello", "path", "/chat/*")).expectStatus()
			.isOk()
			.expectBody()
			.json("{\"sent\":2}");
		post("/websockets?principal=ann", Map.of("side", "client", "text", "ann")).expectBody().json("{\"sent\":2}");
		post("/websockets", Map.of("side", "client", "text", "all", "all", "true")).expectBody().json("{\"sent\":3}");
		assertThat(texts(ann, 3)).containsExactly("hello", "ann", "all");
		assertThat(texts(bob, 2)).containsExactly("hello", "all");
		assertThat(texts(feed, 2)).containsExactly("ann", "all");
	}

	private static List<String> texts(RawSession session, int count) {
		return IntStream.range(0, count).mapToObj((i) -> session.client().receiveFrame().payloadAsText()).toList();
	}

	@Test
	void sendsToAllSessionsOnlyOnRequest() {
		RawSession session = open("/chat/1", null);
		for (Map<String, String> body : List.of(Map.of("side", "client", "text", "hi"),
				Map.of("side", "client", "text", "hi", "state", "open"),
				Map.of("side", "client", "text", "hi", "route", "chat", "all", "true"),
				Map.of("side", "client", "route", "chat"), Map.of("text", "hi", "route", "chat"),
				Map.of("side", "client", "text", "hi", "route", "chat", "draining", "true"),
				Map.of("side", "client", "text", "hi", "route", "chat", "code", "1012"),
				Map.of("draining", "true", "route", "chat"), Map.of("draining", "true", "fleet", "true"),
				Map.<String, String>of())) {
			post("/websockets", body).expectStatus()
				.isBadRequest()
				.expectBody()
				.jsonPath("$.message")
				.value(String.class, (text) -> assertThat(text).contains("expected: "));
		}
		post("/websockets", Map.of("side", "client", "text", "x".repeat(16_385), "all", "true")).expectStatus()
			.isBadRequest();
		assertThat(gateway.sessions().isDraining()).isFalse();
		post("/websockets", Map.of("side", "client", "text", "the first", "all", "true")).expectStatus().isOk();
		assertThat(session.client().receiveFrame().payloadAsText()).isEqualTo("the first");
	}

	@Test
	void rejectsIncompleteMessages() {
		open("/chat/1", null);
		for (Map<String, String> body : List.of(Map.of("side", "client"), Map.of("text", "hi"),
				Map.of("side", "both", "text", "hi"))) {
			send(only().id(), body).expectStatus().isBadRequest();
		}
	}

	@Test
	void rejectsTextThatCannotBeEncoded() {
		RawSession session = open("/chat/1", null);
		for (String text : List.of("\\ud800", "a\\udc00b", "\\ud83d\\ud83d\\ude00")) {
			String message = "\"side\":\"client\",\"text\":\"" + text + "\"";
			for (String[] request : new String[][] { { "/websockets/" + only().id(), "" },
					{ "/websockets/" + only().id() + "?fleet=true", "" }, { "/websockets", ",\"all\":true" },
					{ "/websockets?fleet=true", ",\"route\":\"chat\"" } }) {
				assertProblem(postJson(request[0], "{" + message + request[1] + "}"))
					.isEqualTo("text: contains an unpaired surrogate (expected: characters that UTF-8 can encode)");
			}
		}
		assertProblem(postJson("/websockets", "{\"draining\":true,\"reason\":\"\\ud800\"}"))
			.isEqualTo("reason: contains an unpaired surrogate (expected: characters that UTF-8 can encode)");
		assertThat(gateway.sessions().isDraining()).isFalse();
		postJson("/websockets/" + only().id(), "{\"side\":\"client\",\"text\":\"\\ud83d\\ude00\"}").expectStatus()
			.isNoContent();
		assertThat(session.client().receiveFrame().payloadAsText()).isEqualTo("\ud83d\ude00");
	}

	@Test
	void doesNotSendToAClosingSession() {
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

	private static WebTestClient.ResponseSpec send(String id, Map<String, String> body) {
		return post("/websockets/" + id, body);
	}

	private static WebTestClient.ResponseSpec post(String path, Map<String, String> body) {
		return http.post().uri(path).contentType(MediaType.APPLICATION_JSON).bodyValue(body).exchange();
	}

	private static WebTestClient.ResponseSpec postJson(String path, String body) {
		return http.post().uri(path).contentType(MediaType.APPLICATION_JSON).bodyValue(body).exchange();
	}

	private static JsonPathAssertions assertProblem(WebTestClient.ResponseSpec response) {
		return response.expectStatus().isBadRequest().expectBody().jsonPath("$.message");
	}

}
