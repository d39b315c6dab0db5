package dev.wspolicy.gateway;

import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedTransferQueue;

import io.netty.handler.codec.http2.Http2Error;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpMethod;
import org.springframework.http.HttpStatus;
import org.springframework.http.HttpStatusCode;
import reactor.core.publisher.Mono;

import dev.wspolicy.policy.UpgradePolicy;
import dev.wspolicy.policy.UpgradeVerdict;
import dev.wspolicy.policy.WsPolicy;
import dev.wspolicy.session.SessionListener;
import dev.wspolicy.session.UpgradeContext;
import dev.wspolicy.testkit.ClientHandshake;
import dev.wspolicy.testkit.ClientLeg;
import dev.wspolicy.testkit.Http2Connection;
import dev.wspolicy.testkit.RawClient;
import dev.wspolicy.testkit.RawHeaders;
import dev.wspolicy.testkit.RawPeer;
import dev.wspolicy.testkit.RawResponse;
import dev.wspolicy.testkit.RawSession;
import dev.wspolicy.testkit.UpstreamHandshake;
import dev.wspolicy.testkit.WireFrame;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Tests for what is particular to upgrades over HTTP/2.
 */
class Http2UpgradeTests {

	@RegisterExtension
	static final GatewayExtension gateway = GatewayExtension.with(Beans.class)
		.http2()
		.set("server.max-http-request-header-size", "20KB")
		.set("ws-policy.query-token.enabled", true)
		.set("ws-policy.pipelines.default.session.handshake-timeout", "1m")
		.set("spring.cloud.gateway.server.webflux.routes[0].predicates[1]", "Method=GET")
		.routes("ws", "refusing")
		.routeTo("http", "http://localhost:1");

	@Test
	void settingsOfTheServerAreKept() {
		try (Http2Connection connection = Http2Connection.to(gateway.port())) {
			assertThat(connection.supportsExtendedConnect()).isTrue();
			assertThat(connection.settings().maxHeaderListSize()).isEqualTo(20 * 1024);
			assertThat(connection.settings().maxConcurrentStreams()).isEqualTo(100);
		}
	}

	@Test
	void policiesAreShownTheGetThatTheRequestStandsFor() {
		try (RawSession session = gateway.open(client("/ws/room?a=b").header("Cookie", "c=d"))) {
			UpgradeContext upgrade = gateway.onlySession().upgrade();
			assertThat(upgrade.protocol()).isEqualTo("HTTP/2");
			assertThat(upgrade.method()).isEqualTo(HttpMethod.GET);
			assertThat(upgrade.uri()).hasToString("http://localhost:" + gateway.port() + "/ws/room?a=b");
			assertThat(upgrade.cookies().getFirst("c").getValue()).isEqualTo("d");
			assertThat(upgrade.headers().getUpgrade()).isEqualTo("websocket");
			assertThat(upgrade.headers().headerNames()).noneMatch((name) -> name.startsWith("x-http2"));
			assertThat(upgrade.attributes()).isNotNull();
			session.exchangeMessages();
		}
	}

	@Test
	void http11StaysAsItIs() {
		try (RawSession session = gateway.open(gateway.client().path("/ws"))) {
			assertThat(gateway.onlySession().upgrade().protocol()).isEqualTo("HTTP/1.1");
			session.exchangeMessages();
		}
	}

	@Test
	void upstreamIsAskedInHttp11AndSeesNothingOfHttp2() {
		ClientHandshake client = client("/ws/room?a=b&access_token=secret").subprotocol("one", "two").start();
		UpstreamHandshake request = gateway.upstream().accept();
		assertThat(request.requestLine()).isEqualTo("GET /ws/room?a=b HTTP/1.1");
		RawHeaders headers = request.headers();
		assertThat(headers.first("Sec-WebSocket-Protocol")).isEqualTo("one, two");
		assertThat(headers.first("Authorization")).isEqualTo("Bearer secret");
		assertThat(headers.all("Sec-WebSocket-Key")).hasSize(1);
		assertThat(headers.toString().toLowerCase(Locale.ROOT)).doesNotContain("x-http2-")
			.doesNotContain("transfer-encoding");
		RawPeer upstream = request.subprotocol("two").header("Set-Cookie", "e=f").acceptWebSocket();
		RawPeer peer = client.connected();
		RawHeaders response = peer.handshakeResponse().headers();
		assertThat(response.first("sec-websocket-protocol")).isEqualTo("two");
		assertThat(response.first("set-cookie")).isEqualTo("e=f");
		peer.close();
		upstream.close();
	}

	@Test
	void refusalKeepsStatusHeadersAndBodyAndLeavesNoStream() {
		try (Http2Connection connection = client("/").connectHttp2()) {
			ClientHandshake client = client("/ws").over(connection).start();
			gateway.upstream().accept().header("X-Why", "because").refuse(418, "x".repeat(100_000));
			RawResponse response = client.response();
			assertThat(response.status()).isEqualTo(418);
			assertThat(response.headers().first("x-why")).isEqualTo("because");
			assertThat(response.bodyAsText()).isEqualTo("x".repeat(100_000));
			// The client has not ended its stream, and need not
			await().until(() -> connection.openStreams() == 0);
			assertThat(connection.resets()).containsExactly(Http2Error.NO_ERROR);
			exchangeMessagesOver(connection);
		}
	}

	@Test
	void refusalOfAPolicy() {
		RawResponse response = client("/refusing").exchange();
		assertThat(response.status()).isEqualTo(429);
		assertThat(response.headers().first("retry-after")).isEqualTo("7");
		assertThat(gateway.bean(Beans.class).refused).contains("HTTP/2 429");
	}

