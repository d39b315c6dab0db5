package dev.wspolicy.redis;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.Map;

import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Tests for a gateway that is alone although it has the module.
 */
class FleetDisabledTests {

	@Test
	void aGatewayCanBeAlone() throws IOException {
		try (Socket nobody = reserve();
				FleetApplication alone = FleetApplication.start("alone", nobody.getLocalPort(),
						Map.of("ws-policy.fleet.enabled", "false"))) {
			assertThat(alone.context().getBeansOfType(FleetMembership.class)).isEmpty();
			alone.open("ana");
			await().until(() -> alone.sessions() == 1);
			JsonNode list = alone.get("/websockets?fleet=true").json();
			assertThat(list.path("total").asInt()).isEqualTo(1);
			assertThat(list.path("fleet").path("gateways").path(0).asString()).isEqualTo("alone");
			assertThat(list.path("shared").asBoolean(true)).isFalse();
		}
	}

	@Test
	void aGatewayStartsWithoutRedis() throws IOException {
		try (Socket nobody = reserve();
				FleetApplication alone = FleetApplication.start("alone", nobody.getLocalPort())) {
			alone.open("ana");
			await().until(() -> alone.sessions() == 1);
			assertThat(alone.get("/websockets?fleet=true").json().path("total").asInt()).isEqualTo(1);
			await().until(() -> alone.get("/health")
				.json()
				.at("/components/wsPolicyFleet/status")
				.asString()
				.equals("UNKNOWN"));
		}
	}

	/** Binds a port on which nobody listens, and which no other process gets. */
	private static Socket reserve() throws IOException {
		Socket socket = new Socket();
		socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
		return socket;
	}

}
