package dev.wspolicy.gateway;

import java.nio.charset.StandardCharsets;
import java.time.Duration;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.springframework.boot.reactor.netty.NettyReactiveWebServerFactory;
import org.springframework.boot.web.server.WebServerFactoryCustomizer;
import org.springframework.cloud.gateway.config.HttpClientCustomizer;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

import dev.wspolicy.testkit.ClientHandshake;
import dev.wspolicy.testkit.RawPeer;
import dev.wspolicy.testkit.RawResponse;
import dev.wspolicy.testkit.RawSession;
import dev.wspolicy.testkit.WireFrame;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for a server and a client with all handlers that Reactor Netty may add to their
 * pipelines, on connections that are limited to two requests.
 */
class ServerHandlersTests {

	@RegisterExtension
	static final GatewayExtension gateway = GatewayExtension.with(Handlers.class)
		.set("server.netty.max-keep-alive-requests", 2)
		.set("server.netty.idle-timeout", "300ms")
		.set("server.compression.enabled", true)
		.set("spring.cloud.gateway.server.webflux.httpclient.wiretap", true)
		.set("spring.cloud.gateway.server.webflux.httpclient.compression", true)
		.set("spring.cloud.gateway.server.webflux.httpclient.response-timeout", "5s")
		.set("server.netty.idle-timeout", "5s")
		.set("spring.cloud.gateway.server.webflux.httpserver.wiretap", true)
		.routes("ws");

	@Test
	void sessionOnANewConnection() {
		try (ClientHandshake client = gateway.client().path("/ws").glue(WireFrame.text("early").mask(1)).start()) {
			RawPeer server = gateway.upstream().accept().acceptWebSocket();
			assertThat(server.receiveFrame().payloadAsText()).isEqualTo("early");
			RawPeer peer = client.connected();
			assertThat(peer.handshakeResponse().headers().all("Connection")).containsExactly("Upgrade");
			new RawSession(peer, server).exchangeMessages();
			server.close();
		}
	}

	@Test
	void sessionOnTheLastRequestOfAConnection() {
		String upgrade = """
				GET /ws HTTP/1.1
				Host: localhost
				Upgrade: websocket
				Connection: Upgrade
				Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==
				Sec-WebSocket-Version: 13

				""";
		try (ClientHandshake client = gateway.client().path("/ws").start()) {
			gateway.upstream().accept().refuse(401, "who are you?");
			assertThat(client.response().bodyAsText()).isEqualTo("who are you?");
			client.peer().send(upgrade.replace("\n", "\r\n").getBytes(StandardCharsets.US_ASCII));
			RawPeer server = gateway.upstream().accept().acceptWebSocket();
			RawResponse response = client.response();
			assertThat(response.status()).isEqualTo(101);
			assertThat(response.headers().all("Connection")).containsExactly("Upgrade");
			new RawSession(client.peer(), server).exchangeMessages();
			server.close();
		}
	}

	@Test
	void httpTimeoutsDoNotEndSessions() {
		try (RawSession session = gateway.open("ws")) {
			// Longer than the idle timeout of the server and the response timeout of the
			// client
			session.client().expectNothingFor(Duration.ofMillis(5500));
			session.exchangeMessages();
		}
	}

	@Configuration(proxyBeanMethods = false)
	static class Handlers {

		@Bean
		WebServerFactoryCustomizer<NettyReactiveWebServerFactory> server() {
			return (factory) -> factory
				.addServerCustomizers((server) -> server.accessLog(true).metrics(true, (uri) -> "any"));
		}

		@Bean
		HttpClientCustomizer client() {
			return (client) -> client.metrics(true, (uri) -> "any");
		}

	}

}
