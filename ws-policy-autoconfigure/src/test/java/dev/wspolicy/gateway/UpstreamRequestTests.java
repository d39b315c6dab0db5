package dev.wspolicy.gateway;

import java.util.List;
import java.util.Map;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

import dev.wspolicy.testkit.ClientHandshake;
import dev.wspolicy.testkit.ClientLeg;
import dev.wspolicy.testkit.RawPeer;
import dev.wspolicy.testkit.RawResponse;
import dev.wspolicy.testkit.UpstreamHandshake;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for the upgrade request that the upstream receives.
 */
@ParameterizedClass
@EnumSource(ClientLeg.class)
class UpstreamRequestTests extends AbstractUpgradeTests {

	@Test
	void requestReachesTheUpstream() {
		try (ClientHandshake client = gateway.client()
			.path("/ws/a%20b?x=1&y=%C3%A4")
			.header("Origin", "https://app.example.com")
			.header("Cookie", "session=1")
			.header("Authorization", "Bearer token")
			.header("X-Custom", "one")
			.header("X-Custom", "two")
			.header("Sec-WebSocket-Extensions", "permessage-deflate")
			.header("Keep-Alive", "1")
			.header("TE", "trailers")
			.start()) {
			UpstreamHandshake handshake = upstream.accept();
			assertThat(handshake.requestLine()).isEqualTo("GET /ws/a%20b?x=1&y=%C3%A4 HTTP/1.1");
			assertThat(handshake.headers().all("Host")).containsExactly("localhost:" + upstream.port());
			assertThat(handshake.headers().all("Origin")).containsExactly("https://app.example.com");
			assertThat(handshake.headers().all("Cookie")).containsExactly("session=1");
			assertThat(handshake.headers().all("Authorization")).containsExactly("Bearer token");
			assertThat(handshake.headers().all("X-Custom")).containsExactly("one", "two");
			assertThat(handshake.headers().all("Upgrade")).containsExactly("websocket");
			assertThat(handshake.headers().all("Connection")).hasSize(1)
				.first()
				.asString()
				.isEqualToIgnoringCase("upgrade");
			assertThat(handshake.headers().all("Sec-WebSocket-Version")).containsExactly("13");
			assertThat(handshake.headers().all("Sec-WebSocket-Key")).hasSize(1);
			assertThat(handshake.headers().all("User-Agent")).hasSizeLessThan(2);
			for (String name : List.of("Sec-WebSocket-Extensions", "Sec-WebSocket-Protocol", "Keep-Alive", "TE",
					"Content-Length", "Transfer-Encoding")) {
				assertThat(handshake.headers().all(name)).as(name).isEmpty();
			}
			assertThat(handshake.headers().all("X-Forwarded-For")).hasSize(1);
			assertThat(handshake.headers().all("X-Forwarded-Host")).containsExactly("localhost:" + gateway.port());
			assertThat(handshake.headers().all("X-Forwarded-Port")).containsExactly("" + gateway.port());
			handshake.refuse(403);
			assertThat(client.response().status()).isEqualTo(403);
		}
	}

	@ParameterizedTest
	@ValueSource(strings = { "?topics[]=a%20b", "/%C3%A4?x=%7By%7D", "?q=a+b%2Bc&empty=" })
	void targetIsEncodedAsForAGetRequest(String rest) {
		String target;
		try (ClientHandshake client = gateway.client().path("/http" + rest).withoutUpgrade().start()) {
			UpstreamHandshake handshake = upstream.accept();
			target = handshake.target();
			handshake.refuse(403, Map.of("Connection", "close"), new byte[0]);
			assertThat(client.response().status()).isEqualTo(403);
		}
		for (String route : List.of("/http", "/ws")) {
			try (ClientHandshake client = gateway.client().path(route + rest).start()) {
				UpstreamHandshake handshake = upstream.accept();
				assertThat(handshake.target()).isEqualTo(target.replace("/http", route));
				handshake.refuse(403);
				assertThat(client.response().status()).isEqualTo(403);
			}
		}
	}

	@Test
	void filtersOfTheRouteApply() {
		try (ClientHandshake client = gateway.client()
			.path("/filtered/old/x?q=1")
			.replace("Host", "public.example.com")
			.header("X-Removed", "secret")
			.start()) {
			UpstreamHandshake handshake = upstream.accept();
			assertThat(handshake.target()).isEqualTo("/new/x?q=1");
			assertThat(handshake.headers().all("Host")).containsExactly("public.example.com");
			assertThat(handshake.headers().all("X-Added")).containsExactly("by-route");
			assertThat(handshake.headers().all("X-Removed")).isEmpty();
			RawPeer server = handshake.header("X-Secret", "s").header("X-Set", "by-upstream").acceptWebSocket();
			RawPeer peer = client.connected();
			RawResponse response = peer.handshakeResponse();
			assertThat(response.headers().all("X-Answer")).containsExactly("added");
			assertThat(response.headers().all("X-Secret")).isEmpty();
			assertThat(response.headers().all("X-Set")).containsExactly("by-route");
			exchangeOneMessage(peer, server);
			server.close();
		}
	}

	@Test
	void filtersOfTheRouteApplyToRefusals() {
		try (ClientHandshake client = gateway.client().path("/filtered/old/x").start()) {
			upstream.accept().header("X-Secret", "s").refuse(401, "who are you?");
			RawResponse response = client.response();
			assertThat(response.status()).isEqualTo(401);
			assertThat(response.headers().all("X-Answer")).containsExactly("added");
			assertThat(response.headers().all("X-Secret")).isEmpty();
			assertThat(response.bodyAsText()).isEqualTo("who are you?");
		}
		RawResponse response = gateway.client()
			.path("/filtered/old/x")
			.replace("Sec-WebSocket-Version", "8")
			.exchange();
		assertThat(response.status()).isEqualTo(426);
		assertThat(response.headers().all("X-Answer")).containsExactly("added");
	}

	@Test
	void expectHeaderIsRemoved() {
		try (ClientHandshake client = client("ws").header("Expect", "100-continue").start()) {
			UpstreamHandshake handshake = upstream.accept();
			assertThat(handshake.headers().contains("Expect")).isFalse();
			RawPeer server = handshake.acceptWebSocket();
			// By the server, which reads such requests itself where HTTP/2 is enabled
			assertThat(client.response().status()).isEqualTo(100);
			exchangeOneMessage(client.connected(), server);
			server.close();
		}
	}

}
