package dev.wspolicy.gateway;

import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedTransferQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

import dev.wspolicy.frame.CloseStatus;
import dev.wspolicy.frame.Direction;
import dev.wspolicy.frame.Frame;
import dev.wspolicy.frame.TextFrame;
import dev.wspolicy.policy.FrameContext;
import dev.wspolicy.policy.FramePolicy;
import dev.wspolicy.policy.Verdict;
import dev.wspolicy.policy.WsPolicy;
import dev.wspolicy.session.FrameTap;
import dev.wspolicy.session.ProxiedSession;
import dev.wspolicy.session.ScheduledTask;
import dev.wspolicy.session.Side;
import dev.wspolicy.session.TappedFrame;
import dev.wspolicy.session.Termination;
import dev.wspolicy.testkit.RawSession;
import dev.wspolicy.testkit.WireFrame;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;
import static org.awaitility.Awaitility.await;

/**
 * Tests for what policies can do with a session, on real sockets.
 */
@ExtendWith(OutputCaptureExtension.class)
class ProxiedSessionTests {

	@RegisterExtension
	static final GatewayExtension gateway = GatewayExtension.with(Policies.class)
		.set("logging.level.dev.wspolicy.session", "info")
		.routes("any");

	@Test
	void tasksRunOnTheEventLoopInOrder() throws InterruptedException {
		try (RawSession session = open()) {
			ProxiedSession opened = opened();
			Queue<Thread> threads = new ConcurrentLinkedQueue<>();
			opened.schedule(Duration.ofHours(1), () -> opened.send(Side.CLIENT, TextFrame.of("third")));
			opened.schedule(Duration.ZERO, () -> {
				threads.add(Thread.currentThread());
				opened.send(Side.CLIENT, TextFrame.of("first"));
			});
			opened.schedule(Duration.ofMillis(80), () -> {
				threads.add(Thread.currentThread());
				opened.send(Side.CLIENT, TextFrame.of("second"));
			});
			assertThat(session.client().receiveFrame().payloadAsText()).isEqualTo("first");
			assertThat(session.client().receiveFrame().payloadAsText()).isEqualTo("second");
			assertThat(threads).hasSize(2).containsOnly(gateway.bean(Policies.class).loop);
		}
	}

	@Test
	void cancelledTaskNeverRuns() throws InterruptedException {
		try (RawSession session = open()) {
			ProxiedSession opened = opened();
			CompletableFuture<ScheduledTask> last = new CompletableFuture<>();
			// On the event loop, no task runs before it is cancelled.
			opened.schedule(Duration.ZERO, () -> {
				ScheduledTask task = opened.schedule(Duration.ofMillis(50),
						() -> opened.send(Side.CLIENT, TextFrame.of("cancelled")));
				last.complete(
						opened.schedule(Duration.ofMillis(150), () -> opened.send(Side.CLIENT, TextFrame.of("kept"))));
				task.cancel();
				task.cancel();
			});
			assertThat(session.client().receiveFrame().payloadAsText()).isEqualTo("kept");
			last.join().cancel();
		}
	}

	@Test
	void tasksAreCancelledWithTheirSession() throws InterruptedException {
		Queue<String> ran = new ConcurrentLinkedQueue<>();
		ProxiedSession gone;
		try (RawSession session = open()) {
			ProxiedSession ending = opened();
			ending.schedule(Duration.ofMillis(400), () -> {
				// It may also be due before the end.
				if (gateway.sessions().find(ending.id()).isEmpty()) {
					ran.add("scheduled before the end");
				}
			});
			gone = ending;
			session.client().reset();
			session.upstream().reset();
			gateway.awaitNoSessions();
		}
		gone.schedule(Duration.ZERO, () -> ran.add("scheduled after the end")).cancel();
		gone.schedule(Duration.ZERO, () -> ran.add("scheduled after the end"));
		try (RawSession session = open()) {
			ProxiedSession other = opened();
			other.schedule(Duration.ofMillis(500), () -> other.send(Side.CLIENT, TextFrame.of("later")));
			assertThat(session.client().receiveFrame().payloadAsText()).isEqualTo("later");
			assertThat(ran).isEmpty();
		}
	}

	@Test
	void failingTaskDoesNotAffectTheSession(CapturedOutput output) throws InterruptedException {
		try (RawSession session = open()) {
			ProxiedSession opened = opened();
			opened.schedule(Duration.ZERO, () -> {
				throw new IllegalStateException("of no use");
			});
			opened.schedule(Duration.ofDays(1_000_000), () -> {
			});
			opened.schedule(Duration.ofMillis(1), () -> opened.send(Side.CLIENT, TextFrame.of("alive")));
			assertThat(session.client().receiveFrame().payloadAsText()).isEqualTo("alive");
			assertThat(output).contains("a scheduled task failed for session " + opened.id()).contains("of no use");
			assertThatIllegalArgumentException().isThrownBy(() -> opened.schedule(Duration.ofNanos(-1), () -> {
			}));
		}
	}

	@Test
	void taskCanCloseTheSession() throws InterruptedException {
		try (RawSession session = open()) {
			ProxiedSession opened = opened();
			opened.schedule(Duration.ofMillis(10), () -> opened.close(CloseStatus.of(4401), CloseStatus.GOING_AWAY));
			assertThat(session.client().receiveFrame().closeCode()).isEqualTo(4401);
			assertThat(session.upstream().receiveFrame().closeCode()).isEqualTo(1001);
		}
	}

