package dev.wspolicy.demo;

import java.nio.file.Path;
import java.util.Map;

import org.junit.jupiter.api.Test;
import org.springframework.boot.test.web.server.LocalServerPort;

/**
 * Drives the demo's page with headless Chromium: {@code src/test/node/page.test.js}.
 * Leaves screenshots in {@code target}.
 */
@DemoTest
class PageTests {

	@LocalServerPort
	private int port;

	@Test
	void page() {
		Path chromium = Tools.require("chromium");
		NodeProject.prepare()
			.test("page.test.js", Map.of("PAGE", DemoTest.ORIGIN + "/", "GATEWAY", "127.0.0.1:" + this.port, "CHROMIUM",
					chromium.toString(), "SCREENSHOTS", Path.of("target").toAbsolutePath().toString()));
	}

}
