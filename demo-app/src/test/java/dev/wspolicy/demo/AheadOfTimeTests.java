package dev.wspolicy.demo;

import java.io.File;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.WebSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.springframework.util.ClassUtils;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Drives the demo in a process of its own, started from the classes that the build has
 * generated ahead of time.
 */
class AheadOfTimeTests {

	private static final Path OUTPUT = Path.of("target", "ahead-of-time.txt");

	private static final Pattern STARTED = Pattern.compile("Netty started on port (\\d+)");

	private static final Duration START_TIMEOUT = Duration.ofMinutes(2);

	private final HttpClient http = HttpClient.newHttpClient();

	private static Process demo;

	private static int port;

	@BeforeAll
	static void start() throws IOException {
		String generated = DemoApplication.class.getName() + "__ApplicationContextInitializer";
		if (!ClassUtils.isPresent(generated, DemoApplication.class.getClassLoader())) {
			throw Tools.unavailable("The demo has not been processed ahead of time, which is part of 'mvn test'");
		}
		Path java = Path.of(System.getProperty("java.home"), "bin", "java");
		demo = new ProcessBuilder(java.toString(), "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC",
				"-Dspring.aot.enabled=true", "-cp", classPath(), DemoApplication.class.getName(), "--server.port=0",
				"--demo.upstream.port=0")
			.redirectErrorStream(true)
			.redirectOutput(OUTPUT.toFile())
			.start();
		Awaitility.await().atMost(START_TIMEOUT).until(() -> !demo.isAlive() || started().find());
		Matcher started = started();
		assertThat(started.find()).as(() -> "Started, but printed:\n" + output()).isTrue();
		port = Integer.parseInt(started.group(1));
	}

	private static Matcher started() {
		return STARTED.matcher(output());
	}

	private static String output() {
		try {
			return Files.readString(OUTPUT);
		}
		catch (IOException ex) {
			return ex.toString();
		}
	}

	private static String classPath() {
		return Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
			.filter((entry) -> !entry.endsWith("test-classes"))
			.collect(Collectors.joining(File.pathSeparator));
	}

	@AfterAll
	static void stop() {
		if (demo != null) {
			demo.destroyForcibly().onExit().join();
		}
	}

	@Test
	void startsFromGeneratedClasses() {
		assertThat(output()).contains("Starting AOT-processed DemoApplication");
	}

	@Test
	void beansAndListedPoliciesServeTheChat() {
		Received received = connect("/chat?user=ann");
		received.say("<script>");
		assertThat(received.until("No scripts")).isEqualTo("No scripts, please.");
		received.say("my card is 4111 1111 1111 1111");
		assertThat(received.until("card")).isEqualTo("[to ann] ann: my card is •••• •••• •••• 1111");
	}

	@Test
	void schemaIsReadFromTheClassPath() {
		Received received = connect("/orders?user=ann");
		received.say("{\"item\":\"tea\",\"quantity\":2,\"card\":\"4111111111111111\"}");
		assertThat(received.until("tea")).contains("\"customer\":\"ann\"", "\"card\":\"***\"");
	}

	@Test
	void endpointAndConsoleAnswer() throws Exception {
		connect("/echo");
		assertThat(get("/actuator/websockets")).contains("\"route\":\"echo\"");
		assertThat(get("/actuator/websocketconsole")).contains("<script");
	}

	private String get(String path) throws Exception {
		HttpRequest request = HttpRequest.newBuilder(URI.create("http://localhost:" + port + path)).build();
		return this.http.send(request, BodyHandlers.ofString()).body();
	}

	private Received connect(String path) {
		BlockingQueue<String> texts = new LinkedBlockingQueue<>();
		WebSocket socket = this.http.newWebSocketBuilder()
			.buildAsync(URI.create("ws://localhost:" + port + path), new Listener(texts))
			.orTimeout(1, TimeUnit.MINUTES)
			.join();
		return new Received(socket, texts);
	}

	private record Received(WebSocket socket, BlockingQueue<String> texts) {

		void say(String text) {
			this.socket.sendText(text, true).orTimeout(1, TimeUnit.MINUTES).join();
		}

		/** Returns the next message that contains a text. */
		String until(String part) {
			try {
				for (;;) {
					String text = this.texts.poll(1, TimeUnit.MINUTES);
					assertThat(text).as("a message with '%s'", part).isNotNull();
					if (text.contains(part)) {
						return text;
					}
				}
			}
			catch (InterruptedException ex) {
				throw new IllegalStateException(ex);
			}
		}

	}

	private record Listener(BlockingQueue<String> texts) implements WebSocket.Listener {

		@Override
		public CompletionStage<?> onText(WebSocket socket, CharSequence data, boolean last) {
			this.texts.add(data.toString());
			return WebSocket.Listener.super.onText(socket, data, last);
		}

	}

}
