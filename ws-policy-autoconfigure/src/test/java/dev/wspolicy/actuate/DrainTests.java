package dev.wspolicy.actuate;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

import io.micrometer.core.instrument.MeterRegistry;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.availability.ApplicationAvailability;
import org.springframework.boot.availability.ReadinessState;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.test.web.reactive.server.WebTestClient;

import dev.wspolicy.gateway.TestGateway;
import dev.wspolicy.session.Drain;
import dev.wspolicy.session.ProxiedSession;
import dev.wspolicy.testkit.RawResponse;
import dev.wspolicy.testkit.RawSession;
import dev.wspolicy.testkit.RawUpstream;
import dev.wspolicy.testkit.WireFrame;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Tests for draining a running application through the endpoint.
 */
class DrainTests {

	@AutoClose
	private final RawUpstream upstream = RawUpstream.start();

	private TestGateway gateway;

	private WebTestClient http;

	@BeforeEach
	void start() {
		this.gateway = gateway().start();
		this.http = this.gateway.http("/actuator");
	}

	private TestGateway.Builder gateway() {
		return TestGateway.with()
			.complete()
			.route("ws", this.upstream.uri())
			.set("management.endpoints.web.exposure.include", "websockets,health")
			.set("management.endpoint.websockets.access", "unrestricted")
			.set("management.endpoint.health.probes.enabled", true)
			.set("ws-policy.pipelines.default.session.close-timeout", "1s");
	}

	@AfterEach
	void stop() {
		this.gateway.close();
	}

	@Test
	void beginsShowsProgressAndEnds() {
		RawSession session = open();
		drain(Map.of("draining", true)).expectStatus()
			.isOk()
			.expectBody()
			.jsonPath("$.draining")
			.isEqualTo(true)
			.jsonPath("$.drain.window")
			.isEqualTo("PT0S")
			.jsonPath("$.drain.sessions")
			.isEqualTo(1)
			.jsonPath("$.drain.since")
			.value(String.class, (text) -> assertThat(text).matches("\\d{4}-\\d\\d-\\d\\dT.*Z"));
		assertThat(session.client().receiveFrame().closeCode()).isEqualTo(1001);
		assertThat(session.upstream().receiveFrame().closeCode()).isEqualTo(1001);
		session.close();
		this.gateway.awaitNoSessions();
		this.http.get()
			.uri("/websockets?limit=1")
			.exchange()
			.expectBody()
			.jsonPath("$.draining")
			.isEqualTo(true)
			.jsonPath("$.drain.sessions")
			.isEqualTo(1)
			.jsonPath("$.drain.left")
			.isEqualTo(0);
		RawResponse refused = this.gateway.client().path("/ws/a").exchange();
		assertThat(refused.status()).isEqualTo(503);
		assertThat(refused.headers().all("Retry-After")).hasSize(1);
		drain(Map.of("draining", false)).expectStatus().isOk().expectBody().json("{\"draining\":false}");
		open().close();
		this.http.get().uri("/websockets").exchange().expectBody().jsonPath("$.drain").doesNotExist();
	}

	@Test
	void clientsGetACodeThatMakesThemReconnect() {
		RawSession session = open();
		drain(Map.of("draining", true, "code", 1012, "reason", "restart")).expectStatus()
			.isOk()
			.expectBody()
			.jsonPath("$.drain.code")
			.isEqualTo(1012);
		WireFrame close = session.client().receiveFrame();
		assertThat(close.closeCode()).isEqualTo(1012);
		assertThat(close.closeReason()).isEqualTo("restart");
		assertThat(session.upstream().receiveFrame().closeCode()).isEqualTo(1001);
		session.close();
		this.gateway.awaitNoSessions();
	}

	@Test
	void configuredCodeAppliesToDrainAndShutdown() {
		try (TestGateway configured = gateway().set("ws-policy.drain.code", 1012)
			.set("ws-policy.drain.reason", "maintenance")
			.start()) {
			RawSession drained = RawSession.open(configured.client().path("/ws/a"), this.upstream);
			drain(configured.http("/actuator"), Map.of("draining", true)).expectStatus().isOk();
			assertThat(drained.client().receiveFrame().closeReason()).isEqualTo("maintenance");
			drained.close();
			configured.awaitNoSessions();
			drain(configured.http("/actuator"), Map.of("draining", false)).expectStatus().isOk();
			RawSession session = RawSession.open(configured.client().path("/ws/a"), this.upstream);
			drain(configured.http("/actuator"), Map.of("draining", true, "reason", "bye")).expectStatus().isOk();
			WireFrame close = session.client().receiveFrame();
			assertThat(close.closeCode()).isEqualTo(1001);
			assertThat(close.closeReason()).isEqualTo("bye");
			session.close();
			configured.awaitNoSessions();
			drain(configured.http("/actuator"), Map.of("draining", false)).expectStatus().isOk();
			RawSession last = RawSession.open(configured.client().path("/ws/a"), this.upstream);
			CompletableFuture<Void> shutdown = CompletableFuture.runAsync(configured::close);
			assertThat(last.client().receiveFrame().closeCode()).isEqualTo(1012);
			assertThat(last.upstream().receiveFrame().closeCode()).isEqualTo(1001);
			last.close();
			assertThat(shutdown).succeedsWithin(Duration.ofSeconds(20));
		}
	}

