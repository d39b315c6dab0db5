package dev.wspolicy.actuate;

import java.time.Duration;
import java.util.Map;

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
import dev.wspolicy.testkit.RawResponse;
import dev.wspolicy.testkit.RawSession;
import dev.wspolicy.testkit.RawUpstream;
import dev.wspolicy.testkit.WireFrame;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * A drain over the endpoint, while the application runs on.
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
			.route("ws", this.upstream.uri())
			.set("management.endpoints.web.exposure.include", "websockets,health")
			.set("management.endpoint.health.probes.enabled", true)
			.set("ws-policy.pipelines.default.session.close-timeout", "1s");
	}

	@AfterEach
	void stop() {
		this.gateway.close();
	}

	@Test
	void beginsAndIsSeenAndEnds() {
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
	void turnsTheReadinessAndBack() {
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
	void leavesAReadinessAloneThatItHasNotTurned() {
		drain(Map.of("draining", false)).expectStatus().isOk();
		assertReadiness(ReadinessState.ACCEPTING_TRAFFIC, HttpStatus.OK);
	}

	@Test
	void sessionsThatWereNotToldStayWhenTheDrainIsGivenUp() {
		RawSession session = open();
		drain(Map.of("draining", true, "window", "1s")).expectStatus()
			.isOk()
			.expectBody()
			.jsonPath("$.drain.window")
			.isEqualTo("PT1S");
		drain(Map.of("draining", true, "window", "1h")).expectStatus().isOk();
		drain(Map.of("draining", false)).expectStatus().isOk();
		// Begins after the others, and so ends after the second in which they would have.
		RawSession other = open();
		drain(Map.of("draining", true, "window", "PT2H")).expectStatus().isOk();
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
		this.gateway.bean(Drain.class).welcome();
		assertThat(meters.get("wspolicy.drain.sessions").gauge().value()).isZero();
	}

	@ParameterizedTest
	@ValueSource(strings = { "{}", "{\"draining\":\"perhaps\"}", "{\"draining\":true,\"window\":\"-1s\"}",
			"{\"draining\":true,\"window\":\"soon\"}", "{\"draining\":true,\"window\":\"PT2562047788015215H\"}",
			"{\"draining\":false,\"window\":\"1s\"}" })
	void refusesWhatItCannotDo(String body) {
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
	void isNotForThoseWhoMayOnlyRead() {
		try (TestGateway readOnly = gateway().set("management.endpoint.websockets.access", "read-only").start()) {
			drain(readOnly.http("/actuator"), Map.of("draining", true)).expectStatus()
				.isEqualTo(HttpStatus.METHOD_NOT_ALLOWED);
			assertThat(readOnly.sessions().isDraining()).isFalse();
		}
	}

	@Test
	void hasNothingToDoWhereTheLibraryIsSwitchedOff() {
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
