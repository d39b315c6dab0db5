package dev.wspolicy.actuate;

import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Objects;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.http.HttpMethod;
import org.springframework.http.MediaType;
import org.springframework.test.web.reactive.server.JsonPathAssertions;
import org.springframework.test.web.reactive.server.WebTestClient;

import dev.wspolicy.gateway.GatewayExtension;
import dev.wspolicy.session.ProxiedSession;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests that operations reject parameters that are unknown, given twice or durations
 * without a unit, instead of ignoring or guessing.
 */
class StrictParameterAdvisorTests {

	@RegisterExtension
	static final GatewayExtension gateway = GatewayExtension.with(HeaderAuthentication.class)
		.complete()
		.pipeline("session.close-timeout", "1s")
		.set("management.endpoints.web.exposure.include", "*")
		.set("management.endpoints.access.default", "unrestricted")
		.routes("chat");

	@ParameterizedTest
	@CsvSource(delimiter = '|',
			textBlock = """
					GET    | websockets?principle=ann           | principle: unknown (expected: route, pipeline, path, principal, address, state, minAge, minIdle, after, limit, recent, fleet)
					GET    | websockets?route=chat&Limit=1      | Limit: unknown (expected: route, pipeline, path, principal, address, state, minAge, minIdle, after, limit, recent, fleet)
					GET    | websockets?securityContext=x       | securityContext: unknown (expected: route, pipeline, path, principal, address, state, minAge, minIdle, after, limit, recent, fleet)
					GET    | websockets?route=chat&route=feed   | route: 2 values (expected: one)
					GET    | websockets/{id}?values=all         | values: unknown (expected: fleet)
					GET    | websockets/{id}?id=other           | id: unknown (expected: fleet)
					DELETE | websockets?principle=x             | principle: unknown (expected: route, pipeline, path, principal, address, state, minAge, minIdle, all, window, code, reason, fleet)
					DELETE | websockets?route=chat&principle=x  | principle: unknown (expected: route, pipeline, path, principal, address, state, minAge, minIdle, all, window, code, reason, fleet)
					DELETE | websockets/{id}?cod=4001           | cod: unknown (expected: code, reason, fleet)
					DELETE | websockets/none?id={id}            | id: unknown (expected: code, reason, fleet)
					GET    | websocketpipelines?route=chat      | route: unknown (expected: none)
					GET    | websocketpipelines/chat?pipeline=x | pipeline: unknown (expected: none)
					GET    | websocketpipelines/none?route=chat | route: unknown (expected: none)
					GET    | websockets?minAge=5                | minAge: 5 (expected: a duration with a unit: ns, us, ms, s, m, h or d)
					GET    | websockets?minIdle=+5&fleet=true   | minIdle: 5 (expected: a duration with a unit: ns, us, ms, s, m, h or d)
					DELETE | websockets?route=chat&window=60    | window: 60 (expected: a duration with a unit: ns, us, ms, s, m, h or d)
					DELETE | websockets?minAge=-1               | minAge: -1 (expected: a duration with a unit: ns, us, ms, s, m, h or d)
					GET    | websocketconsole?theme=dark        | theme: unknown (expected: none)
					GET    | websocketconsole/console.js?v=2    | v: unknown (expected: none)
					""")
	void invalidParametersAreRejected(HttpMethod method, String path, String message) {
		ProxiedSession session = open();
		http().method(method)
			.uri("/" + path.replace("{id}", session.id()))
			.exchange()
			.expectStatus()
			.isBadRequest()
			.expectBody()
			.jsonPath("$.message")
			.isEqualTo(message);
		assertThat(session.isOpen()).isTrue();
	}

	@ParameterizedTest
	@ValueSource(strings = { "duration=5", "sesion=1", "session=1&bytse=7", "route=chat&route=feed" })
	void invalidParametersDoNotStartATap(String query) {
		open();
		byte[] body = http().get()
			.uri("/websockettap?" + query)
			.accept(MediaType.TEXT_EVENT_STREAM)
			.exchange()
			.expectStatus()
			.isBadRequest()
			.expectBody()
			.returnResult()
			.getResponseBody();
		assertThat(new String(Objects.requireNonNull(body), StandardCharsets.UTF_8)).contains("(expected: ");
		assertThat(gateway.bean(FrameTaps.class).running()).isZero();
	}

	@Test
	void unknownMembersAreRejected() {
		ProxiedSession session = open();
		post("/websockets/" + session.id(), Map.of("side", "client", "text", "hi", "code", 4001))
			.isEqualTo("code: unknown (expected: side, text, fleet)");
		post("/websockets/none", Map.of("side", "client", "text", "hi", "id", session.id()))
			.isEqualTo("id: unknown (expected: side, text, fleet)");
		post("/websockets", Map.of("draining", true, "status", 1012)).isEqualTo(
				"status: unknown (expected: draining, window, code, reason, gateway, side, text, route, pipeline, path, principal, address, state, minAge, minIdle, all, fleet)");
		post("/websockets?windw=1s", Map.of("draining", true)).isEqualTo(
				"windw: unknown (expected: draining, window, code, reason, gateway, side, text, route, pipeline, path, principal, address, state, minAge, minIdle, all, fleet)");
		assertThat(gateway.sessions().isDraining()).isFalse();
		assertThat(session.isOpen()).isTrue();
	}

	@Test
	void durationsWithoutAUnitAreRejected() {
		String expected = " (expected: a duration with a unit: ns, us, ms, s, m, h or d)";
		open();
		post("/websockets", Map.of("draining", true, "window", 60)).isEqualTo("window: 60" + expected);
		post("/websockets", Map.of("draining", true, "window", " 60 ")).isEqualTo("window: 60" + expected);
		post("/websockets", Map.of("side", "client", "text", "hi", "minAge", "0")).isEqualTo("minAge: 0" + expected);
		post("/websocketpipelines/default/any", Map.of("mode", "off", "for", "5")).isEqualTo("for: 5" + expected);
		post("/websocketpipelines/default/any", Map.of("mode", "off", "for", 5)).isEqualTo("for: 5" + expected);
		assertThat(gateway.sessions().isDraining()).isFalse();
	}

	@Test
	void durationThatIsNullIsAbsent() {
		http().post()
			.uri("/websockets")
			.contentType(MediaType.APPLICATION_JSON)
			.bodyValue("{\"draining\":false,\"window\":null}")
			.exchange()
			.expectStatus()
			.isOk();
	}

	@Test
	void otherEndpointsAreNotAffected() {
		http().get().uri("/health?principle=ann").exchange().expectStatus().isOk();
	}

	@Test
	void sessionIdIsTakenFromThePathOnly() {
		ProxiedSession session = open();
		http().get().uri("/websockets/" + session.id()).exchange().expectStatus().isOk();
		http().get().uri("/websockets/" + session.id() + "/more").exchange().expectStatus().isNotFound();
		http().get().uri("/websockets/").exchange().expectStatus().isNotFound();
		http().get().uri("/websocketpipelines/chat").exchange().expectStatus().isOk();
	}

	private ProxiedSession open() {
		gateway.open("chat/1");
		return gateway.onlySession();
	}

	private WebTestClient http() {
		return gateway.http("/actuator");
	}

	private JsonPathAssertions post(String path, Map<String, Object> body) {
		return http().post()
			.uri(path)
			.contentType(MediaType.APPLICATION_JSON)
			.bodyValue(body)
			.exchange()
			.expectStatus()
			.isBadRequest()
			.expectBody()
			.jsonPath("$.message");
	}

}
