package dev.wspolicy.demo;

import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;

import org.junit.jupiter.api.Test;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.test.annotation.DirtiesContext;
import org.springframework.test.context.ActiveProfiles;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;

/**
 * Drives the console of the two gateways of the profile {@code fleet}, on a real Redis,
 * with headless Chromium: {@code src/test/node/fleet.test.js}. Leaves screenshots in
 * {@code target}.
 */
@DemoTest
@ActiveProfiles("fleet")
@DirtiesContext
class FleetConsoleTests {

	private static int second;

	@LocalServerPort
	private int port;

	@DynamicPropertySource
	static void secondPort(DynamicPropertyRegistry properties) {
		second = freePort();
		properties.add("demo.second.port", () -> second);
	}

	/**
	 * Returns a port below those that the system gives to connections and servers, so
	 * that none gets it before the second gateway has started.
	 */
	private static int freePort() {
		for (;;) {
			int port = ThreadLocalRandom.current().nextInt(10_000, 12_000);
			try (ServerSocket socket = new ServerSocket(port)) {
				return socket.getLocalPort();
			}
			catch (IOException ex) {
				// Taken
			}
		}
	}

	@Test
	void console() {
		Path chromium = Tools.require("chromium");
		NodeProject.prepare()
			.test("fleet.test.js",
					Map.of("ONE", "http://localhost:" + this.port, "TWO", "http://localhost:" + second, "REDIS",
							child("redis-"), "SECOND", child("java"), "CHROMIUM", chromium.toString(), "SCREENSHOTS",
							Path.of("target").toAbsolutePath().toString()));
	}

	/** Where redis-server is a link, its process has the name of another program. */
	private static String child(String program) {
		return ProcessHandle.current()
			.children()
			.filter((process) -> process.info().command().orElse("").contains(program))
			.map((process) -> Long.toString(process.pid()))
			.findAny()
			.orElseThrow();
	}

}
