package dev.wspolicy.gateway;

import java.time.Duration;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.reactor.netty.NettyReactiveWebServerFactory;
import org.springframework.boot.web.server.WebServerFactoryCustomizer;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

import dev.wspolicy.testkit.ClientHandshake;
import dev.wspolicy.testkit.ClientLeg;
import dev.wspolicy.testkit.RawPeer;
import dev.wspolicy.testkit.RawSession;
import dev.wspolicy.testkit.WireFrame;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for what waits for the end of a request: the timeouts of the server for reading
 * it, and filters that read its body. An upgrade ends with its headers, although an
 * extended CONNECT does not end its stream.
 */
@ParameterizedClass
@EnumSource(ClientLeg.class)
class EndOfRequestTests {

	private static final Duration TIMEOUT = Duration.ofMillis(300);

	private static final String CACHING = "spring.cloud.gateway.server.webflux.routes[2].filters[0]";

	@RegisterExtension
	static final GatewayExtension gateway = GatewayExtension.with(Timeouts.class)
		.http2()
		.set("server.netty.idle-timeout", TIMEOUT)
		.set("server.netty.max-keep-alive-requests", 2)
		.routes("ws")
		.filteredRoute("retried", "Retry=2")
		.routes("cached")
		.set(CACHING + ".name", "CacheRequestBody")
		.set(CACHING + ".args.bodyClass", "java.lang.String");

	@Parameter
	ClientLeg leg;

	@Test
	void sessionOutlivesTheTimeouts() {
		try (RawSession session = gateway.open("ws")) {
			session.client().expectNothingFor(TIMEOUT.multipliedBy(2));
			session.exchangeMessages();
		}
	}

	@Test
	void dialOutlivesTheTimeouts() {
		try (ClientHandshake client = gateway.client().path("/ws").start()) {
			gateway.upstream().accept();
			client.peer().expectNothingFor(TIMEOUT.multipliedBy(2));
		}
	}

	@ParameterizedTest
	@ValueSource(strings = { "retried", "cached" })
	void filterReadsTheBody(String route) {
		WireFrame frame = WireFrame.text("early").mask(1);
		try (ClientHandshake client = gateway.client().path("/" + route).glue(frame).start()) {
			RawPeer server = gateway.upstream().accept().acceptWebSocket();
			assertThat(server.receiveFrame()).isEqualTo(frame);
			new RawSession(client.connected(), server).exchangeMessages();
			server.close();
		}
	}

	@Test
	void upgradeIsRetried() {
		WireFrame frame = WireFrame.text("early").mask(1);
		try (ClientHandshake client = gateway.client().path("/retried").glue(frame).start()) {
			gateway.upstream().accept().refuse(503);
			RawPeer server = gateway.upstream().accept().acceptWebSocket();
			assertThat(server.receiveFrame()).isEqualTo(frame);
			new RawSession(client.connected(), server).exchangeMessages();
			server.close();
		}
	}

	@Configuration(proxyBeanMethods = false)
	static class Timeouts {

		@Bean
		WebServerFactoryCustomizer<NettyReactiveWebServerFactory> timeouts() {
			return (factory) -> factory
				.addServerCustomizers((server) -> server.readTimeout(TIMEOUT).requestTimeout(TIMEOUT));
		}

	}

}
