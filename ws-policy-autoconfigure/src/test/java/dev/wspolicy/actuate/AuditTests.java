package dev.wspolicy.actuate;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.springframework.boot.actuate.audit.AuditEvent;
import org.springframework.boot.actuate.audit.listener.AuditApplicationEvent;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.event.EventListener;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.test.web.reactive.server.WebTestClient;

import dev.wspolicy.fleet.SessionSelector;
import dev.wspolicy.gateway.GatewayExtension;
import dev.wspolicy.session.ProxiedSession;
import dev.wspolicy.session.Side;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Tests that the actions of operators are audited with the operator's name.
 */
class AuditTests {

	@RegisterExtension
	final GatewayExtension gateway = GatewayExtension.with(HeaderAuthentication.class, Auditing.class)
		.complete()
		.pipeline("session.close-timeout", "1s")
		.set("management.endpoints.web.exposure.include", "websockets")
		.set("management.endpoint.websockets.access", "unrestricted")
		.routes("ws");

	private WebTestClient http;

	private List<AuditEvent> audited;

	@BeforeEach
	void start() {
		this.audited = this.gateway.bean(Audited.class).events;
		this.http = this.gateway.http("/actuator/websockets").mutate().defaultHeader("X-User", "ops").build();
	}

	@Test
	void operationsAreAudited() {
		ProxiedSession session = open();
		String id = session.id();
		post("/" + id, Map.of("side", "client", "text", "t0ps3cret")).expectStatus().isNoContent();
		this.http.delete().uri("/" + id + "?code=4001&reason=t0ps3cret").exchange().expectStatus().isNoContent();
		await().until(() -> !session.isOpen());
		this.http.delete().uri("?route=ws&minIdle=0s").exchange().expectStatus().isOk();
		post("", Map.of("side", "client", "text", "t0ps3cret", "path", "/ws*", "state", "open")).expectStatus().isOk();
		post("", Map.of("draining", true, "window", "1m", "code", 1012, "reason", "t0ps3cret")).expectStatus().isOk();
		post("", Map.of("draining", false)).expectStatus().isOk();
		assertThat(this.audited).extracting(AuditEvent::getPrincipal).containsOnly("ops");
		assertThat(this.audited).extracting(AuditEvent::getType)
			.containsExactly("WEBSOCKET_TEXT_SENT", "WEBSOCKET_SESSION_CLOSED", "WEBSOCKET_SESSIONS_CLOSED",
					"WEBSOCKET_TEXTS_SENT", "WEBSOCKET_DRAIN_BEGUN", "WEBSOCKET_DRAIN_ENDED");
		assertThat(this.audited.get(0).getData()).containsEntry("session", id).containsEntry("characters", 9);
		assertThat(this.audited.get(1).getData()).isEqualTo(Map.of("session", id, "code", 4001));
		assertThat(this.audited.get(2).getData())
			.isEqualTo(Map.of("route", "ws", "minIdle", Duration.ZERO, "code", 1001, "closed", 0L));
		assertThat(this.audited.get(3).getData()).isEqualTo(Map.of("path", "/ws*", "state", SessionSelector.State.OPEN,
				"side", Side.CLIENT, "characters", 9, "sent", 0L));
		assertThat(this.audited.get(4).getData()).isEqualTo(Map.of("window", Duration.ofMinutes(1), "code", 1012));
		assertThat(this.audited.toString()).doesNotContain("t0ps3cret");
	}

	@Test
	void failedOperationsAreNotAudited() {
		post("/none", Map.of("side", "client", "text", "hi")).expectStatus().isNotFound();
		this.http.delete().uri("/none").exchange().expectStatus().isNotFound();
		this.http.delete().exchange().expectStatus().isEqualTo(HttpStatus.BAD_REQUEST);
		post("", Map.of("draining", true, "window", "-1s")).expectStatus().isBadRequest();
		this.http.get().exchange().expectStatus().isOk();
		assertThat(this.audited).isEmpty();
	}

	private WebTestClient.ResponseSpec post(String path, Map<String, Object> body) {
		return this.http.post().uri(path).contentType(MediaType.APPLICATION_JSON).bodyValue(body).exchange();
	}

	private ProxiedSession open() {
		this.gateway.open("ws/a");
		return this.gateway.onlySession();
	}

	@Configuration(proxyBeanMethods = false)
	static class Auditing {

		@Bean
		Audited audited() {
			return new Audited();
		}

	}

	static class Audited {

		private final List<AuditEvent> events = new CopyOnWriteArrayList<>();

		@EventListener
		void on(AuditApplicationEvent event) {
			this.events.add(event.getAuditEvent());
		}

	}

}
