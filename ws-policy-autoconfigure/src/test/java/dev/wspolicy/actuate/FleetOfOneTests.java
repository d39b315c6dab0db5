package dev.wspolicy.actuate;

import java.util.List;
import java.util.Map;

import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.springframework.http.HttpMethod;
import org.springframework.http.MediaType;
import org.springframework.test.web.reactive.server.WebTestClient;

import dev.wspolicy.gateway.GatewayExtension;
import dev.wspolicy.testkit.RawSession;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for requests that concern all gateways, where there is only one.
 */
class FleetOfOneTests {

	@RegisterExtension
	static final GatewayExtension gateway = GatewayExtension.with(HeaderAuthentication.class)
		.complete()
		.pipeline("session.close-timeout", "500ms")
		.set("ws-policy.fleet.gateway", "only")
		.set("ws-policy.fleet.endpoint-default", "true")
		.set("management.endpoints.web.exposure.include", "websockets,websocketrevocations")
		.set("management.endpoint.websockets.access", "unrestricted")
		.routes("chat");

	private static WebTestClient http;

	@BeforeAll
	static void start() {
		http = gateway.http("/actuator");
	}

	@Test
	void listsAndFinds() {
		gateway.register(
				gateway.client().path("/chat?token=t0ps3cret").header("X-User", "ann").header("Cookie", "t0ps3cret"));
		String id = gateway.onlySession().id();
		for (String query : new String[] { "", "?fleet=true" }) {
			http.get()
				.uri("/websockets" + query)
				.exchange()
				.expectBody()
				.consumeWith((result) -> assertThat(result.toString()).doesNotContain("t0ps3cret"))
				.jsonPath("$.total")
				.isEqualTo(1)
				.jsonPath("$.sessions[0].gateway")
				.isEqualTo("only")
				.jsonPath("$.sessions[0].principal")
				.isEqualTo("ann")
				.jsonPath("$.fleet")
				.isEqualTo(Map.of("live", 1, "answered", 1, "gateways", List.of("only"), "missing", List.of(),
						"problems", Map.of()));
		}
		http.get().uri("/websockets/" + id).exchange().expectBody().jsonPath("$.session.id").isEqualTo(id);
		http.get().uri("/websockets/" + id + "?fleet=false").exchange().expectBody().jsonPath("$.id").isEqualTo(id);
		http.get().uri("/websockets/none").exchange().expectStatus().isNotFound();
	}

	@Test
	void closesAndSends() {
		RawSession session = gateway.open("chat");
		String id = gateway.onlySession().id();
		post("/websockets/" + id, Map.of("side", "client", "text", "hello")).expectStatus().isOk();
		assertThat(session.client().receiveFrame().payloadAsText()).isEqualTo("hello");
		post("/websockets/" + id, Map.of("side", "client", "text", "x".repeat(16_385))).expectStatus().isBadRequest();
		http.delete().uri("/websockets").exchange().expectStatus().isBadRequest();
		post("/websockets", Map.of("side", "client", "text", "to all", "path", "/ch*")).expectBody()
			.jsonPath("$.sent")
			.isEqualTo(1)
			.jsonPath("$.fleet.answered")
			.isEqualTo(1);
		assertThat(session.client().receiveFrame().payloadAsText()).isEqualTo("to all");
		post("/websockets", Map.of("side", "client", "text", "to all")).expectStatus().isBadRequest();
		http.get().uri("/websockets?path=/feed").exchange().expectBody().jsonPath("$.total").isEqualTo(0);
		http.delete().uri("/websockets?route=chat&window=25h").exchange().expectStatus().isBadRequest();
		http.delete()
			.uri("/websockets?route=chat&pipeline=default&state=open&window=1ms&code=1012")
			.exchange()
			.expectBody()
			.jsonPath("$.closed")
			.isEqualTo(1);
		assertThat(session.client().receiveFrame().closeCode()).isEqualTo(1012);
	}

	@Test
	void drainsItselfByName() {
		post("/websockets", Map.of("draining", true, "gateway", "only")).expectStatus()
			.isOk()
			.expectBody()
			.jsonPath("$.draining")
			.isEqualTo(true);
		assertThat(gateway.sessions().isDraining()).isTrue();
		post("/websockets", Map.of("draining", false, "gateway", "only")).expectStatus().isOk();
		assertThat(gateway.sessions().isDraining()).isFalse();
		post("/websockets", Map.of("draining", true, "gateway", "other")).expectStatus().isNotFound();
	}

	@Test
	void revocationsNeedUnrestrictedAccess() {
		http.get().uri("/websocketrevocations").exchange().expectBody().jsonPath("$.size").isEqualTo(0);
		http.method(HttpMethod.POST)
			.uri("/websocketrevocations")
			.contentType(MediaType.APPLICATION_JSON)
			.bodyValue(Map.of("token", "t", "until", "2040-01-01T00:00:00Z"))
			.exchange()
			.expectStatus()
			.isEqualTo(405);
	}

	private static WebTestClient.ResponseSpec post(String path, Map<String, Object> body) {
		return http.post().uri(path).contentType(MediaType.APPLICATION_JSON).bodyValue(body).exchange();
	}

}
