package dev.wspolicy.demo;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.WebSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.context.ApplicationContext;

import dev.wspolicy.frame.Direction;
import dev.wspolicy.test.PipelineTester;
import dev.wspolicy.test.PolicyTester;
import dev.wspolicy.test.ReplayReport;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * A chat of the demo that a tap has recorded, replayed.
 */
@DemoTest
class TapReplayTests {

	/**
	 * The messages that a client sends at once. The gateway and both pipelines of the
	 * first comparison count them in one bucket, whose burst is 20.
	 */
	private static final int MESSAGES = 6;

	private static final String RATE = """
			ws-policy.pipelines.chat.inbound:
			  - rate-limit: { frames: 1, per: 1h, burst: BURST, scope: SCOPE, on-exceed: drop }
			""";

	private final HttpClient http = HttpClient.newHttpClient();

	@LocalServerPort
	private int port;

	@Autowired
	private ApplicationContext context;

	@TempDir
	private Path directory;

	@Test
	void recordsAndReplays() throws IOException, InterruptedException {
		Path recording = record();
		assertThat(Files.readString(recording)).doesNotContain("token").doesNotContain("secret");
		try (PipelineTester chat = PipelineTester.of(this.context).pipeline("chat");
				PipelineTester same = PipelineTester.of(this.context).pipeline("chat");
				PipelineTester patient = rate(MESSAGES, "session");
				PipelineTester impatient = rate(3, "session");
				PipelineTester shared = rate(3, "principal")) {
			ReplayReport report = PolicyTester.replay(recording).through(chat).comparedWith(same);
			assertThat(report.differences()).as(report.toString()).isEmpty();
			assertThat(report.messages()).isGreaterThanOrEqualTo(MESSAGES);
			report = PolicyTester.replay(recording).through(patient).comparedWith(impatient);
			assertThat(report.different(Direction.INBOUND)).as(report.toString()).isEqualTo(MESSAGES - 3);
			report = PolicyTester.replay(recording).through(impatient).comparedWith(shared);
			assertThat(report.different()).as(report.toString()).isZero();
		}
	}

	private static PipelineTester rate(int burst, String scope) {
		return PipelineTester.fromYaml(RATE.replace("BURST", Integer.toString(burst)).replace("SCOPE", scope))
			.pipeline("chat");
	}

	/** Records a session with the operator's means: a tap that is read over HTTP. */
	private Path record() throws IOException, InterruptedException {
		HttpRequest tap = HttpRequest
			.newBuilder(URI
				.create("http://localhost:" + this.port + "/actuator/websockettap?route=chat&rate=1000&duration=5m"))
			.build();
		List<String> recording = new ArrayList<>();
		try (var lines = this.http.send(tap, BodyHandlers.ofLines()).body()) {
			Iterator<String> iterator = lines.iterator();
			// The tap begins before anybody joins.
			read(iterator, recording, "\"record\":\"recording\"");
			WebSocket tess = this.http.newWebSocketBuilder()
				.header("Authorization", "Bearer secret")
				.buildAsync(URI.create("ws://localhost:" + this.port + "/chat?user=tess&token=secret"),
						new WebSocket.Listener() {
						})
				.join();
			for (int i = 0; i < MESSAGES; i++) {
				tess.sendText("hello " + i, true).join();
			}
			tess.sendClose(1000, "").join();
			read(iterator, recording, "\"record\":\"close\"");
		}
		return Files.write(this.directory.resolve("tap.jsonl"), recording);
	}

	private static void read(Iterator<String> lines, List<String> recording, String last) {
		String line;
		do {
			line = lines.next();
			if (line.startsWith("data:")) {
				recording.add(line.substring("data:".length()));
			}
		}
		while (!line.contains(last));
	}

}