	@Test
	void frameThatWasRetainedWithoutACopyIsNotSent(CapturedOutput output) throws InterruptedException {
		try (RawSession session = open()) {
			ProxiedSession opened = opened();
			session.client().send(WireFrame.text("ada").masked());
			assertThat(session.upstream().receiveFrame().payloadAsText()).isEqualTo("ada");
			Frame kept = Objects.requireNonNull(gateway.bean(Policies.class).last);
			assertThatIllegalStateException().isThrownBy(() -> opened.send(Side.CLIENT, kept));
			opened.schedule(Duration.ZERO, () -> opened.send(Side.CLIENT, kept));
			opened.schedule(Duration.ofMillis(1), () -> opened.send(Side.CLIENT, TextFrame.of("alive")));
			assertThat(session.client().receiveFrame().payloadAsText()).isEqualTo("alive");
			assertThat(output).contains("a scheduled task failed for session " + opened.id()).contains("copy() frames");
		}
	}

	@Test
	void invalidArgumentsFailInTheCaller() throws InterruptedException {
		try (RawSession session = open()) {
			ProxiedSession opened = opened();
			assertThatNullPointerException().isThrownBy(() -> opened.close(null));
			assertThatNullPointerException().isThrownBy(() -> opened.close(CloseStatus.NORMAL, null));
			assertThatNullPointerException().isThrownBy(() -> opened.limits(Direction.INBOUND, null));
			assertThatNullPointerException().isThrownBy(() -> opened.tap(null));
			session.roundTrip();
		}
	}

	@ParameterizedTest
	@ValueSource(strings = { "wantsNext", "payloadLimit", "onFrame" })
	void failingTapIsDetached(String failing, CapturedOutput output) throws InterruptedException {
		try (RawSession session = open()) {
			ProxiedSession opened = opened();
			FailingTap tap = new FailingTap(failing);
			opened.tap(tap);
			for (String name : List.of("ada", "bob")) {
				session.client().send(WireFrame.text(name).masked());
				assertThat(session.upstream().receiveFrame().payloadAsText()).isEqualTo(name);
				session.upstream().send(WireFrame.text(name));
				assertThat(session.client().receiveFrame().payloadAsText()).isEqualTo(name);
			}
			assertThat(tap.failures).hasValue(1);
			assertThat(output).contains("A tap on session " + opened.id() + " failed and has been removed");
		}
	}

	@Test
	void tapCanCloseTheSession() throws InterruptedException {
		try (RawSession session = open()) {
			ProxiedSession opened = opened();
			opened.tap(new FailingTap("nothing") {

				@Override
				public void onFrame(ProxiedSession session, TappedFrame frame) {
					session.close(CloseStatus.of(4000));
				}

			});
			// The tap is attached on the event loop.
			CountDownLatch attached = new CountDownLatch(1);
			opened.schedule(Duration.ofMillis(1), attached::countDown);
			assertThat(attached.await(30, TimeUnit.SECONDS)).isTrue();
			session.upstream().send(WireFrame.text("last"), WireFrame.text("late"));
			assertThat(session.client().receiveFrame()).isEqualTo(WireFrame.text("last"));
			assertThat(session.client().receiveFrame()).isEqualTo(WireFrame.close(4000));
			assertThat(session.upstream().receiveFrame().unmasked()).isEqualTo(WireFrame.close(4000));
		}
	}

	@Test
	void policyCanSetThePrincipal(CapturedOutput output) throws InterruptedException {
		try (RawSession session = open()) {
			ProxiedSession opened = opened();
			assertThat(opened.principal()).isNull();
			session.client().send(WireFrame.text("ada").masked());
			assertThat(session.upstream().receiveFrame().payloadAsText()).isEqualTo("ada");
			assertThat(opened.principal()).isNotNull().extracting("name").isEqualTo("ada");
			assertThat(opened.upgrade().principal()).isNull();
			assertThatNullPointerException().isThrownBy(() -> opened.principal(null));
		}
		await().untilAsserted(() -> assertThat(output).containsPattern("session closed: .* principal=ada "));
	}

	private static RawSession open() {
		gateway.bean(Policies.class).opened.clear();
		return gateway.open("any");
	}

	private static ProxiedSession opened() throws InterruptedException {
		return gateway.bean(Policies.class).opened.take();
	}

	/**
	 * Fails in the given method, each time that it is called.
	 */
	private static class FailingTap implements FrameTap {

		private final AtomicInteger failures = new AtomicInteger();

		private final String failing;

		FailingTap(String failing) {
			this.failing = failing;
		}

		private void fail(String where) {
			if (where.equals(this.failing)) {
				this.failures.incrementAndGet();
				throw new AssertionError("on purpose");
			}
		}

		@Override
		public boolean wantsNext() {
			fail("wantsNext");
			return true;
		}

		@Override
		public int payloadLimit() {
			fail("payloadLimit");
			return 1;
		}

		@Override
		public void onFrame(ProxiedSession session, TappedFrame frame) {
			fail("onFrame");
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class Policies {

		private final BlockingQueue<ProxiedSession> opened = new LinkedTransferQueue<>();

		private volatile Thread loop;

		private volatile @Nullable Frame last;

		@Bean
		@WsPolicy(direction = Direction.INBOUND)
		FramePolicy nameTheClient() {
			return new FramePolicy() {

				@Override
				public Verdict apply(Frame frame, FrameContext context) {
					Policies.this.last = frame;
					String name = ((TextFrame) frame).text();
					context.session().principal(() -> name);
					return Verdict.forward();
				}

				@Override
				public void onOpen(ProxiedSession session) {
					Policies.this.loop = Thread.currentThread();
					Policies.this.opened.add(session);
				}

				@Override
				public void onClose(ProxiedSession session, Termination termination) {
					session.schedule(Duration.ZERO, () -> {
						throw new IllegalStateException("ran after the end");
					});
				}

			};
		}

	}

}
