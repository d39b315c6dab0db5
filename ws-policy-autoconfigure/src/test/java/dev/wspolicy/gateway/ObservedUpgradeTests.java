package dev.wspolicy.gateway;

import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.http.HttpStatus;
import org.springframework.http.HttpStatusCode;
import reactor.core.publisher.Mono;

import dev.wspolicy.policy.UpgradePolicy;
import dev.wspolicy.policy.UpgradeVerdict;
import dev.wspolicy.session.SessionListener;
import dev.wspolicy.session.UpgradeContext;
import dev.wspolicy.testkit.ClientHandshake;
import dev.wspolicy.testkit.RawPeer;
import dev.wspolicy.testkit.RawResponse;
import dev.wspolicy.testkit.UpstreamHandshake;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Tests that observed upgrade policies leave the answers to upgrades as they are.
 */
class ObservedUpgradeTests {

	@RegisterExtension
	static final GatewayExtension gateway = GatewayExtension.with(Beans.class)
		.pipeline("off", "upgrade[0].strict.mode", "off")
		.pipeline("observed", "upgrade[0].require-subprotocol.names", "v2")
		.pipeline("observed", "upgrade[0].require-subprotocol.mode", "observe")
		.pipeline("observed", "upgrade[1].strict.mode", "observe")
		.pipeline("observed", "upgrade[2].slow.mode", "observe")
		.routesByName("off", "observed");

	@AfterEach
	void forget() {
		gateway.bean(Recorder.class).refusals.clear();
	}

	@ParameterizedTest
	@ValueSource(strings = { "off", "observed" })
	void refusalOfTheUpstreamIsPassedOn(String route) {
		try (ClientHandshake client = gateway.client().path("/" + route).start();
				UpstreamHandshake upstream = gateway.upstream().accept()) {
			upstream.refuse(418, Map.of("X-Reason", "teapot"), "short and stout".getBytes(StandardCharsets.UTF_8));
			RawResponse response = client.response();
			assertThat(response.status()).isEqualTo(418);
			assertThat(response.headers().first("X-Reason")).isEqualTo("teapot");
			assertThat(response.bodyAsText()).isEqualTo("short and stout");
		}
	}

	@Test
	void subprotocolIsTheUpstreams() {
		try (ClientHandshake client = gateway.client().path("/observed").subprotocol("v1", "v0").start();
				UpstreamHandshake upstream = gateway.upstream().accept().subprotocol("v1")) {
			assertThat(upstream.headers().first("Sec-WebSocket-Protocol")).isEqualTo("v1, v0");
			RawPeer peer = upstream.acceptWebSocket();
			assertThat(client.response().headers().first("Sec-WebSocket-Protocol")).isEqualTo("v1");
			await().untilAsserted(() -> assertThat(gateway.bean(Recorder.class).refusals)
				.contains("require-subprotocol 400", "strict 429"));
			peer.close();
		}
	}

	@Configuration(proxyBeanMethods = false)
	static class Beans {

		@Bean
		UpgradePolicy strict() {
			return (upgrade) -> Mono.just(UpgradeVerdict.refuse(HttpStatus.TOO_MANY_REQUESTS));
		}

		@Bean
		UpgradePolicy slow() {
			return (upgrade) -> Mono.never();
		}

		@Bean
		Recorder recorder() {
			return new Recorder();
		}

	}

	static final class Recorder implements SessionListener {

		final Queue<String> refusals = new ConcurrentLinkedQueue<>();

		@Override
		public void onRefusalObserved(UpgradeContext upgrade, String policy, @Nullable HttpStatusCode status) {
			this.refusals.add(policy + " " + ((status != null) ? status.value() : null));
		}

	}

}