	@Test
	void changesTheReadinessAndRestoresIt() {
		assertReadiness(ReadinessState.ACCEPTING_TRAFFIC, HttpStatus.OK);
		drain(Map.of("draining", true)).expectStatus().isOk();
		assertReadiness(ReadinessState.REFUSING_TRAFFIC, HttpStatus.SERVICE_UNAVAILABLE);
		drain(Map.of("draining", false)).expectStatus().isOk();
		assertReadiness(ReadinessState.ACCEPTING_TRAFFIC, HttpStatus.OK);
	}

	private void assertReadiness(ReadinessState state, HttpStatus probe) {
		assertThat(this.gateway.bean(ApplicationAvailability.class).getReadinessState()).isEqualTo(state);
		this.http.get().uri("/health/readiness").exchange().expectStatus().isEqualTo(probe);
	}

	@Test
	void doesNotRestoreAReadinessThatItHasNotChanged() {
		drain(Map.of("draining", false)).expectStatus().isOk();
		assertReadiness(ReadinessState.ACCEPTING_TRAFFIC, HttpStatus.OK);
	}

	/**
	 * Opens a session, begins to close it within a second, and changes that to a year.
	 */
	private RawSession openAmidADrain() {
		for (;;) {
			RawSession session = open();
			ProxiedSession proxied = this.gateway.onlySession();
			drain(Map.of("draining", true, "window", "1s")).expectStatus()
				.isOk()
				.expectBody()
				.jsonPath("$.drain.window")
				.isEqualTo("PT1S");
			drain(Map.of("draining", true, "window", "365d")).expectStatus().isOk();
			if (proxied.isOpen()) {
				return session;
			}
			// It has been closed before the second request
			session.close();
			this.gateway.awaitNoSessions();
			drain(Map.of("draining", false)).expectStatus().isOk();
		}
	}

	@Test
	void sessionsThatHaveNotBeenClosedStayOpenWhenTheDrainEnds() {
		RawSession session = openAmidADrain();
		drain(Map.of("draining", false)).expectStatus().isOk();
		// Begins after the other sessions, and so would be closed after the second in
		// which they would have been.
		RawSession other = open();
		drain(Map.of("draining", true, "window", "P730D")).expectStatus().isOk();
		MeterRegistry meters = this.gateway.bean(MeterRegistry.class);
		assertThat(meters.get("wspolicy.drain.sessions").gauge().value()).isEqualTo(2);
		await().during(Duration.ofMillis(1200))
			.atMost(Duration.ofSeconds(10))
			.until(() -> meters.get("wspolicy.drain.left").gauge().value() == 2);
		session.client().send(WireFrame.text("still here").masked());
		assertThat(session.upstream().receiveFrame().payloadAsText()).isEqualTo("still here");
		drain(Map.of("draining", true, "window", "0s")).expectStatus().isOk();
		assertThat(session.client().receiveFrame().closeCode()).isEqualTo(1001);
		assertThat(other.client().receiveFrame().closeCode()).isEqualTo(1001);
		session.close();
		other.close();
		this.gateway.awaitNoSessions();
		assertThat(meters.get("wspolicy.drain.left").gauge().value()).isZero();
		this.gateway.bean(Drain.class).cancel();
		assertThat(meters.get("wspolicy.drain.sessions").gauge().value()).isZero();
	}

	@ParameterizedTest
	@ValueSource(strings = { "{}", "{\"draining\":\"perhaps\"}", "{\"draining\":true,\"window\":\"-1s\"}",
			"{\"draining\":true,\"window\":\"soon\"}", "{\"draining\":true,\"window\":\"PT2562047788015215H\"}",
			"{\"draining\":false,\"window\":\"1s\"}", "{\"draining\":false,\"code\":1012}",
			"{\"draining\":true,\"code\":1005}", "{\"draining\":true,\"code\":\"many\"}",
			"{\"draining\":true,\"windw\":\"1s\"}" })
	void rejectsInvalidRequests(String body) {
		this.http.post()
			.uri("/websockets")
			.contentType(MediaType.APPLICATION_JSON)
			.bodyValue(body)
			.exchange()
			.expectStatus()
			.isBadRequest();
		assertThat(this.gateway.sessions().isDraining()).isFalse();
	}

	@Test
	void isNotAvailableWithReadOnlyAccess() {
		try (TestGateway readOnly = gateway().set("management.endpoint.websockets.access", "read-only").start()) {
			drain(readOnly.http("/actuator"), Map.of("draining", true)).expectStatus()
				.isEqualTo(HttpStatus.METHOD_NOT_ALLOWED);
			assertThat(readOnly.sessions().isDraining()).isFalse();
		}
	}

	@Test
	void isNotAvailableIfTheLibraryIsDisabled() {
		try (TestGateway off = gateway().set("ws-policy.enabled", false).start()) {
			drain(off.http("/actuator"), Map.of("draining", true)).expectStatus()
				.isBadRequest()
				.expectBody()
				.jsonPath("$.message")
				.value(String.class, (text) -> assertThat(text).contains("'ws-policy.enabled' is false"));
		}
	}

	private WebTestClient.ResponseSpec drain(Map<String, Object> body) {
		return drain(this.http, body);
	}

	private static WebTestClient.ResponseSpec drain(WebTestClient http, Map<String, Object> body) {
		return http.post().uri("/websockets").contentType(MediaType.APPLICATION_JSON).bodyValue(body).exchange();
	}

	private RawSession open() {
		int before = this.gateway.sessions().size();
		RawSession session = RawSession.open(this.gateway.client().path("/ws/a"), this.upstream);
		await().until(() -> this.gateway.sessions().size() == before + 1);
		return session;
	}

}
