package dev.wspolicy.gateway;

import java.nio.charset.StandardCharsets;
import java.util.Map;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

import dev.wspolicy.testkit.ClientHandshake;
import dev.wspolicy.testkit.ClientLeg;
import dev.wspolicy.testkit.RawResponse;
import dev.wspolicy.testkit.UpstreamHandshake;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for upgrade requests of clients, valid or not. Those that only HTTP/1.1 can
 * express are in {@link Http11UpgradeTests}.
 */
@ParameterizedClass
@EnumSource(ClientLeg.class)
class UpgradeRequestTests extends AbstractUpgradeTests {

	@Parameter
	ClientLeg leg;

	@ParameterizedTest
	@ValueSource(strings = { "12", "8", "0", "14", "x" })
	void wrongVersion(String version) {
		RawResponse response = client("ws").replace("Sec-WebSocket-Version", version).exchange();
		assertThat(response.status()).isEqualTo(426);
		assertThat(response.headers().all("Sec-WebSocket-Version")).containsExactly("13");
		assertThatJson(response).contains("\"message\":\"Sec-WebSocket-Version is not 13\"");
	}

	@Test
	void plainGetOnAWebSocketRoute() {
		RawResponse response = client("ws").withoutUpgrade().exchange();
		assertThat(response.status()).isEqualTo(426);
		assertThat(response.headers().all("Sec-WebSocket-Version")).containsExactly("13");
		assertThat(response.headers().all("Upgrade"))
			.containsExactlyElementsOf(this.leg.fieldOfConnection("websocket"));
		assertThatJson(response).contains("\"message\":\"The request has no 'Upgrade: websocket'");
	}

	@Test
	void plainGetOnAnHttpRouteIsPlainHttp() {
		try (ClientHandshake client = client("http").withoutUpgrade().start()) {
			UpstreamHandshake handshake = upstream.accept();
			assertThat(handshake.headers().contains("Upgrade")).isFalse();
			// No other test is to get this connection from the pool
			handshake.refuse(200, Map.of("Connection", "close"), "hello".getBytes(StandardCharsets.UTF_8));
			assertThat(client.response().bodyAsText()).isEqualTo("hello");
		}
	}

	@Test
	void upgradeOnAnHttpRouteIsAWebSocket() {
		exchangeOneMessage(client("http"));
	}

	@Test
	void clientMayRetryAfterARefusal() {
		assertThat(client("ws").replace("Sec-WebSocket-Version", "7").exchange().status()).isEqualTo(426);
		exchangeOneMessage(client("ws"));
	}

	@Test
	void disabledPipeline() {
		assertThat(client("closed").exchange().status()).isEqualTo(503);
		assertThat(refusals().poll()).isEqualTo(503);
	}

}
