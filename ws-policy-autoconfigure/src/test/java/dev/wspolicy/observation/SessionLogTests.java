package dev.wspolicy.observation;

import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.Instant;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

import dev.wspolicy.frame.CloseStatus;
import dev.wspolicy.frame.Direction;
import dev.wspolicy.gateway.TestGateway;
import dev.wspolicy.session.Termination;
import dev.wspolicy.session.Termination.Cause;
import dev.wspolicy.session.Termination.Initiator;
import dev.wspolicy.session.TestSession;
import dev.wspolicy.session.TrafficCounts;
import dev.wspolicy.testkit.RawSession;
import dev.wspolicy.testkit.RawUpstream;
import dev.wspolicy.testkit.WireFrame;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Tests for {@link SessionLog}.
 */
@ExtendWith(OutputCaptureExtension.class)
class SessionLogTests {

	private static final Instant OPENED_AT = Instant.parse("2026-01-02T03:04:05Z");

	private static final Termination LIMIT = new Termination(Initiator.GATEWAY, Cause.LIMIT_EXCEEDED, null,
			CloseStatus.TOO_BIG.withReason("secret reason"), CloseStatus.EMPTY, CloseStatus.GOING_AWAY);

	@AutoClose
	private final RawUpstream upstream = RawUpstream.start();

	@Test
	void formatsALine() {
		TestSession session = session("ann").count(Direction.INBOUND, new TrafficCounts(3, 2, 100))
			.count(Direction.OUTBOUND, new TrafficCounts(5, 5, 2000));
		assertThat(SessionLog.line(session, LIMIT, OPENED_AT.plus(Duration.ofMillis(1234))))
			.isEqualTo("WebSocket session closed: id=0a1b route=chat pipeline=default principal=ann duration_ms=1234 "
					+ "inbound_frames=3 inbound_bytes=100 outbound_frames=5 outbound_bytes=2000 cause=limit_exceeded "
					+ "initiator=gateway from_client=- to_client=1009 from_upstream=1005 to_upstream=1001 policy=-");
	}

	@ParameterizedTest
	@CsvSource(quoteCharacter = '|',
			value = { "ann@example.com, ann@example.com", "Ann Lee, \"Ann Lee\"", "a=b, \"a=b\"", "a\"b, \"a\\\"b\"",
					"a\\b, \"a\\\\b\"", "-, \"-\"", "||, \"\"", "\u00e4, \"\u00e4\"", "|a\nid=1|, \"a\\u000aid=1\"",
					"|a\u202eb|, \"a\\u202eb\"", ", -" })
	void valuesAreEscaped(@Nullable String principal, String logged) {
		assertThat(SessionLog.line(session(principal), LIMIT, OPENED_AT))
			.contains(" principal=" + logged + " duration_ms=0 ");
	}

	@Test
	void logsALineWhenASessionCloses(CapturedOutput output) {
		try (TestGateway gateway = gateway().start()) {
			converse(gateway);
			await().untilAsserted(() -> assertThat(
					output.toString().lines().filter((line) -> line.contains("WebSocket session closed")))
				.singleElement()
				.asString()
				.contains("INFO", "dev.wspolicy.session", " route=chat ", " principal=- ", " inbound_frames=2 ",
						" inbound_bytes=14 ", " cause=close_frame initiator=client from_client=1000 to_client=1000 "));
		}
		assertThat(output.toString()).doesNotContain("t0ps3cret");
	}

	@Test
	void invalidCodeFromTheUpstreamIsLogged(CapturedOutput output) {
		try (TestGateway gateway = gateway().start()) {
			try (RawSession session = RawSession.open(gateway.client().path("/chat/1"), this.upstream)) {
				session.upstream().send(WireFrame.close(2000));
				assertThat(session.client().receiveFrame().closeCode()).isEqualTo(1011);
				assertThat(session.upstream().receiveFrame().closeCode()).isEqualTo(1002);
			}
			gateway.awaitNoSessions();
		}
		assertThat(output.toString().lines().filter((line) -> line.contains("WebSocket session closed")))
			.singleElement()
			.asString()
			.contains(" cause=protocol_violation initiator=gateway from_client=- to_client=1011 from_upstream=2000 "
					+ "to_upstream=1002 policy=-");
	}

	@Test
	void canBeDisabled(CapturedOutput output) {
		try (TestGateway gateway = gateway().set("ws-policy.log-sessions", false).start()) {
			converse(gateway);
			gateway.awaitNoSessions();
		}
		assertThat(output.toString()).doesNotContain("WebSocket session closed");
	}

	private TestGateway.Builder gateway() {
		return TestGateway.with()
			.complete()
			.route("chat", this.upstream.uri())
			// Nothing waits for it
			.set("ws-policy.pipelines.default.session.close-timeout", "1m")
			.set("logging.level.dev.wspolicy.session", "info");
	}

	private void converse(TestGateway gateway) {
		try (RawSession session = RawSession.open(gateway.client().path("/chat/1?token=t0ps3cret"), this.upstream)) {
			session.client().send(WireFrame.text("t0ps3cret").masked(), WireFrame.close(1000, "bye").masked());
			session.upstream().receiveFrames(2);
			session.upstream().send(WireFrame.close(1000));
			session.client().receiveFrame();
			session.client().expectClosed();
		}
	}

	private static TestSession session(@Nullable String principal) {
		return new TestSession("0a1b", "chat", principal, new InetSocketAddress("127.0.0.1", 1), OPENED_AT);
	}

}
