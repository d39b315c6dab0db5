package dev.wspolicy.gateway;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.cloud.context.refresh.ContextRefresher;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.http.HttpStatus;
import reactor.core.publisher.Mono;

import dev.wspolicy.policy.FramePolicy;
import dev.wspolicy.policy.UpgradePolicy;
import dev.wspolicy.policy.UpgradeVerdict;
import dev.wspolicy.policy.Verdict;
import dev.wspolicy.testkit.RawClient;
import dev.wspolicy.testkit.RawSession;
import dev.wspolicy.testkit.RawUpstream;
import dev.wspolicy.testkit.WireFrame;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

/**
 * Tests for configuration that is missing when Spring Cloud reloads it from a file.
 */
@ExtendWith(OutputCaptureExtension.class)
class RemovedConfigurationTests {

	private static final String GUARDED = """
			ws-policy.pipelines.guarded:
			  apply-to-live: true
			  upgrade: [ insiders-only ]
			  inbound: [ shout ]
			""";

	private static final String DEFAULT = """
			ws-policy.pipelines.default:
			  apply-to-live: true
			  upgrade: [ insiders-only ]
			  inbound: [ shout ]
			  limits: { inbound-message: 5B }
			""";

	@TempDir
	private Path directory;

	private RawUpstream upstream;

	private TestGateway gateway;

	@BeforeEach
	void prepare() {
		this.upstream = RawUpstream.start();
	}

	@AfterEach
	void stop() {
		this.gateway.close();
		this.upstream.close();
	}

	@Test
	void removedPipelineStaysInEffect(CapturedOutput output) throws IOException {
		start(GUARDED + route("guarded"));
		try (RawSession session = open()) {
			refresh(route("guarded"));
			assertGuarded(session);
			refresh("ws-policy.pipelines.default.limits.fragments: 7\n" + route("guarded"));
			assertGuarded(session);
		}
		assertThat(output).containsOnlyOnce("The pipeline 'guarded' is no longer configured. It remains in effect");
	}

	@Test
	void restoredPipelineIsReloaded() throws IOException {
		start(GUARDED + route("guarded"));
		try (RawSession session = open()) {
			refresh(route("guarded"));
			refresh(GUARDED.replace("shout", "whisper") + route("guarded"));
			session.roundTrip();
			session.client().send(WireFrame.text("Ab").masked());
			assertThat(session.upstream().receiveFrame().payloadAsText()).isEqualTo("ab");
			assertRefused();
		}
	}

	@Test
	void removedDefaultPipelineStaysInEffect(CapturedOutput output) throws IOException {
		start(DEFAULT + route(null));
		try (RawSession session = open()) {
			refresh(route(null));
			assertGuarded(session);
		}
		assertThat(output).contains("The pipeline 'default' is no longer configured. It remains in effect");
	}

	@Test
	void othersStillInheritFromARemovedDefaultPipeline() throws IOException {
		start(DEFAULT + GUARDED + route("guarded"));
		try (RawSession session = open()) {
			refresh(GUARDED.replace("shout", "whisper") + route("guarded"));
			session.roundTrip();
			session.client().send(WireFrame.text("six by").masked());
			assertThat(session.client().receiveFrame().closeCode()).isEqualTo(1009);
		}
	}

	@Test
	void allRemovedPipelinesStayInEffect() throws IOException {
		start(DEFAULT + GUARDED + route("guarded"));
		try (RawSession session = open()) {
			refresh(route("guarded"));
			assertGuarded(session);
		}
	}

	@ParameterizedTest
	@ValueSource(strings = { "upgrade: [ insiders-only ]", "inbound: [ shout ]" })
	void removedListStaysInEffect(String list, CapturedOutput output) throws IOException {
		start(GUARDED + route("guarded"));
		try (RawSession session = open()) {
			refresh(GUARDED.replace(list, "limits: { fragments: 9 }") + route("guarded"));
			assertGuarded(session);
		}
		assertThat(output)
			.contains("The property 'ws-policy.pipelines.guarded." + list.replaceAll(":.*", "")
					+ "' is no longer configured. Its policies remain in effect")
			.contains("To remove them, set it to [].");
	}

