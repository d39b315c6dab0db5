package dev.wspolicy.gateway;

import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedTransferQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

import dev.wspolicy.frame.BinaryFrame;
import dev.wspolicy.frame.CloseStatus;
import dev.wspolicy.frame.Frame;
import dev.wspolicy.frame.PingFrame;
import dev.wspolicy.frame.PongFrame;
import dev.wspolicy.frame.TextFrame;
import dev.wspolicy.policy.OnError;
import dev.wspolicy.policy.Verdict;
import dev.wspolicy.session.Termination;
import dev.wspolicy.session.Termination.Cause;
import dev.wspolicy.testkit.RawSession;
import dev.wspolicy.testkit.WireFrame;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.awaitility.Awaitility.await;

/**
 * Tests for the verdicts of policies as users write them, and for policies that fail.
 */
@ExtendWith(OutputCaptureExtension.class)
class UserVerdictsTests extends AbstractUserPoliciesTests {

	@Test
	void verdictByMonoOrFuture() {
		AtomicInteger count = new AtomicInteger();
		script((frame, context) -> {
			Verdict verdict = Verdict.replaceText(((TextFrame) frame).text() + "+");
			Duration delay = Duration.ofMillis((count.getAndIncrement() % 3) * 20);
			return (count.get() % 2 == 0) ? Verdict.later(Mono.delay(delay).thenReturn(verdict))
					: Verdict.later(CompletableFuture.supplyAsync(() -> verdict,
							CompletableFuture.delayedExecutor(delay.toMillis(), TimeUnit.MILLISECONDS)));
		});
		try (RawSession session = open("scripted")) {
			WireFrame[] frames = new WireFrame[30];
			for (int i = 0; i < frames.length; i++) {
				frames[i] = WireFrame.text("m" + i).masked();
			}
			session.client().send(frames);
			for (int i = 0; i < frames.length; i++) {
				assertThat(session.upstream().receiveFrame().payloadAsText()).isEqualTo("m" + i + "+");
			}
		}
	}

	@Test
	void verdictThatSessionsShareOutlivesTheFirst() {
		CompletableFuture<Verdict> shared = new CompletableFuture<>();
		BlockingQueue<Frame> waiting = new LinkedTransferQueue<>();
		Verdict later = Verdict.later(shared);
		script((frame, context) -> {
			waiting.add(frame);
			return later;
		});
		try (RawSession second = gateway.open("scripted")) {
			try (RawSession first = open("scripted")) {
				first.client().send(WireFrame.text("a").masked());
				second.client().send(WireFrame.text("b").masked());
				await().until(() -> waiting.size() == 2);
			}
			assertThat(gateway.termination().cause()).isEqualTo(Cause.CONNECTION_LOST);
			assertThat(shared).isNotDone();
			shared.complete(Verdict.replaceText("shared"));
			assertThat(second.upstream().receiveFrame().payloadAsText()).isEqualTo("shared");
			second.client().send(WireFrame.text("c").masked());
			assertThat(second.upstream().receiveFrame().payloadAsText()).isEqualTo("shared");
		}
	}

	@Test
	void nestedDelayedVerdicts() {
		script((frame,
				context) -> Verdict.later(Mono.fromCallable(() -> ((TextFrame) frame).text())
					.subscribeOn(Schedulers.parallel())
					.map((text) -> Verdict.later(Mono.just(Verdict.replaceText(text + " read"))))));
		try (RawSession session = open("scripted")) {
			session.upstream().send(WireFrame.text("x".repeat(1000)));
			assertThat(session.client().receiveFrame().payloadAsText()).isEqualTo("x".repeat(1000) + " read");
		}
	}

	@Test
	void reply() {
		script((frame, context) -> Verdict.reply(TextFrame.of("pong of the gateway"), PingFrame.of(new byte[] { 1 })));
		try (RawSession session = open("scripted")) {
			session.client().send(WireFrame.text("swallowed").masked());
			assertThat(session.client().receiveFrame()).isEqualTo(WireFrame.text("pong of the gateway"));
			assertThat(session.client().receiveFrame()).isEqualTo(WireFrame.ping((byte) 1));
			session.upstream().send(WireFrame.text("swallowed"));
			WireFrame answer = session.upstream().receiveFrame();
			assertThat(answer.isMasked()).isTrue();
			assertThat(answer.payloadAsText()).isEqualTo("pong of the gateway");
		}
	}

	@Test
	void replaceByNoneOrSeveralFrames() {
		script((frame, context) -> {
			String text = ((TextFrame) frame).text();
			return text.isEmpty() ? Verdict.replace() : Verdict.replace(TextFrame.of(text), BinaryFrame.of(new byte[3]),
					PongFrame.of(new byte[2]), TextFrame.of("end"));
		});
		try (RawSession session = open("scripted")) {
			session.client().send(WireFrame.text("").masked(), WireFrame.text("a").masked());
			assertThat(session.upstream().receiveFrames(4)).extracting(WireFrame::unmasked)
				.containsExactly(WireFrame.text("a"), WireFrame.binary(new byte[3]), WireFrame.pong(new byte[2]),
						WireFrame.text("end"));
		}
	}

