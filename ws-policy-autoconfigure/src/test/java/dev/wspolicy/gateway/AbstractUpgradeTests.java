package dev.wspolicy.gateway;

import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedTransferQueue;

import org.assertj.core.api.AbstractStringAssert;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.cloud.gateway.config.HttpClientCustomizer;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.http.HttpStatusCode;
import tools.jackson.databind.json.JsonMapper;

import dev.wspolicy.session.SessionListener;
import dev.wspolicy.session.UpgradeContext;
import dev.wspolicy.testkit.ClientHandshake;
import dev.wspolicy.testkit.RawClient;
import dev.wspolicy.testkit.RawPeer;
import dev.wspolicy.testkit.RawResponse;
import dev.wspolicy.testkit.RawSession;
import dev.wspolicy.testkit.RawUpstream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

/**
 * A gateway for the tests of the table of upgrades in docs/semantics.md, which they
 * share.
 */
@ExtendWith(OutputCaptureExtension.class)
abstract class AbstractUpgradeTests {

	static final RawUpstream upstream = RawUpstream.start();

	@RegisterExtension
	static final GatewayExtension gateway = GatewayExtension.with(Beans.class)
		.http2()
		.inFrontOf(upstream)
		// Much more than a test needs for an answer, however busy the machine is
		.pipeline("session.handshake-timeout", "1m")
		.pipeline("hasty", "session.handshake-timeout", "300ms")
		.pipeline("closed", "enabled", "false")
		.set("spring.cloud.gateway.server.webflux.trusted-proxies", "127\\..*")
		.set("server.compression.enabled", "true")
		.filteredRoute("invalid-value", "AddRequestHeader=X-Invalid, {value}")
		.set("spring.cloud.gateway.server.webflux.routes[0].predicates[1]", "Path=/invalid-value/{value}")
		.filteredRoute("invalid-protocol", "SetRequestHeader=Sec-WebSocket-Protocol, {value}")
		.set("spring.cloud.gateway.server.webflux.routes[1].predicates[1]", "Path=/invalid-protocol/{value}")
		.filteredRoute("invalid-name", "AddRequestHeader=X Invalid, x")
		.routes("ws")
		.routesByName("hasty", "closed")
		.routeTo("http", "http://localhost:" + upstream.port())
		.routeTo("nowhere", "ws://localhost:" + RawUpstream.closedPort())
		.routeTo("unresolvable", "ws://does-not-exist.invalid:1")
		.routeTo("tls", "wss://localhost:" + upstream.port())
		.filteredRoute("no-protocol", "RemoveRequestHeader=Sec-WebSocket-Protocol")
		.filteredRoute("inner-protocol", "SetRequestHeader=Sec-WebSocket-Protocol, inner")
		.filteredRoute("told-protocol", "SetRequestHeader=Sec-WebSocket-Protocol, inner",
				"SetResponseHeader=Sec-WebSocket-Protocol, chat")
		.filteredRoute("filtered", "StripPrefix=1", "RewritePath=/old/(?<rest>.*), /new/$\\{rest}",
				"AddRequestHeader=X-Added, by-route", "RemoveRequestHeader=X-Removed", "PreserveHostHeader",
				"AddResponseHeader=X-Answer, added", "RemoveResponseHeader=X-Secret",
				"SetResponseHeader=X-Set, by-route")
		.shared();

	@AfterEach
	void allResourcesAreReleased() {
		gateway.awaitNoSessions();
		refusals().clear();
	}

	static RawClient client(String route) {
		return gateway.client().path("/" + route);
	}

	static void exchangeOneMessage(RawClient client) {
		try (ClientHandshake handshake = client.start(); RawPeer server = upstream.accept().acceptWebSocket()) {
			exchangeOneMessage(handshake.connected(), server);
		}
	}

	static void exchangeOneMessage(RawPeer client, RawPeer server) {
		new RawSession(client, server).exchangeMessages();
	}

	static AbstractStringAssert<?> assertThatJson(RawResponse response) {
		assertThatCode(() -> JsonMapper.shared().readTree(response.body())).doesNotThrowAnyException();
		return assertThat(response.bodyAsText());
	}

	static BlockingQueue<Integer> refusals() {
		return gateway.bean(Beans.class).refusals;
	}

	@Configuration(proxyBeanMethods = false)
	static class Beans {

		private final BlockingQueue<Integer> refusals = new LinkedTransferQueue<>();

		/** A name server that does not answer in time does not know the name either. */
		@Bean
		HttpClientCustomizer impatientResolver() {
			return (client) -> client
				.resolver((names) -> names.queryTimeout(Duration.ofMillis(500)).maxQueriesPerResolve(2));
		}

		@Bean
		SessionListener listener() {
			return new SessionListener() {

				@Override
				public void onUpgradeRefused(UpgradeContext upgrade, HttpStatusCode status) {
					Beans.this.refusals.add(status.value());
				}

			};
		}

	}

}
