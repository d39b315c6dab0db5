package dev.wspolicy.admin;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.IntStream;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

import dev.wspolicy.frame.CloseStatus;
import dev.wspolicy.session.SessionRegistry;
import dev.wspolicy.test.SocketClient;
import dev.wspolicy.test.SocketPeer;
import dev.wspolicy.test.WebSocketUpstream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Drives the view with headless Chromium, against a real server and real gateways. Leaves
 * a screenshot in {@code target}.
 */
class WebSocketsViewTests {

	private static final String UNRESTRICTED = "management.endpoint.websockets.access=unrestricted";

	/** The page size of the view. */
	private static final int PAGE = 50;

	@RegisterExtension
	static final WebSocketUpstream upstream = new WebSocketUpstream();

	private static Chromium chromium;

	private static Monitored monitored;

	private static String gateway;

	@BeforeAll
	static void start() throws Exception {
		chromium = new Chromium();
		monitored = new Monitored();
		String uri = "upstream=" + upstream.uri();
		gateway = monitored.gateway("gateway", Map.of("sidebar.links.0.label", "WebSocket console",
				"sidebar.links.0.url", "https://gateway.example.com/actuator/websocketconsole"), uri, UNRESTRICTED);
	}

	@AfterAll
	static void stop() throws Exception {
		// The page first, so that the server does not wait for its event streams
		if (chromium != null) {
			chromium.close();
		}
		if (monitored != null) {
			monitored.close();
		}
	}

	@AfterEach
	void nothingIsLeft() {
		SessionRegistry registry = monitored.context("gateway").getBean(SessionRegistry.class);
		registry.stream().forEach((session) -> session.close(CloseStatus.NORMAL));
		await().until(() -> registry.size() == 0);
		assertThat(chromium.errors()).isEmpty();
	}

	@Test
	void showsSessionsAndClosesOne() throws Exception {
		Session ann = join("/chat/lobby", "ann");
		Session ben = join("/news", "ben");
		chromium.open(monitored.pages(gateway) + "/details");
		chromium.click("aside a", "WebSockets", "WebSockets");
		chromium.expectText("/chat/lobby");
		expectTotals("chat", 1, 1);
		expectTotals("news", 1, 1);
		chromium.screenshot(Path.of("target", "websockets.png"));

		chromium.click("button", "Close", "ann");
		chromium.click("button", "Confirm", "ann");
		ann.client().expectClosed(CloseStatus.GOING_AWAY);
		chromium.expectText("has been told to close.");
		chromium.expectNoText("/chat/lobby");
		chromium.expectText("ben");
		expectTotals("news", 1, 1);
		ben.client().send("still here");
		ben.server().expect("still here");
	}

	@Test
	void beginsAndEndsADrain() {
		join("/chat", "ann");
		open(gateway);
		chromium.expectText("The gateway accepts sessions.");
		chromium.type("#ws-policy-window", "soon");
		chromium.click("button", "Drain", "Window");
		chromium.click("button", "Confirm", "Window");
		chromium.expectText("The instance answered with status 400.");

		chromium.type("#ws-policy-window", "6h");
		chromium.click("button", "Drain", "Window");
		chromium.click("button", "Confirm", "Window");
		chromium.expectText("The gateway drains: 1 of 1 session are left.");
		client("/chat", "ben").expectRefused(503);

		chromium.click("button", "End drain", "Gateway");
		chromium.click("button", "Confirm", "Gateway");
		chromium.expectText("The gateway accepts sessions.");
		join("/chat", "ben");
	}

	@Test
	void pagesAndFilters() {
		IntStream.rangeClosed(1, PAGE).forEach((number) -> join("/chat", "user " + number));
		join("/news", "last");
		open(gateway);
		chromium.expectText("Page 1 of 2");
		expectRows(PAGE);
		expectTotals("chat", PAGE, PAGE);
		expectTotals("news", 1, 1);
		chromium.click("button", "Next", "Sessions");
		chromium.expectText("Page 2 of 2");
		expectRows(1);
		chromium.click("button", "Previous", "Sessions");
		expectRows(PAGE);

		chromium.type("form input", "user 7");
		chromium.click("button", "Filter", "Sessions");
		chromium.expectText("Page 1 of 1");
		expectRows(1);
		chromium.click("button", "Show its sessions", "news");
		chromium.await("document.querySelector('[aria-label=Sessions] tbody').innerText.includes('last')");
		expectRows(1);
		chromium.type("form select", "path");
		chromium.type("form input", "/nowhere");
		chromium.click("button", "Filter", "Sessions");
		chromium.expectText("No session matches.");
		expectTotals("chat", PAGE, PAGE);
	}