	@Test
	void drop() {
		script((frame, context) -> ((TextFrame) frame).text().contains("rude") ? Verdict.drop() : Verdict.forward());
		try (RawSession session = open("scripted")) {
			WireFrame polite = WireFrame.text("polite").masked();
			session.client().send(WireFrame.text("rude").masked(), polite, WireFrame.text("rude too").masked(), polite);
			assertThat(session.upstream().receiveFrames(2)).containsExactly(polite, polite);
		}
	}

	@Test
	void closeWithTwoStatuses() throws Exception {
		script((frame, context) -> Verdict.close(CloseStatus.of(4001, "to client"),
				CloseStatus.of(4002, "to upstream")));
		try (RawSession session = open("scripted")) {
			session.client().send(WireFrame.text("a").masked(), WireFrame.text("b").masked());
			assertThat(session.client().receiveFrame()).isEqualTo(WireFrame.close(4001, "to client"));
			assertThat(session.upstream().receiveFrame().unmasked()).isEqualTo(WireFrame.close(4002, "to upstream"));
		}
		Termination termination = closed();
		assertThat(termination.cause()).isEqualTo(Cause.POLICY);
		assertThat(termination.initiator()).isEqualTo(Termination.Initiator.GATEWAY);
		assertThat(termination.toClient()).isEqualTo(CloseStatus.of(4001, "to client"));
		assertThat(termination.toUpstream()).isEqualTo(CloseStatus.of(4002, "to upstream"));
	}

	@ParameterizedTest
	@CsvSource({ "throws", "null", "illegal", "fails later", "empty later", "error" })
	void onError(String how, CapturedOutput output) throws Exception {
		for (OnError onError : OnError.values()) {
			String route = "on-error-" + onError.name().toLowerCase(Locale.ROOT);
			try (RawSession session = open(route)) {
				WireFrame bad = WireFrame.text(how).masked();
				WireFrame good = WireFrame.text("good").masked();
				session.client().send(good, bad, bad, good);
				assertThat(session.upstream().receiveFrame()).isEqualTo(good);
				if (onError == OnError.CLOSE) {
					assertThat(session.upstream().receiveFrame().closeCode()).isEqualTo(1011);
					assertThat(session.client().receiveFrame().closeCode()).isEqualTo(1011);
				}
				else {
					if (onError == OnError.FORWARD) {
						assertThat(session.upstream().receiveFrames(2)).containsExactly(bad, bad);
					}
					assertThat(session.upstream().receiveFrame()).isEqualTo(good);
				}
			}
			assertThat(closed().cause())
				.isEqualTo((onError == OnError.CLOSE) ? Cause.POLICY_FAILURE : Cause.CONNECTION_LOST);
			assertThat(output.getOut().split("route '" + route + "'", -1)).as("logged once").hasSize(2);
		}
	}

	@Test
	void verdictTimeout() throws Exception {
		try (RawSession session = open("never")) {
			session.client().send(WireFrame.text("?").masked());
			assertThat(session.client().receiveFrame().closeCode()).isEqualTo(1011);
			assertThat(session.upstream().receiveFrame().closeCode()).isEqualTo(1011);
		}
		assertThat(closed().cause()).isEqualTo(Cause.VERDICT_TIMEOUT);
		assertThat(beans().never.isCancelled()).isTrue();
	}

	@Test
	void invalidUtf8ClosesTheSessionWhateverTheVerdict() throws Exception {
		script((frame, context) -> {
			try {
				return Verdict.replaceText(((TextFrame) frame).text());
			}
			catch (RuntimeException ex) {
				return Verdict.forward();
			}
		});
		try (RawSession session = open("scripted")) {
			session.client().send(WireFrame.text(new byte[] { (byte) 0xFF, 'a' }).masked());
			assertThat(session.client().receiveFrame().closeCode()).isEqualTo(1007);
			assertThat(session.upstream().receiveFrame().closeCode()).isEqualTo(1001);
		}
		assertThat(closed().cause()).isEqualTo(Cause.INVALID_PAYLOAD);
	}

	@Test
	void readingAFrameAfterItsVerdictThrows() {
		BlockingQueue<Frame> kept = new LinkedTransferQueue<>();
		script((frame, context) -> {
			kept.add(frame);
			kept.add(frame.copy());
			return Verdict.forward();
		});
		try (RawSession session = open("scripted")) {
			session.client().send(WireFrame.text("kept").masked());
			session.upstream().receiveFrame();
			Frame gone = kept.remove();
			assertThat(catchThrowable(gone::toByteArray)).isInstanceOf(IllegalStateException.class);
			assertThat(gone.length()).isEqualTo(4);
			assertThat(((TextFrame) kept.remove()).text()).isEqualTo("kept");
		}
	}

}
