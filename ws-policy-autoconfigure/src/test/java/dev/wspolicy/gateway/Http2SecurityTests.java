package dev.wspolicy.gateway;

import java.util.Map;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.http.HttpMethod;
import org.springframework.security.config.annotation.web.reactive.EnableWebFluxSecurity;
import org.springframework.security.config.web.server.ServerHttpSecurity;
import org.springframework.security.web.server.SecurityWebFilterChain;
import org.springframework.web.reactive.HandlerMapping;
import org.springframework.web.reactive.handler.SimpleUrlHandlerMapping;
import org.springframework.web.reactive.socket.WebSocketHandler;

import dev.wspolicy.testkit.ClientLeg;
import dev.wspolicy.testkit.RawClient;
import dev.wspolicy.testkit.RawPeer;
import dev.wspolicy.testkit.RawResponse;
import dev.wspolicy.testkit.RawSession;
import dev.wspolicy.testkit.WireFrame;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for WebSockets over HTTP/2 behind Spring Security, and for those that the
 * application serves itself.
 */
class Http2SecurityTests {

	@RegisterExtension
	static final GatewayExtension gateway = GatewayExtension.with(Application.class).http2().routes("open", "secret");

	@ParameterizedTest
	@EnumSource
	void upgradeIsJudgedByTheRulesForGet(ClientLeg leg) {
		try (RawSession session = gateway.open(client(leg, "/open"))) {
			session.roundTrip();
		}
		assertThat(client(leg, "/secret").exchange().status()).isEqualTo(401);
		assertThat(gateway.upstream().acceptedConnections()).isPositive();
	}

	@Test
	void everyOtherConnectIsRejected() {
		RawResponse response = client(ClientLeg.HTTP_2, "/open").withoutUpgrade().method("CONNECT").exchange();
		assertThat(response.status()).isEqualTo(400);
	}

	@ParameterizedTest
	@EnumSource
	void applicationServesItsOwnEndpoint(ClientLeg leg) {
		try (RawPeer peer = client(leg, "/own").connect()) {
			assertThat(peer.receiveFrame().payloadAsText()).isEqualTo("welcome");
			peer.send(WireFrame.text("hello").masked());
			assertThat(peer.receiveFrame().payloadAsText()).isEqualTo("hello");
			peer.send(WireFrame.close(1000).masked());
			assertThat(peer.receiveFrame().closeCode()).isEqualTo(1000);
		}
	}

	private static RawClient client(ClientLeg leg, String path) {
		return gateway.client().over(leg).path(path);
	}

	@EnableWebFluxSecurity
	@Configuration(proxyBeanMethods = false)
	static class Application {

		@Bean
		SecurityWebFilterChain security(ServerHttpSecurity http) {
			return http
				.authorizeExchange((exchanges) -> exchanges.pathMatchers(HttpMethod.GET, "/open", "/own")
					.permitAll()
					.anyExchange()
					.denyAll())
				.build();
		}

		@Bean
		HandlerMapping ownEndpoint() {
			WebSocketHandler handler = (session) -> session.send(session.receive()
				.map((message) -> session.textMessage(message.getPayloadAsText()))
				.startWith(session.textMessage("welcome")));
			return new SimpleUrlHandlerMapping(Map.of("/own", handler), -1);
		}

	}

}
