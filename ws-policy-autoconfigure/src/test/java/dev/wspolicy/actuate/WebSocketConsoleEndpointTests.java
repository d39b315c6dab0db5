package dev.wspolicy.actuate;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.core.io.Resource;
import org.springframework.core.io.support.PathMatchingResourcePatternResolver;
import org.springframework.http.HttpHeaders;
import org.springframework.http.MediaType;
import org.springframework.test.web.reactive.server.WebTestClient;

import dev.wspolicy.gateway.TestGateway;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for the console as served by a running gateway.
 */
class WebSocketConsoleEndpointTests {

	private static final Pattern IMPORT = Pattern.compile("(?m)^import .* from \"\\./([^\"]+)\";$");

	private static TestGateway gateway;

	@BeforeAll
	static void start() {
		gateway = TestGateway.with()
			.complete()
			.set("management.endpoints.web.exposure.include", "websockets,websocketconsole")
			.set("management.endpoint.websocketconsole.access", "read-only")
			.start();
	}

	@AfterAll
	static void stop() {
		gateway.close();
	}

	private static WebTestClient client() {
		return gateway.http("");
	}

	@Test
	void servesThePage() {
		String page = client().get()
			.uri("/actuator/websocketconsole")
			.accept(MediaType.TEXT_HTML)
			.exchange()
			.expectStatus()
			.isOk()
			.expectHeader()
			.contentType("text/html;charset=UTF-8")
			.expectBody(String.class)
			.returnResult()
			.getResponseBody();
		assertThat(page).startsWith("<!doctype html>")
			.contains("data-sessions=\"./websockets\"", "data-tap=\"./websockettap\"", "data-metrics=\"./metrics\"",
					"data-pipelines=\"./websocketpipelines\"")
			.doesNotContain("{{");
	}

	@ParameterizedTest
	@CsvSource({ "console.css, text/css;charset=UTF-8", "console.js, text/javascript;charset=UTF-8",
			"gateway.js, text/javascript;charset=UTF-8", "icon.svg, image/svg+xml" })
	void servesItsAssets(String name, String type) {
		client().get()
			.uri("/actuator/websocketconsole/" + name)
			.exchange()
			.expectStatus()
			.isOk()
			.expectHeader()
			.contentType(type)
			.expectBody(byte[].class)
			.value((content) -> assertThat(content).isNotEmpty());
	}

	@Test
	void servesAllFiles() throws IOException {
		Resource[] files = new PathMatchingResourcePatternResolver()
			.getResources("classpath:dev/wspolicy/actuate/console/*");
		assertThat(files).hasSizeGreaterThan(5);
		for (Resource file : files) {
			String name = file.getFilename();
			if (!"console.html".equals(name)) {
				client().get().uri("/actuator/websocketconsole/" + name).exchange().expectStatus().isOk();
			}
		}
	}

	@ParameterizedTest
	@ValueSource(strings = { "websocketconsole", "websocketconsole/console.js", "websocketconsole/nothing.js",
			"websocketconsole;x=1", "%77ebsocketconsole", "websocketconsole;x=1/console.js",
			"websocketconsole/console%2ejs" })
	void allowsOnlyItsOwnScripts(String path) {
		HttpHeaders headers = client().get()
			.uri(URI.create("http://localhost:" + gateway.port() + "/actuator/" + path))
			.exchange()
			.expectBody()
			.returnResult()
			.getResponseHeaders();
		assertThat(headers.getFirst("Content-Security-Policy"))
			.contains("default-src 'none'", "script-src 'self'", "style-src 'self'", "frame-ancestors 'none'",
					"require-trusted-types-for 'script'")
			.doesNotContain("unsafe");
		assertThat(headers.getFirst("X-Content-Type-Options")).isEqualTo("nosniff");
		assertThat(headers.getFirst("Referrer-Policy")).isEqualTo("no-referrer");
	}

	@ParameterizedTest
	@ValueSource(strings = { "/actuator/websockets", "/actuator", "/actuator/websocketconsoles", "/" })
	void doesNotSetHeadersOnOtherResponses(String path) {
		client().get().uri(path).exchange().expectHeader().doesNotExist("Content-Security-Policy");
	}

	/**
	 * The content security policy would block them, which is easy to overlook in a
	 * review.
	 */
	@Test
	void hasNoInlineScriptsAndStyles() throws IOException {
		String page = text("console.html");
		assertThat(page).doesNotContain("<style").doesNotContainPattern("\\s(style|on[a-z]+)=");
		assertThat(Pattern.compile("<script(?! type=\"module\" src=)").matcher(page).find()).isFalse();
	}

	/** Text from peers must only be set as text. */
	@Test
	void hasNoScriptThatParsesMarkup() throws IOException {
		for (String name : scripts()) {
			assertThat(text(name)).as(name)
				.doesNotContain("innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(",
						"new Function", "DOMParser", "createContextualFragment");
		}
	}

	@Test
	void importsOnlyServedFiles() throws IOException {
		Set<String> imported = new TreeSet<>();
		for (String name : scripts()) {
			Matcher imports = IMPORT.matcher(text(name));
			while (imports.find()) {
				imported.add(imports.group(1));
			}
		}
		imported.add("console.js");
		assertThat(imported).containsExactlyInAnyOrderElementsOf(scripts());
	}

	private static Set<String> scripts() throws IOException {
		return Stream
			.of(new PathMatchingResourcePatternResolver().getResources("classpath:dev/wspolicy/actuate/console/*.js"))
			.map(Resource::getFilename)
			.collect(Collectors.toSet());
	}

	private static String text(String name) throws IOException {
		try (InputStream content = ConsoleAssets.class.getResourceAsStream("console/" + name)) {
			assertThat(content).isNotNull();
			return new String(content.readAllBytes(), StandardCharsets.UTF_8);
		}
	}

	@ParameterizedTest
	@ValueSource(strings = { "nothing.js", "console.html", "CONSOLE.JS", "..", "../console.js", "..%2fconsole.js",
			"%2e%2e%2fConsoleAssets.class", "..%5cConsoleAssets.class", "%2fetc%2fpasswd", "console.js%00.css",
			"console/console.js", "console.js/", "" })
	void unknownFilesAreNotFound(String name) throws Exception {
		HttpRequest request = HttpRequest
			.newBuilder(URI.create("http://localhost:" + gateway.port() + "/actuator/websocketconsole/" + name))
			.build();
		HttpResponse<String> response = HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofString());
		assertThat(response.statusCode()).isEqualTo(404);
	}

	@Test
	void isReadOnly() {
		client().post().uri("/actuator/websocketconsole").exchange().expectStatus().isEqualTo(405);
		client().delete().uri("/actuator/websocketconsole/console.js").exchange().expectStatus().isEqualTo(405);
	}

}
