package dev.wspolicy.test;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.context.SpringBootTest.WebEnvironment;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.context.ApplicationContext;
import org.springframework.context.annotation.Configuration;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;

import dev.wspolicy.frame.CloseStatus;
import dev.wspolicy.frame.Direction;
import dev.wspolicy.policy.TextPolicy;
import dev.wspolicy.policy.Verdict;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Sessions of a gateway on sockets, recorded by {@code frame-log} and replayed.
 */
@SpringBootTest(webEnvironment = WebEnvironment.RANDOM_PORT,
		properties = { "spring.cloud.gateway.server.webflux.routes[0].id=chat",
				"spring.cloud.gateway.server.webflux.routes[0].uri=${chat.uri}",
				"spring.cloud.gateway.server.webflux.routes[0].predicates[0]=Path=/chat/**",
				"ws-policy.pipelines.default.inbound[0].frame-log.types=text,binary,close",
				"ws-policy.pipelines.default.inbound[0].frame-log.payload=true",
				"ws-policy.pipelines.default.inbound[0].frame-log.record.file=${recording}",
				"ws-policy.pipelines.default.inbound[1]=deny-nul",
				"ws-policy.pipelines.default.outbound[0].frame-log.payload=true",
				"ws-policy.pipelines.default.outbound[0].frame-log.record.file=${recording}" })
class RecordedGatewayTests {

	@RegisterExtension
	static final WebSocketUpstream upstream = new WebSocketUpstream();

	@TempDir
	private static Path directory;

	private final String uri;

	private final ApplicationContext context;

	RecordedGatewayTests(@LocalServerPort int port, ApplicationContext context) {
		this.uri = "ws://localhost:" + port + "/chat?token=secret";
		this.context = context;
	}

	@DynamicPropertySource
	static void properties(DynamicPropertyRegistry registry) {
		registry.add("chat.uri", upstream::uri);
		registry.add("recording", () -> file().toString());
	}

	private static Path file() {
		return directory.resolve("chat.jsonl");
	}

	@Test
	void recordsAndReplays() throws IOException {
		SocketPeer client = upstream.client(this.uri).header("Authorization", "Bearer secret").open();
		SocketPeer server = upstream.accept();
		for (int i = 0; i < 20; i++) {
			client.send((i % 10 == 0) ? "HELLO " + i : "hello " + i);
			server.expect((i % 10 == 0) ? "HELLO " + i : "hello " + i).send("WELCOME");
			client.expect("WELCOME");
		}
		client.close(CloseStatus.of(1000));
		server.expectClosed(1000);
		client.expectClosed(1000);
		await().until(() -> content().contains("\"record\":\"close\""));
		assertThat(content()).doesNotContain("secret").doesNotContain("token");
		try (PipelineTester current = PipelineTester.of(this.context);
				PipelineTester same = PipelineTester.of(this.context)) {
			ReplayReport report = PolicyTester.replay(file()).through(current).comparedWith(same);
			assertThat(report.differences()).as(report.toString()).isEmpty();
			assertThat(report.messages()).isEqualTo(41);
			assertThat(report.sessions()).isEqualTo(1);
			TextPolicy noShouting = (text, session) -> text.equals(text.toUpperCase(Locale.ROOT)) ? Verdict.drop()
					: Verdict.forward();
			report = PolicyTester.replay(file()).through(current).comparedWith(PolicyTester.annotated(noShouting));
			assertThat(report.different(Direction.INBOUND)).isEqualTo(2);
			assertThat(report.different(Direction.OUTBOUND)).isEqualTo(20);
		}
		assertThat(content().lines()).as("recorded again").filteredOn((line) -> line.contains("\"open\"")).hasSize(1);
	}

	private static String content() {
		try {
			return Files.exists(file()) ? Files.readString(file()) : "";
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	@EnableAutoConfiguration
	@Configuration(proxyBeanMethods = false)
	static class Gateway {

	}

}
