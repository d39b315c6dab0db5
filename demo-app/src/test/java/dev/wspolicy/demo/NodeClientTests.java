package dev.wspolicy.demo;

import java.util.Map;

import org.junit.jupiter.api.Test;
import org.springframework.boot.test.web.server.LocalServerPort;

/**
 * Drives the demo with Node's ws: {@code src/test/node/ws.test.js}.
 */
@DemoTest
class NodeClientTests {

	@LocalServerPort
	private int port;

	@Test
	void ws() {
		NodeProject.prepare()
			.test("ws.test.js", Map.of("GATEWAY", "ws://localhost:" + this.port, "ORIGIN", DemoTest.ORIGIN));
	}

}
