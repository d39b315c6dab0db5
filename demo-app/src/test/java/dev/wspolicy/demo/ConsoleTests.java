package dev.wspolicy.demo;

import java.nio.file.Path;
import java.util.Map;

import org.junit.jupiter.api.Test;
import org.springframework.boot.test.web.server.LocalServerPort;

/**
 * Drives the console with headless Chromium: {@code src/test/node/console.test.js}.
 * Leaves screenshots in {@code target}.
 */
@DemoTest
class ConsoleTests {

	@LocalServerPort
	private int port;

	@Test
	void console() {
		Path chromium = Tools.require("chromium");
		NodeProject.prepare()
			.test("console.test.js", Map.of("GATEWAY", "http://localhost:" + this.port, "CHROMIUM", chromium.toString(),
					"SCREENSHOTS", Path.of("target").toAbsolutePath().toString()));
	}

}
