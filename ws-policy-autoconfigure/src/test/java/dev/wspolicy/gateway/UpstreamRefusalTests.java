package dev.wspolicy.gateway;

import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.test.system.CapturedOutput;

import dev.wspolicy.testkit.ClientHandshake;
import dev.wspolicy.testkit.ClientLeg;
import dev.wspolicy.testkit.RawPeer;
import dev.wspolicy.testkit.RawResponse;
import dev.wspolicy.testkit.UpstreamHandshake;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for upstreams that refuse an upgrade.
 */
@ParameterizedClass
@EnumSource(ClientLeg.class)
class UpstreamRefusalTests extends AbstractUpgradeTests {

	@Parameter
	ClientLeg leg;

	static Stream<Arguments> upstreamRefusals() {
		return Stream.of(Arguments.of(401, Map.of("WWW-Authenticate", "Basic realm=\"x\"")),
				Arguments.of(403, Map.of("X-Reason", "no")), Arguments.of(404, Map.of()),
				Arguments.of(302, Map.of("Location", "http://elsewhere/login")),
				Arguments.of(500, Map.of("Content-Type", "text/html")), Arguments.of(503, Map.of("Retry-After", "7")),
				Arguments.of(426, Map.of("Upgrade", "websocket")));
	}

	@ParameterizedTest
	@MethodSource("upstreamRefusals")
	void refusalIsRelayedWithHeadersAndBody(int status, Map<String, String> headers) {
		for (int length : new int[] { 0, 20_000, 2_000_000 }) {
			byte[] body = new byte[length];
			new Random(length).nextBytes(body);
			try (ClientHandshake client = client("ws").start()) {
				upstream.accept().header("Set-Cookie", "a=1").header("Set-Cookie", "b=2").refuse(status, headers, body);
				RawResponse response = client.response();
				assertThat(response.status()).isEqualTo(status);
				headers.forEach((name, value) -> {
					if (!name.equals("Upgrade")) {
						assertThat(response.headers().all(name)).containsExactly(value);
					}
				});
				assertThat(response.headers().all("Set-Cookie")).containsExactly("a=1", "b=2");
				assertThat(response.headers().all("Content-Length")).containsExactly(String.valueOf(length));
				assertThat(response.body()).isEqualTo(body);
			}
			assertThat(refusals().poll()).isEqualTo(status);
			assertThat(refusals().poll()).isNull();
		}
	}

	/** To a client of HTTP/2, it would be a session. */
	@Test
	void successThatIsNoUpgrade() {
		try (ClientHandshake client = client("ws").start()) {
			upstream.accept().refuse(200, "a page");
			RawResponse response = client.response();
			int expected = this.leg.isSession(200) ? 502 : 200;
			assertThat(response.status()).isEqualTo(expected);
			assertThat(response.bodyAsText().equals("a page")).isEqualTo(expected == 200);
			assertThat(refusals().poll()).isEqualTo(expected);
		}
	}

	@Test
	void refusalInChunks() {
		byte[] body = "a line\n".repeat(10_000).getBytes(StandardCharsets.UTF_8);
		try (ClientHandshake client = client("ws").start()) {
			upstream.accept().refuse(403, Map.of("Transfer-Encoding", "chunked"), UpstreamHandshake.chunked(777, body));
			RawResponse response = client.response();
			assertThat(response.status()).isEqualTo(403);
			assertThat(response.body()).isEqualTo(body);
		}
	}

	@Test
	void refusalDelimitedByTheEndOfTheConnection() {
		try (ClientHandshake client = client("ws").start()) {
			UpstreamHandshake handshake = upstream.accept();
			handshake.answer("HTTP/1.1 403 No\r\nConnection: close\r\n\r\nno means no".getBytes(StandardCharsets.UTF_8))
				.join();
			handshake.closeWithoutAnswer();
			assertThat(client.response().bodyAsText()).isEqualTo("no means no");
		}
	}

	@Test
	void compressedRefusalStaysCompressed() {
		try (ClientHandshake client = client("ws").header("Accept-Encoding", "gzip").start()) {
			UpstreamHandshake handshake = upstream.accept();
			assertThat(handshake.headers().first("Accept-Encoding")).isEqualTo("gzip");
			handshake.refuse(404, Map.of("Content-Encoding", "gzip"), new byte[] { 1, 2, 3 });
			RawResponse response = client.response();
			assertThat(response.headers().first("Content-Encoding")).isEqualTo("gzip");
			assertThat(response.body()).containsExactly(1, 2, 3);
		}
	}

	@ParameterizedTest
	@ValueSource(strings = { "Content-Length: 10", "Transfer-Encoding: chunked", "X-Length: unknown" })
	void refusalWithAnEndlessBody(String length, CapturedOutput output) {
		String answer;
		do {
			// The upstream has been too late to refuse
			refusals().clear();
			answer = answerToAnEndlessRefusal(length);
		}
		while (answer.startsWith("HTTP/1.1 504"));
		assertThat(answer).startsWith("HTTP/1.1 401 ").doesNotContain("\r\n0\r\n");
		assertThat(output)
			.containsOnlyOnce(
					"has refused an upgrade with 401 and has stopped sending its response, closing the connection")
			.doesNotContain("\tat ", "ERROR");
		assertThat(refusals().poll()).isEqualTo(401);
	}

	private static String answerToAnEndlessRefusal(String length) {
		try (ClientHandshake client = client("hasty").start(); RawPeer server = upstream.acceptConnection()) {
			server
				.sendAsync(("HTTP/1.1 401 No\r\n" + length + "\r\n\r\n3\r\nabc\r\n").getBytes(StandardCharsets.UTF_8));
			server.drainToEnd();
			byte[] start = client.peer().receiveBytes("HTTP/1.1 401".length());
			if (!new String(start, StandardCharsets.UTF_8).endsWith("504")) {
				client.peer().drainToEnd();
			}
			return new String(client.peer().receivedBytes(), StandardCharsets.UTF_8);
		}
	}

	@Test
	void clientDisconnectsDuringALongRefusal() {
		try (ClientHandshake client = client("ws").start()) {
			UpstreamHandshake handshake = upstream.accept();
			handshake.refuse(403, Map.of(), new byte[30_000_000]);
			client.peer().receiveBytes(1000);
			client.peer().reset();
			handshake.peer().expectClosed();
		}
	}

	@ParameterizedTest
	@ValueSource(strings = { "100 Continue", "102 Processing", "103 Early Hints", "199 Else" })
	void informationalResponses(String status) {
		byte[] answer = ("HTTP/1.1 " + status + "\r\nLink: </x>\r\n\r\n").getBytes(StandardCharsets.UTF_8);
		try (ClientHandshake client = client("ws").start()) {
			UpstreamHandshake handshake = upstream.accept();
			handshake.answer(answer);
			handshake.answer(answer);
			RawPeer server = handshake.acceptWebSocket();
			RawPeer peer = client.connected();
			assertThat(peer.handshakeResponse().headers().all("Link")).isEmpty();
			exchangeOneMessage(peer, server);
			server.close();
		}
		try (ClientHandshake client = client("ws").start()) {
			UpstreamHandshake handshake = upstream.accept();
			handshake.answer(answer);
			handshake.refuse(401, "who?");
			assertThat(client.response().bodyAsText()).isEqualTo("who?");
		}
		assertThat(refusals()).containsExactly(401);
	}

}
