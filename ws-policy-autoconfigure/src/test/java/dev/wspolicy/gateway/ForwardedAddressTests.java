package dev.wspolicy.gateway;

import java.util.List;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.test.web.reactive.server.WebTestClient;

import dev.wspolicy.testkit.RawClient;
import dev.wspolicy.testkit.RawSession;
import dev.wspolicy.testkit.RawUpstream;
import dev.wspolicy.testkit.WireFrame;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests that the client address is the same regardless of which component evaluates the
 * forwarded headers.
 */
class ForwardedAddressTests {

	@ParameterizedTest
	@ValueSource(strings = { "framework", "native" })
	void limitsUseTheForwardedAddress(String strategy) {
		try (RawUpstream upstream = RawUpstream.start(); TestGateway gateway = start(strategy, upstream)) {
			try (RawSession ada = open(gateway, upstream, "limited", "2001:db8:1:2::1");
					RawSession bob = open(gateway, upstream, "limited", "203.0.113.7")) {
				assertThat(status(gateway, "2001:db8:1:2:ffff::9")).as("the same /64").isEqualTo(429);
				assertThat(status(gateway, "::ffff:203.0.113.7")).as("the same, mapped").isEqualTo(429);
				ada.client().send(WireFrame.text("{}").masked());
				assertThat(ada.upstream().receiveFrame().payloadAsText())
					.isEqualTo("{\"from\":\"2001:db8:1:2:0:0:0:1\"}");
				bob.client().send(WireFrame.text("{}").masked());
				assertThat(bob.upstream().receiveFrame().payloadAsText()).isEqualTo("{\"from\":\"203.0.113.7\"}");
				try (RawSession neighbour = open(gateway, upstream, "shared", "2001:db8:1:2::7");
						RawSession other = open(gateway, upstream, "shared", "2001:db8:1:2::8")) {
					neighbour.client().send(WireFrame.text("{}").masked());
					assertThat(neighbour.upstream().receiveFrame().payloadAsText()).isEqualTo("{}");
					other.client().send(WireFrame.text("{}").masked());
					assertThat(other.client().receiveFrame().closeCode()).as("shared rate limit").isEqualTo(1008);
				}
			}
			gateway.awaitNoSessions();
		}
	}

	@ParameterizedTest
	@ValueSource(strings = { "framework", "native" })
	void endpointShowsAndFindsTheForwardedAddress(String strategy) {
		try (RawUpstream upstream = RawUpstream.start(); TestGateway gateway = start(strategy, upstream)) {
			try (RawSession session = open(gateway, upstream, "limited", "2001:db8::1")) {
				session.roundTrip();
				WebTestClient http = gateway.http("/actuator");
				for (String written : List.of("2001:db8::1", "2001:DB8:0::0001", "2001:db8:0:0:0:0:0:1",
						"[2001:db8::1]")) {
					http.get()
						.uri((uri) -> uri.path("/websockets").queryParam("address", "{address}").build(written))
						.exchange()
						.expectBody()
						.jsonPath("$.sessions.length()")
						.isEqualTo(1)
						.jsonPath("$.sessions[0].remoteAddress")
						.value(String.class, (address) -> assertThat(address).matches("\\[2001:db8:0:0:0:0:0:1]:\\d+"));
				}
			}
			gateway.awaitNoSessions();
			gateway.http("/actuator")
				.get()
				.uri((uri) -> uri.path("/websockets")
					.queryParam("recent", 1)
					.queryParam("address", "{address}")
					.build("2001:DB8:0::0001"))
				.exchange()
				.expectBody()
				.jsonPath("$.ended.length()")
				.isEqualTo(1);
		}
	}

	private static TestGateway start(String strategy, RawUpstream upstream) {
		return TestGateway.with()
			.complete()
			.set("server.forward-headers-strategy", strategy)
			.set("management.endpoints.web.exposure.include", "websockets")
			.set("ws-policy.pipelines.limited.upgrade[0].session-limit.max", 1)
			.set("ws-policy.pipelines.limited.upgrade[0].session-limit.scope", "address")
			.set("ws-policy.pipelines.limited.inbound[0].json-set.values[0].pointer", "/from")
			.set("ws-policy.pipelines.limited.inbound[0].json-set.values[0].value", "{address}")
			.set("ws-policy.pipelines.shared.inbound[0].rate-limit.frames", 1)
			.set("ws-policy.pipelines.shared.inbound[0].rate-limit.per", "1h")
			.set("ws-policy.pipelines.shared.inbound[0].rate-limit.scope", "address")
			.route("limited", upstream.uri(), "WsPolicy=limited")
			.route("shared", upstream.uri(), "WsPolicy=shared")
			.start();
	}

	private static RawSession open(TestGateway gateway, RawUpstream upstream, String route, String client) {
		return RawSession.open(from(gateway, route, client), upstream);
	}

	private static int status(TestGateway gateway, String client) {
		return from(gateway, "limited", client).exchange().status();
	}

	private static RawClient from(TestGateway gateway, String route, String client) {
		return gateway.client().path("/" + route).header("X-Forwarded-For", client);
	}

}
