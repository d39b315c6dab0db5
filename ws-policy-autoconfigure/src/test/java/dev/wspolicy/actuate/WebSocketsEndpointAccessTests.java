package dev.wspolicy.actuate;

import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;

import javax.management.MBeanServer;
import javax.management.ObjectName;

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
import dev.wspolicy.testkit.ClientHandshake;
import dev.wspolicy.testkit.RawPeer;
import dev.wspolicy.testkit.RawSession;
import dev.wspolicy.testkit.RawUpstream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Tests for access to the operations and the values of the endpoint.
 */
class WebSocketsEndpointAccessTests {

	@AutoClose
	private final RawUpstream upstream = RawUpstream.start();

	/** Holds on to the sockets, which the garbage collector would close otherwise. */
	private final List<RawSession> opened = new ArrayList<>();

	private TestGateway.Builder exposed() {
		return TestGateway.with(HeaderAuthentication.class)
			.complete()
			.route("chat", this.upstream.uri())
			.set("management.endpoints.web.exposure.include", "websockets,health")
			.set("ws-policy.pipelines.default.session.close-timeout", "1s");
	}

	@ParameterizedTest
	@CsvSource({ "management.endpoint.websockets.access, read-only", "server.port, 0",
			"management.endpoints.access.max-permitted, read-only" })
	void isReadOnlyByDefault(String property, String value) {
		try (TestGateway readOnly = exposed().set(property, value).start()) {
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

	@Test
	void unrestrictedAccessEnablesWriteOperations() {
		try (TestGateway open = exposed().set("management.endpoint.websockets.access", "unrestricted").start()) {
			ProxiedSession only = session(open, "/chat/1");
			WebTestClient client = open.http("/actuator");
			client.delete().uri("/websockets/" + only.id()).exchange().expectStatus().isNoContent();
			await().until(() -> !only.isOpen());
		}
	}

	@Test
	void operationsAreAvailableOverJmx() throws Exception {
		try (TestGateway open = exposed().set("management.endpoint.websockets.access", "unrestricted")
			.set("spring.jmx.enabled", true)
			.set("management.endpoints.jmx.exposure.include", "websockets")
			.set("management.endpoints.jmx.domain", "dev.wspolicy.test")
			.start()) {
			String id = session(open, "/chat/1").id();
			MBeanServer jmx = ManagementFactory.getPlatformMBeanServer();
			ObjectName name = new ObjectName("dev.wspolicy.test:type=Endpoint,name=Websockets");
			assertThat(jmx.invoke(name, "send", new Object[] { id, "client", "hi" }, null)).asString().contains("DONE");
			assertThat(this.opened.get(0).client().receiveFrame().payloadAsText()).isEqualTo("hi");
			assertThat(jmx.invoke(name, "close", new Object[] { id, 4000, null }, null)).asString().contains("DONE");
			assertThat(this.opened.get(0).client().receiveFrame().closeCode()).isEqualTo(4000);
		}
	}

	@ParameterizedTest
	@CsvSource({ "management.endpoint.websockets.access, none", "management.endpoints.web.exposure.include, health" })
	void isAbsentWithoutAccessOrExposure(String property, String value) {
		try (TestGateway closed = exposed().set(property, value).start()) {
			closed.http("/actuator").get().uri("/websockets").exchange().expectStatus().isNotFound();
			closed.http("/actuator").delete().uri("/websockets?all=true").exchange().expectStatus().isNotFound();
		}
	}

	@Test
	void valuesAreShownToAuthorizedUsers() {
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
	void valuesAreShownToEverybodyIfConfigured() {
		try (TestGateway open = exposed().set("management.endpoint.websockets.show-values", "always").start()) {
			ProxiedSession only = session(open, "/chat/1?token=abc");
			assertThat(query(open, only, null)).isEqualTo("token=abc");
		}
	}

	@Test
	void knownSubprotocolsAreShown() {
		try (TestGateway masked = exposed().set("management.endpoint.websockets.subprotocols", "chat.v*").start();
				TestGateway open = exposed().set("management.endpoint.websockets.show-values", "when-authorized")
					.start()) {
			assertThat(subprotocol(masked, "bearer.t0ps3cret", null)).isEqualTo("******");
			assertThat(subprotocol(masked, "v12.stomp", null)).isEqualTo("v12.stomp");
			assertThat(subprotocol(masked, "chat.v2", null)).isEqualTo("chat.v2");
			assertThat(subprotocol(open, "chat.v2", null)).isEqualTo("******");
			assertThat(subprotocol(open, "bearer.t0ps3cret", "ops")).isEqualTo("bearer.t0ps3cret");
		}
	}

	/**
	 * Return the subprotocol, which the list and the session itself show in the same way.
	 */
	private String subprotocol(TestGateway gateway, String chosen, @Nullable String user) {
		ClientHandshake handshake = gateway.client().path("/chat/1").subprotocol(chosen).start();
		RawPeer server = this.upstream.accept().subprotocol(chosen).acceptWebSocket();
		RawSession session = new RawSession(handshake.connected(), server);
		String id = gateway.onlySession().id();
		List<String> shown = Stream.of("/websockets", "/websockets/" + id)
			.map((path) -> new String(
					Objects.requireNonNull(gateway.http("/actuator").get().uri(path).headers((headers) -> {
						if (user != null) {
							headers.set("X-User", user);
						}
					}).exchange().expectBody().returnResult().getResponseBody()), StandardCharsets.UTF_8))
			.map((body) -> body.replaceFirst("(?s).*\"subprotocol\":\"([^\"]*)\".*", "$1"))
			.toList();
		session.close();
		gateway.awaitNoSessions();
		assertThat(shown.get(1)).isEqualTo(shown.get(0));
		return shown.get(0);
	}

	/** Return the query of a session's URI as a user sees it. */
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
		this.opened.add(RawSession.open(gateway.client().path(path), this.upstream));
		return gateway.onlySession();
	}

	private record OneSession(Map<String, Object> upgrade) {

	}

}