	@Test
	void requestThatEndsItsStreamIsRefused() {
		int connections = gateway.upstream().acceptedConnections();
		try (Http2Connection connection = client("/").connectHttp2()) {
			RawResponse response = client("/ws").over(connection).ended().exchange();
			assertThat(response.status()).isEqualTo(400);
			assertThat(response.bodyAsText()).contains("The request has ended its stream");
			assertThat(gateway.bean(Beans.class).refused).contains("HTTP/2 400");
			await().until(() -> connection.openStreams() == 0);
			exchangeMessagesOver(connection);
		}
		assertThat(gateway.upstream().acceptedConnections()).isEqualTo(connections + 1);
	}

	/** What is sent in the stream counts as content, which must not exceed its length. */
	@ParameterizedTest
	@ValueSource(strings = { "0", "5", "1000000" })
	void requestWithALengthIsRefused(String length) {
		int connections = gateway.upstream().acceptedConnections();
		try (Http2Connection connection = client("/").connectHttp2()) {
			RawResponse response = client("/ws").over(connection).header("Content-Length", length).exchange();
			assertThat(response.status()).isEqualTo(400);
			assertThat(response.bodyAsText()).contains("An upgrade request must not have a Content-Length in HTTP/2");
			await().until(() -> connection.openStreams() == 0);
			exchangeMessagesOver(connection);
		}
		assertThat(gateway.upstream().acceptedConnections()).isEqualTo(connections + 1);
	}

	@Test
	void clientThatGivesUpBeforeThe200LeavesNothing() {
		try (Http2Connection connection = client("/").connectHttp2()) {
			ClientHandshake client = client("/ws").over(connection).glue(WireFrame.text("early").masked()).start();
			UpstreamHandshake request = gateway.upstream().accept();
			client.peer().reset();
			request.peer().expectClosed();
			exchangeMessagesOver(connection);
		}
	}

	@ParameterizedTest
	@ValueSource(booleans = { false, true })
	void clientThatEndsItsStreamBeforeThe200HasGivenUp(boolean trailers) {
		try (Http2Connection connection = client("/").connectHttp2()) {
			ClientHandshake client = client("/ws").over(connection).start();
			UpstreamHandshake request = gateway.upstream().accept();
			end(client.peer(), trailers);
			request.peer().expectClosed();
			await().until(() -> connection.openStreams() == 0);
			exchangeMessagesOver(connection);
		}
	}

	@Test
	void upstreamThatRespondsWithSuccessIsLeftBeforeItsBodyEnds() {
		try (ClientHandshake client = client("/ws").start()) {
			RawPeer upstream = gateway.upstream().accept().peer();
			upstream.send("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nbegin".getBytes(StandardCharsets.US_ASCII));
			assertThat(client.response().status()).isEqualTo(502);
			upstream.expectClosed();
		}
	}

	/**
	 * As clients do once they know that there is no session: the body may be on its way.
	 */
	@ParameterizedTest
	@ValueSource(booleans = { false, true })
	void bodyOfARefusalReachesAClientThatHasEndedItsStreamMeanwhile(boolean trailers) {
		try (Http2Connection connection = client("/").connectHttp2()) {
			ClientHandshake client = client("/ws").over(connection).start();
			RawPeer upstream = gateway.upstream().accept().peer();
			upstream.send("HTTP/1.1 403 No\r\nContent-Length: 9\r\n\r\nbegin".getBytes(StandardCharsets.US_ASCII));
			receiveUpTo("begin", client.peer());
			end(client.peer(), trailers);
			exchangeMessagesOver(connection);
			upstream.send("-end".getBytes(StandardCharsets.US_ASCII));
			receiveUpTo("-end", client.peer());
			client.peer().expectEof();
			await().until(() -> connection.openStreams() == 0);
			assertThat(connection.resets()).doesNotContain(Http2Error.CANCEL);
		}
	}

	private static void exchangeMessagesOver(Http2Connection connection) {
		try (RawSession session = gateway.open(client("/ws").over(connection))) {
			session.exchangeMessages();
		}
	}

	private static void end(RawPeer peer, boolean trailers) {
		if (trailers) {
			peer.sendTrailers();
		}
		else {
			peer.shutdownOutput();
		}
	}

	private static void receiveUpTo(String end, RawPeer peer) {
		StringBuilder received = new StringBuilder();
		while (!received.toString().endsWith(end)) {
			received.append(new String(peer.receiveBytes(1), StandardCharsets.US_ASCII));
		}
	}

	private static RawClient client(String path) {
		return gateway.client().over(ClientLeg.HTTP_2).path(path);
	}

	@Configuration(proxyBeanMethods = false)
	static class Beans {

		private final BlockingQueue<String> refused = new LinkedTransferQueue<>();

		@Bean
		@WsPolicy(routes = "refusing")
		UpgradePolicy refusing() {
			HttpHeaders headers = new HttpHeaders();
			headers.set("Retry-After", "7");
			return (upgrade) -> Mono.just(UpgradeVerdict.refuse(HttpStatus.TOO_MANY_REQUESTS, headers));
		}

		@Bean
		SessionListener listener() {
			return new SessionListener() {

				@Override
				public void onUpgradeRefused(UpgradeContext upgrade, HttpStatusCode status) {
					Beans.this.refused.add(upgrade.protocol() + " " + status.value());
				}

			};
		}

	}

}