	@Test
	void listCanBeEmptiedExplicitly() throws IOException {
		// An upgrade policy that is not annotated must be listed somewhere.
		String other = "ws-policy.pipelines.other.upgrade: [ insiders-only ]\n";
		start(other + GUARDED + route("guarded"));
		try (RawSession session = open()) {
			refresh(other + GUARDED.replace("[ shout ]", "[ ]").replace("[ insiders-only ]", "[ ]") + route("guarded"));
			session.roundTrip();
			session.client().send(WireFrame.text("Ab").masked());
			assertThat(session.upstream().receiveFrame().payloadAsText()).isEqualTo("Ab");
		}
		try (RawSession outsider = RawSession.open(client(), this.upstream)) {
			outsider.roundTrip();
		}
	}

	@Test
	void renamedPipelineServesTheRouteThatNamesIt() throws IOException {
		start(GUARDED + route("guarded"));
		refresh(GUARDED.replace("guarded", "renamed") + route("renamed"));
		try (RawSession session = open()) {
			assertGuarded(session);
		}
	}

	@Test
	void routeThatNamesAnUnknownPipelineKeepsItsOldOne() throws IOException {
		start(GUARDED + route("guarded"));
		try (RawSession session = open()) {
			refresh(GUARDED + route("nobody"));
			assertGuarded(session);
		}
	}

	@Test
	void unknownPolicyChangesNothing(CapturedOutput output) throws IOException {
		start(GUARDED + route("guarded"));
		try (RawSession session = open()) {
			refresh(GUARDED.replace("insiders-only", "insider") + route("guarded"));
			assertGuarded(session);
			refresh(GUARDED.replace("upgrade: [ insiders-only ]", "upgrade: yes") + route("guarded"));
			assertGuarded(session);
			refresh(GUARDED.replace("upgrade: [ insiders-only ]", "limits: 5KB") + route("guarded"));
			assertGuarded(session);
		}
		assertThat(output).contains("Pipelines remain unchanged: [guarded]");
	}

	/** Check that open sessions and new ones are served as before. */
	private void assertGuarded(RawSession session) {
		session.roundTrip();
		session.client().send(WireFrame.text("Ab").masked());
		assertThat(session.upstream().receiveFrame().payloadAsText()).isEqualTo("AB");
		assertRefused();
		try (RawSession later = open()) {
			later.client().send(WireFrame.text("Ab").masked());
			assertThat(later.upstream().receiveFrame().payloadAsText()).isEqualTo("AB");
		}
	}

	private void assertRefused() {
		assertThat(client().exchange().status()).isEqualTo(403);
	}

	private RawSession open() {
		return RawSession.open(client().header("X-Insider", "yes"), this.upstream);
	}

	private RawClient client() {
		return this.gateway.client().path("/chat");
	}

	private String route(String pipeline) {
		return """
				spring.cloud.gateway.server.webflux.routes:
				  - id: chat
				    uri: "%s"
				    predicates: [ Path=/chat ]
				""".formatted(this.upstream.uri())
				+ ((pipeline != null) ? "    filters: [ WsPolicy=" + pipeline + " ]\n" : "");
	}

	private void start(String configuration) throws IOException {
		write(configuration);
		this.gateway = TestGateway.with(Beans.class).set("spring.config.location", this.directory.toUri()).start();
	}

	private void refresh(String configuration) throws IOException {
		write(configuration);
		// Spring Cloud binds the properties as well, and may log its own error.
		catchThrowable(() -> this.gateway.bean(ContextRefresher.class).refresh());
	}

	private void write(String configuration) throws IOException {
		Files.writeString(this.directory.resolve("application.yml"), configuration);
	}

	@Configuration(proxyBeanMethods = false)
	static class Beans {

		@Bean
		UpgradePolicy insidersOnly() {
			return (upgrade) -> Mono.just(upgrade.headers().containsHeader("X-Insider") ? UpgradeVerdict.accept()
					: UpgradeVerdict.refuse(HttpStatus.FORBIDDEN));
		}

		@Bean
		FramePolicy shout() {
			return (frame, context) -> Verdict
				.replaceText(new String(frame.toByteArray(), StandardCharsets.UTF_8).toUpperCase(Locale.ROOT));
		}

		@Bean
		FramePolicy whisper() {
			return (frame, context) -> Verdict
				.replaceText(new String(frame.toByteArray(), StandardCharsets.UTF_8).toLowerCase(Locale.ROOT));
		}

	}

}
