package dev.wspolicy.actuate;

import java.util.List;
import java.util.Map;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.test.web.reactive.server.WebTestClient;

import dev.wspolicy.gateway.TestGateway;
import dev.wspolicy.session.ProxiedSession;
import dev.wspolicy.testkit.RawSession;
import dev.wspolicy.testkit.RawUpstream;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Who may do what, and see what, through the endpoint.
 */
class WebSocketsEndpointAccessTests {

	@AutoClose
	private final RawUpstream upstream = RawUpstream.start();

	private TestGateway.Builder exposed() {
		return TestGateway.with(SayingWhoOneIs.class)
			.route("chat", this.upstream.uri())
			.set("management.endpoints.web.exposure.include", "websockets,health")
			.set("ws-policy.pipelines.default.session.close-timeout", "1s");
	}

	@Test
	void readOnlyAccessLeavesNothingToWrite() {
		try (TestGateway readOnly = exposed().set("management.endpoint.websockets.access", "read-only").start()) {
			ProxiedSession only = session(readOnly, "/chat/1");
			WebTestClient client = readOnly.http("/actuator");
			client.get().uri("/websockets").exchange().expectStatus().isOk();
			client.get().uri("/websockets/" + only.id()).exchange().expectStatus().isOk();
			for (String path : List.of("/websockets?all=true", "/websockets/" + only.id())) {
				client.delete().uri(path).exchange().expectStatus().isEqualTo(HttpStatus.METHOD_NOT_ALLOWED);
			}
			client.post()
				.uri("/websockets/" + only.id())
				.contentType(MediaType.APPLICATION_JSON)
				.bodyValue(Map.of("side", "client", "text", "hi"))
				.exchange()
				.expectStatus()
				.isEqualTo(HttpStatus.METHOD_NOT_ALLOWED);
			assertThat(only.isOpen()).isTrue();
		}
	}

	@ParameterizedTest
	@CsvSource({ "management.endpoint.websockets.access, none", "management.endpoints.web.exposure.include, health" })
	void thereIsNoEndpointWithoutAccessOrExposure(String property, String value) {
		try (TestGateway closed = exposed().set(property, value).start()) {
			closed.http("/actuator").get().uri("/websockets").exchange().expectStatus().isNotFound();
			closed.http("/actuator").delete().uri("/websockets?all=true").exchange().expectStatus().isNotFound();
		}
	}

	@Test
	void valuesAreShownToThoseWhoMaySeeThem() {
		try (TestGateway guarded = exposed().set("management.endpoint.websockets.show-values", "when-authorized")
			.set("management.endpoint.websockets.roles", "OPS")
			.start()) {
			ProxiedSession only = session(guarded, "/chat/1?token=abc");
			assertThat(query(guarded, only, null)).isEqualTo("token=******");
			assertThat(query(guarded, only, "ann")).isEqualTo("token=******");
			assertThat(query(guarded, only, "ops")).isEqualTo("token=abc");
		}
	}

	@Test
	void valuesAreShownToAll() {
		try (TestGateway open = exposed().set("management.endpoint.websockets.show-values", "always").start()) {
			ProxiedSession only = session(open, "/chat/1?token=abc");
			assertThat(query(open, only, null)).isEqualTo("token=abc");
		}
	}

	/** The query of a session's URI, as a user is shown it. */
	private static String query(TestGateway gateway, ProxiedSession session, @Nullable String user) {
		OneSession shown = gateway.http("/actuator").get().uri("/websockets/" + session.id()).headers((headers) -> {
			if (user != null) {
				headers.set("X-User", user);
			}
		}).exchange().expectBody(OneSession.class).returnResult().getResponseBody();
		assertThat(shown).isNotNull();
		String uri = shown.upgrade().get("uri").toString();
		return uri.substring(uri.indexOf('?') + 1);
	}

	private ProxiedSession session(TestGateway gateway, String path) {
		RawSession.open(gateway.client().path(path), this.upstream);
		return gateway.onlySession();
	}

	private record OneSession(Map<String, Object> upgrade) {

	}

}
