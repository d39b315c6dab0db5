package dev.wspolicy.test;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import dev.wspolicy.session.Termination.Cause;
import dev.wspolicy.session.Termination.Initiator;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The command, which replays a recording through pipelines of YAML files.
 */
class ReplayCommandTests {

	private static final String CURRENT = """
			spring.cloud.gateway.server.webflux.routes:
			  - { id: chat, uri: "ws://localhost:9000", filters: [ "WsPolicy=chat" ], predicates: [ "Path=/chat" ] }
			ws-policy:
			  pipelines:
			    other: { inbound: [ maskCardNumbers ] }
			    chat:
			      inbound:
			        - frame-log: { payload: true, record: { file: RECORDED } }
			      outbound: [ deny-nul ]
			---
			spring.config.activate.on-profile: production
			ws-policy.pipelines.chat.inbound: [ unknown ]
			""";

	private static final String NEXT = """
			ws-policy:
			  pipelines:
			    default:
			      inbound: [ deny-nul, { size-limit: { bytes: 8B, on-violation: { action: drop } } } ]
			      session: { idle-timeout: 1m }
			""";

	private final ByteArrayOutputStream out = new ByteArrayOutputStream();

	private final ByteArrayOutputStream err = new ByteArrayOutputStream();

	private Path directory;

	@BeforeEach
	void prepare(@TempDir Path directory) throws IOException {
		this.directory = directory;
		Files.writeString(file("current.yml"), CURRENT.replace("RECORDED", file("again.jsonl").toString()));
		Files.writeString(file("next.yml"), NEXT);
		new RecordingScript(file("chat.jsonl")).open()
			.client("hello")
			.client("too long a text")
			.upstream("too long a text")
			.in("t")
			.open()
			.after(Duration.ofMinutes(2))
			.close(Initiator.CLIENT, Cause.CLOSE_FRAME)
			.write();
	}

	@Test
	void printsTheDifferences() {
		int status = run(file("chat.jsonl").toString(), file("current.yml") + "#chat", file("next.yml").toString());
		assertThat(text(this.err)).isEmpty();
		assertThat(text(this.out))
			.contains("3 messages of 2 sessions compared, 1 treated differently, 2 sessions ended")
			.contains("forwarded -> dropped by size-limit")
			.contains("open -> closed (client: 1001, upstream: 1001), idle timeout");
		assertThat(status).isEqualTo(1);
		assertThat(file("again.jsonl")).as("recording of the replay").doesNotExist();
	}

	@Test
	void noDifferences() {
		int status = run("--recorded-in=chat", file("chat.jsonl").toString(), file("current.yml") + "#chat",
				file("current.yml") + "#chat");
		assertThat(text(this.out)).contains("3 messages of 2 sessions compared, 0 treated differently");
		assertThat(status).isZero();
	}

	@Test
	void pipelineWithBeans() {
		int status = run(file("chat.jsonl").toString(), file("current.yml") + "#other", file("next.yml").toString());
		assertThat(text(this.err)).contains("current.yml#other: ")
			.contains("'maskCardNumbers'")
			.contains("knows the built-in policies only")
			.contains("PolicyTester.replay");
		assertThat(status).isEqualTo(2);
	}

	@Test
	void whatCannotBeReplayed() throws IOException {
		Files.writeString(file("broken.jsonl"), Files.readString(file("chat.jsonl")) + "oops\n");
		assertThat(run(file("broken.jsonl").toString(), file("next.yml").toString(), file("next.yml").toString()))
			.isEqualTo(2);
		assertThat(text(this.err)).contains("Line 8 of ").contains("not a JSON object");
		assertThat(run(file("missing.jsonl").toString(), file("next.yml").toString(), file("next.yml").toString()))
			.isEqualTo(2);
		assertThat(run(file("chat.jsonl").toString(), file("missing.yml").toString(), file("next.yml").toString()))
			.isEqualTo(2);
		assertThat(text(this.err)).contains("missing.jsonl cannot be opened").contains("missing.yml cannot be read");
	}

	@Test
	void nothingToCompare() throws IOException {
		assertThat(run("--recorded-in=caht", file("chat.jsonl").toString(), file("next.yml").toString(),
				file("next.yml").toString()))
			.isEqualTo(2);
		assertThat(text(this.err)).contains("No message has been compared.")
			.contains("--recorded-in: caht (expected: one of [chat]");
		Files.createFile(file("empty.jsonl"));
		assertThat(run(file("empty.jsonl").toString(), file("next.yml").toString(), file("next.yml").toString()))
			.isEqualTo(2);
	}

	@Test
	void yamlThatCannotBeRead() throws IOException {
		Files.writeString(file("broken.yml"), "ws-policy: [ }");
		assertThat(run(file("chat.jsonl").toString(), file("broken.yml").toString(), file("next.yml").toString()))
			.isEqualTo(2);
		assertThat(text(this.err)).contains("broken.yml");
		Files.writeString(file("disabled.yml"), "ws-policy.enabled: false");
		assertThat(run(file("chat.jsonl").toString(), file("disabled.yml").toString(), file("next.yml").toString()))
			.isEqualTo(2);
	}

	@Test
	void pipelineThatIsNotThere() {
		assertThat(run(file("chat.jsonl").toString(), file("current.yml") + "#caht", file("next.yml").toString()))
			.isEqualTo(2);
		assertThat(text(this.err))
			.contains("current.yml#caht: no pipeline 'caht' (expected: one of [chat, default, other])")
			.doesNotContain("built-in policies only");
	}

	@Test
	void pipelineWithDotsInItsName() throws IOException {
		Files.writeString(file("dots.yml"), """
				ws-policy.pipelines:
				  "[chat.v1]": { inbound: [ deny-nul ] }
				  "[chat.v2]": { inbound: [ maskCardNumbers ] }
				""");
		int status = run(file("chat.jsonl").toString(), file("dots.yml") + "#chat.v1", file("dots.yml") + "#chat.v1");
		assertThat(text(this.err)).isEmpty();
		assertThat(status).isZero();
	}

	@Test
	void usage() {
		assertThat(run("chat.jsonl")).isEqualTo(2);
		assertThat(run("--fast", "a", "b", "c")).isEqualTo(2);
		assertThat(text(this.err)).startsWith("Usage: ReplayCommand");
	}

	private int run(String... arguments) {
		return ReplayCommand.run(new PrintStream(this.out, true, StandardCharsets.UTF_8),
				new PrintStream(this.err, true, StandardCharsets.UTF_8), arguments);
	}

	private Path file(String name) {
		return this.directory.resolve(name);
	}

	private static String text(ByteArrayOutputStream stream) {
		return stream.toString(StandardCharsets.UTF_8);
	}

}
