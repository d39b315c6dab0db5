package dev.wspolicy.admin;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.WebSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;

import org.jspecify.annotations.Nullable;
import org.opentest4j.TestAbortedException;
import org.springframework.util.FileSystemUtils;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Headless Chromium with one page, driven over the DevTools protocol.
 */
final class Chromium implements AutoCloseable, WebSocket.Listener {

	private static final long PATIENCE_SECONDS = 60;

	private static final String LISTENING = "DevTools listening on ";

	private static final JsonMapper JSON = new JsonMapper();

	private final Path profile;

	private final Process process;

	private final WebSocket page;

	private final Map<Integer, CompletableFuture<JsonNode>> commands = new ConcurrentHashMap<>();

	private final List<String> errors = new CopyOnWriteArrayList<>();

	private final StringBuilder message = new StringBuilder();

	private int lastId;

	/**
	 * Starts the browser. If there is none, the test is skipped, except in continuous
	 * integration, where it fails.
	 */
	Chromium() throws IOException, InterruptedException {
		Path executable = executable();
		this.profile = Files.createTempDirectory("chromium");
		this.process = new ProcessBuilder(executable.toString(), "--headless", "--no-sandbox", "--disable-gpu",
				"--disable-background-networking", "--disable-component-update", "--disable-sync", "--lang=en-US",
				// A page that has been left would keep its event streams, of the few
				// connections to the server
				"--disable-back-forward-cache", "--window-size=1440,900", "--remote-debugging-port=0",
				"--user-data-dir=" + this.profile, "about:blank")
			.redirectErrorStream(true)
			.start();
		HttpClient client = HttpClient.newHttpClient();
		URI browser = address(this.process.inputReader());
		// What Chromium prints from here on must not fill the pipe
		Thread drain = new Thread(() -> this.process.inputReader().lines().forEach((line) -> {
		}), "chromium");
		drain.setDaemon(true);
		drain.start();
		HttpRequest request = HttpRequest
			.newBuilder(URI.create("http://" + browser.getAuthority() + "/json/new?about:blank"))
			.PUT(BodyPublishers.noBody())
			.build();
		JsonNode target = JSON.readTree(client.send(request, BodyHandlers.ofString()).body());
		this.page = client.newWebSocketBuilder()
			.buildAsync(URI.create(target.get("webSocketDebuggerUrl").asString()), this)
			.join();
		command("Runtime.enable", Map.of());
	}

	private static Path executable() {
		String missing = "chromium is not on the PATH";
		return Arrays.stream(System.getenv("PATH").split(File.pathSeparator))
			.map((folder) -> Path.of(folder, "chromium"))
			.filter(Files::isExecutable)
			.findFirst()
			.orElseThrow(() -> (System.getenv("CI") != null) ? new IllegalStateException(missing)
					: new TestAbortedException(missing));
	}

	private static URI address(BufferedReader output) throws IOException {
		for (String line = output.readLine(); line != null; line = output.readLine()) {
			if (line.startsWith(LISTENING)) {
				return URI.create(line.substring(LISTENING.length()));
			}
		}
		throw new IllegalStateException("Chromium has ended");
	}

	void open(String uri) {
		command("Page.navigate", Map.of("url", uri));
	}

	/**
	 * Clicks an element as soon as it is there and enabled.
	 * @param selector of the elements to choose from
	 * @param text the text or title of the element
	 * @param within a text that its closest row, panel or navigation contains
	 */
	void click(String selector, String text, String within) {
		await("""
				[...document.querySelectorAll(%s)].filter((element) => !element.disabled)
					.filter((element) => [element.innerText.trim(), element.title].includes(%s))
					.filter((element) => element.closest("tr, aside, header, section > *").innerText.includes(%s))
					.slice(0, 1).map((element) => { element.click(); return true; })[0]""".formatted(quote(selector),
				quote(text), quote(within)));
	}

	/** Fills a field, as scripts see it. */
	void type(String selector, String text) {
		await("""
				[...document.querySelectorAll(%s)].map((field) => {
					field.value = %s;
					for (const type of ["input", "change"]) field.dispatchEvent(new Event(type, { bubbles: true }));
					return true;
				})[0]""".formatted(quote(selector), quote(text)));
	}

	void expectText(String text) {
		await("document.body.innerText.includes(" + quote(text) + ")");
	}

	void expectNoText(String text) {
		await("!document.body.innerText.includes(" + quote(text) + ")");
	}

	/** Waits until an expression of JavaScript is truthy. */
	void await(String expression) {
		String script = """
				new Promise((resolve, reject) => {
					const deadline = Date.now() + %d;
					const check = () => {
						if (document.body && (%s)) resolve();
						else if (Date.now() > deadline) reject(new Error(document.body?.innerText));
						else setTimeout(check, 20);
					};
					check();
				})""".formatted(TimeUnit.SECONDS.toMillis(PATIENCE_SECONDS) - 1_000, expression);
		JsonNode details = command("Runtime.evaluate", Map.of("expression", script, "awaitPromise", true))
			.get("exceptionDetails");
		if (details != null) {
			throw new AssertionError("Expected " + expression + ", but the page shows:\n"
					+ details.path("exception").path("description").asString() + "\nErrors: " + this.errors);
		}
	}

	/** Returns what scripts have thrown and what was printed as an error. */
	List<String> errors() {
		return this.errors;
	}

	void screenshot(Path file) throws IOException {
		Files.write(file, command("Page.captureScreenshot", Map.of()).get("data").binaryValue());
	}

	private static String quote(String text) {
		return JSON.writeValueAsString(text);
	}

	private JsonNode command(String method, Map<String, Object> parameters) {
		CompletableFuture<JsonNode> result = new CompletableFuture<>();
		int id = ++this.lastId;
		this.commands.put(id, result);
		this.page.sendText(JSON.writeValueAsString(Map.of("id", id, "method", method, "params", parameters)), true)
			.join();
		JsonNode response = result.orTimeout(PATIENCE_SECONDS, TimeUnit.SECONDS).join();
		if (response.has("error")) {
			throw new IllegalStateException(method + ": " + response.get("error"));
		}
		return response.get("result");
	}

	@Override
	public @Nullable CompletionStage<?> onText(WebSocket webSocket, CharSequence data, boolean last) {
		this.message.append(data);
		if (last) {
			JsonNode received = JSON.readTree(this.message.toString());
			this.message.setLength(0);
			receive(received);
		}
		webSocket.request(1);
		return null;
	}

	private void receive(JsonNode received) {
		if (received.has("id")) {
			this.commands.remove(received.get("id").asInt()).complete(received);
			return;
		}
		JsonNode parameters = received.path("params");
		switch (received.path("method").asString()) {
			case "Runtime.exceptionThrown" -> this.errors.add(parameters.get("exceptionDetails").toString());
			case "Runtime.consoleAPICalled" -> {
				if (parameters.path("type").asString().equals("error")) {
					this.errors.add(parameters.get("args").toString());
				}
			}
			default -> {
			}
		}
	}

	@Override
	public void close() throws IOException {
		this.page.abort();
		List<ProcessHandle> children = this.process.descendants().toList();
		this.process.destroy();
		this.process.onExit().completeOnTimeout(this.process, PATIENCE_SECONDS, TimeUnit.SECONDS).join();
		this.process.destroyForcibly();
		// They still write to the profile
		children.forEach((child) -> {
			child.destroyForcibly();
			child.onExit().join();
		});
		FileSystemUtils.deleteRecursively(this.profile);
	}

}