	@Test
	void showsNamesAsText() {
		String name = "<img src=x onerror=window.injected=true><b>ann</b>";
		join("/chat", name);
		open(gateway);
		chromium.expectText(name);
		chromium.await("!document.querySelector('.ws-policy img, .ws-policy b') && !window.injected");
	}

	@Test
	void linksToWhatTheMetadataOfTheInstanceNames() {
		open(gateway);
		chromium.expectText("WebSocket console");
		chromium
			.await("document.querySelector('aside a[href=\"https://gateway.example.com/actuator/websocketconsole\"]')");
	}

	@Test
	void offersNoActionOnAReadOnlyEndpoint() {
		String readOnly = monitored.gateway("read-only", Map.of(), "upstream=" + upstream.uri());
		upstream.client(monitored.address("read-only") + "/chat?user=ann").open();
		open(readOnly);
		chromium.expectText("The endpoint websockets of this instance is read-only.");
		chromium.expectText("ann");
		chromium.await("![...document.querySelectorAll('button')].some((button) => "
				+ "['Close', 'Drain'].includes(button.innerText.trim()))");
	}

	@Test
	void explainsWhatTheInstanceRefuses() throws Exception {
		try (StubInstance stub = new StubInstance()) {
			String instance = monitored.register("stub", stub.url(), Map.of());
			open(instance);
			chromium.expectText("1a2b3c4d");
			chromium.click("button", "Close", "1a2b3c4d");
			chromium.click("button", "Confirm", "1a2b3c4d");
			chromium.expectText("The session has already ended.");

			stub.answer(405, "");
			chromium.click("button", "Drain", "Window");
			chromium.click("button", "Confirm", "Window");
			chromium.expectText("The endpoint websockets of this instance is read-only.");

			stub.answer(403, "");
			chromium.click("button", "Filter", "Sessions");
			chromium.expectText("The instance refused the request (status 403).");

			stub.answer(200, "<h1>Sign in</h1>");
			chromium.click("button", "Filter", "Sessions");
			chromium.expectText("The response is not a list of sessions.");
		}
	}

	@Test
	void isNotShownForAnInstanceWithoutTheEndpoint() {
		String server = monitored.server();
		open(server);
		chromium.expectText("The instance does not expose the endpoint websockets.");
		chromium.await("document.querySelector('aside') && !document.querySelector('aside a[href$=websockets]')");
	}

	private static void open(String instance) {
		chromium.open(monitored.pages(instance) + "/websockets");
	}

	/** Opens a session, which is in the list once it has relayed something. */
	private static Session join(String path, String user) {
		Session session = new Session(client(path, user).open(), upstream.accept());
		session.client().send("hello");
		session.server().expect("hello");
		return session;
	}

	private static SocketClient client(String path, String user) {
		return upstream.client(monitored.address("gateway") + path + "?user="
				+ URLEncoder.encode(user, StandardCharsets.UTF_8).replace("+", "%20"));
	}

	private static void expectRows(int count) {
		chromium.await("document.querySelectorAll('[aria-label=Sessions] tbody tr code').length === " + count);
	}

	private static void expectTotals(String pipeline, int sessions, int framesIn) {
		chromium.await("[...document.querySelectorAll('[aria-label=Pipelines] tbody tr')].some((row) => "
				+ "row.innerText.split('\\t').slice(0, 3).map((cell) => cell.trim()).join(' ') === '" + pipeline + " "
				+ sessions + " " + framesIn + "')");
	}

	private record Session(SocketPeer client, SocketPeer server) {

	}

}
