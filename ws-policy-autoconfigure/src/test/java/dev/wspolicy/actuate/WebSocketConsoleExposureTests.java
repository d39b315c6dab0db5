package dev.wspolicy.actuate;

import java.net.URI;
import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.core.env.Environment;
import org.springframework.http.client.reactive.JdkClientHttpConnector;
import org.springframework.test.web.reactive.server.EntityExchangeResult;
import org.springframework.test.web.reactive.server.WebTestClient;

import dev.wspolicy.gateway.TestGateway;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for the conditions and the location of the console.
 */
class WebSocketConsoleExposureTests {

	private static final Pattern LINK = Pattern.compile("(?:href|src)=\"([^\"]+)\"");

	private static TestGateway.Builder exposed() {
		return TestGateway.with()
			.complete()
			.set("management.endpoints.web.exposure.include", "websockets,websocketconsole")
			.set("management.endpoint.websocketconsole.access", "read-only");
	}

	private static WebTestClient client(int port) {
		return WebTestClient.bindToServer(new JdkClientHttpConnector())
			.baseUrl("http://localhost:" + port)
			.responseTimeout(Duration.ofSeconds(30))
			.build();
	}

	@ParameterizedTest
	@CsvSource({ "management.endpoints.web.exposure.include, websocketconsole",
			"management.endpoint.websocketconsole.access, unrestricted" })
	void isAbsentUnlessExposedAndAccessible(String property, String value) {
		try (TestGateway half = TestGateway.with().complete().set(property, value).start()) {
			client(half.port()).get().uri("/actuator/websocketconsole").exchange().expectStatus().isNotFound();
			client(half.port()).get()
				.uri("/actuator/websocketconsole/console.js")
				.exchange()
				.expectStatus()
				.isNotFound()
				.expectHeader()
				.doesNotExist("Content-Security-Policy");
		}
	}

	@Test
	void isAbsentWithAllEndpointsExposed() {
		try (TestGateway all = TestGateway.with()
			.complete()
			.set("management.endpoints.web.exposure.include", "*")
			.start()) {
			client(all.port()).get().uri("/actuator/websocketconsole").exchange().expectStatus().isNotFound();
		}
	}

	@ParameterizedTest
	@CsvSource({ "/manage, , /manage/websocketconsole", "/, , /websocketconsole",
			"/actuator, console, /actuator/console", "/actuator, ops/console, /actuator/ops/console" })
	void linksWorkBelowAnyBasePath(String basePath, @Nullable String mapped, String page) {
		TestGateway.Builder moved = exposed().set("management.endpoints.web.base-path", basePath)
			.set("management.server.port", 0)
			.set("management.server.base-path", "/ops");
		if (mapped != null) {
			moved.set("management.endpoints.web.path-mapping.websocketconsole", mapped);
		}
		try (TestGateway other = moved.start()) {
			WebTestClient client = client(managementPort(other));
			EntityExchangeResult<String> answer = client.get()
				.uri("/ops" + page)
				.exchange()
				.expectStatus()
				.isOk()
				.expectHeader()
				.exists("Content-Security-Policy")
				.expectBody(String.class)
				.returnResult();
			String text = answer.getResponseBody();
			assertThat(text).isNotNull();
			URI base = URI.create("/ops" + page);
			assertThat(LINK.matcher(text).results().map((link) -> link.group(1))).hasSize(3)
				.allSatisfy((link) -> client.get()
					.uri(base.resolve(link).toString())
					.exchange()
					.expectStatus()
					.isOk()
					.expectHeader()
					.exists("Content-Security-Policy"));
			Matcher sessions = Pattern.compile("data-sessions=\"([^\"]+)\"").matcher(text);
			assertThat(sessions.find()).isTrue();
			client.get().uri(base.resolve(sessions.group(1)).toString()).exchange().expectStatus().isOk();
		}
	}

	private static int managementPort(TestGateway gateway) {
		String port = gateway.bean(Environment.class).getProperty("local.management.port");
		return Integer.parseInt(String.valueOf(port));
	}

}
