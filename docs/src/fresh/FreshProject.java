import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.WebSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Makes the project of the page Getting started from the blocks of that page, builds it
 * with the snapshot in the local repository, starts it, and talks to it as a client. Then
 * replays the recording of the page Replaying recorded traffic with the command of that
 * page. Run it from the root of the repository with
 * {@code java docs/src/fresh/FreshProject.java}. Arguments are passed on to Maven.
 */
public final class FreshProject {

	private static final Duration PATIENCE = Duration.ofMinutes(5);

	/** A paragraph that ends with the path of a file, and the block behind it. */
	private static final Pattern FILE = Pattern.compile("`([\\w./-]+)`:\n\n```\\w+\n(.*?)```", Pattern.DOTALL);

	/** The message of the page, and what the upstream sends back. */
	private static final Pattern CONVERSATION = Pattern.compile("^> (.+)\n< (.+)$", Pattern.MULTILINE);

	/** The command that replays a recording. */
	private static final Pattern COMMAND = Pattern.compile("```shell\nmvn (.*?ReplayCommand.*?)```", Pattern.DOTALL);

	/** The recording on the same page, which has one message: hello. */
	private static final Pattern RECORDING = Pattern.compile("```jsonl\n(.*?)```", Pattern.DOTALL);

	private static final String NEXT = """
			ws-policy.pipelines.chat.inbound:
			  - size-limit: { bytes: 4B }
			""";

	private final Path folder;

	private final List<String> arguments;

	private final HttpClient client = HttpClient.newHttpClient();

	private FreshProject(Path folder, List<String> arguments) {
		this.folder = folder;
		this.arguments = arguments;
	}

	public static void main(String[] arguments) throws Exception {
		String page = Files.readString(Path.of("docs/getting-started.md"));
		String replayPage = Files.readString(Path.of("docs/replay.md"));
		Path folder = Files.createTempDirectory("fresh-project");
		try {
			new FreshProject(folder, List.of(arguments)).run(page, replayPage);
		}
		finally {
			delete(folder);
		}
	}

	private void run(String page, String replayPage) throws Exception {
		Instant start = Instant.now();
		Map<String, String> files = files(page);
		int port = freePort();
		int upstream = freePort();
		for (Map.Entry<String, String> file : files.entrySet()) {
			Path path = this.folder.resolve(file.getKey());
			Files.createDirectories(path.getParent());
			// Ports of the page may be taken
			Files.writeString(path, file.getValue().replace("9000", String.valueOf(upstream)));
		}
		say(start, "wrote " + files.keySet());
		check(maven("test").waitFor() == 0, "its tests pass:\n" + output());
		say(start, "its tests pass");
		Process gateway = maven("spring-boot:test-run", "-Dspring-boot.run.arguments=--server.port=" + port);
		try {
			converse(page, port, gateway);
			say(start, "the conversation is that of the page");
		}
		finally {
			gateway.descendants().forEach(ProcessHandle::destroy);
			gateway.destroy();
			gateway.waitFor();
		}
		check(output().contains("WebSocket session closed: id="), "the log has a line for the session:\n" + output());
		replay(replayPage);
		say(start, "the recording has been replayed");
	}

	private static Map<String, String> files(String page) {
		Map<String, String> files = new LinkedHashMap<>();
		FILE.matcher(page).results().forEach((file) -> files.put(file.group(1), file.group(2)));
		check(files.size() == 6, "the page has six files, and not " + files.keySet());
		return files;
	}

	private void converse(String page, int port, Process gateway) throws Exception {
		Matcher conversation = CONVERSATION.matcher(page);
		check(conversation.find(), "the page has a conversation");
		Messages messages = new Messages();
		WebSocket socket = connect(URI.create("ws://localhost:" + port + "/chat"), messages, gateway);
		socket.sendText(conversation.group(1), true).join();
		String answer = messages.queue.poll(PATIENCE.toSeconds(), TimeUnit.SECONDS);
		check(conversation.group(2).equals(answer), "the answer is " + answer);
		String sessions = get("http://localhost:" + port + "/actuator/websockets");
		check(sessions.contains("\"route\":\"chat\""), "the endpoint lists the session: " + sessions);
		socket.sendClose(WebSocket.NORMAL_CLOSURE, "").join();
		check(messages.closed.get(PATIENCE.toSeconds(), TimeUnit.SECONDS) == WebSocket.NORMAL_CLOSURE, "it closes");
		check(get("http://localhost:" + port + "/actuator/health").contains("\"UP\""), "the gateway is healthy");
	}

	private void replay(String page) throws Exception {
		Matcher command = COMMAND.matcher(page);
		Matcher recording = RECORDING.matcher(page);
		check(command.find() && recording.find(), "the page has a command and a recording");
		Files.writeString(this.folder.resolve("chat.jsonl"), recording.group(1));
		Files.writeString(this.folder.resolve("next.yml"), NEXT);
		int status = start(List.of("sh", "-c", "mvn " + String.join(" ", this.arguments) + " " + command.group(1)))
			.waitFor();
		check(status == 1, "the status is " + status + " because of a difference:\n" + output());
		check(output().contains("chat.jsonl: 1 messages of 1 sessions compared, 1 treated differently"),
				"the report says so:\n" + output());
	}

	/** Tries until the gateway has started. */
	private WebSocket connect(URI uri, Messages messages, Process gateway) throws Exception {
		Instant end = Instant.now().plus(PATIENCE);
		while (true) {
			try {
				return this.client.newWebSocketBuilder().buildAsync(uri, messages).get();
			}
			catch (Exception ex) {
				if (!gateway.isAlive() || Instant.now().isAfter(end)) {
					throw new IllegalStateException(output(), ex);
				}
				Thread.sleep(200);
			}
		}
	}

	private String get(String uri) throws Exception {
		return this.client.send(HttpRequest.newBuilder(URI.create(uri)).build(), BodyHandlers.ofString()).body();
	}

	private Process maven(String... goals) throws IOException {
		List<String> command = new ArrayList<>(List.of("mvn", "-B", "-ntp"));
		command.addAll(this.arguments);
		command.addAll(List.of(goals));
		return start(command);
	}

	private Process start(List<String> command) throws IOException {
		return new ProcessBuilder(command).directory(this.folder.toFile())
			.redirectErrorStream(true)
			.redirectOutput(this.folder.resolve("output.log").toFile())
			.start();
	}

	private String output() throws IOException {
		return Files.readString(this.folder.resolve("output.log"));
	}

	private static int freePort() throws IOException {
		try (ServerSocket socket = new ServerSocket(0)) {
			return socket.getLocalPort();
		}
	}

	private static void check(boolean condition, String message) {
		if (!condition) {
			throw new IllegalStateException("Not so: " + message);
		}
	}

	private static void say(Instant start, String message) {
		System.out.println(Duration.between(start, Instant.now()).toSeconds() + " s: " + message);
	}

	private static void delete(Path folder) throws IOException {
		try (Stream<Path> files = Files.walk(folder)) {
			for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
				Files.delete(file);
			}
		}
	}

	private static final class Messages implements WebSocket.Listener {

		private final BlockingQueue<String> queue = new LinkedBlockingQueue<>();

		private final CompletableFuture<Integer> closed = new CompletableFuture<>();

		@Override
		public CompletionStage<?> onText(WebSocket socket, CharSequence text, boolean last) {
			this.queue.add(text.toString());
			socket.request(1);
			return null;
		}

		@Override
		public CompletionStage<?> onClose(WebSocket socket, int code, String reason) {
			this.closed.complete(code);
			return null;
		}

	}

}
