package dev.wspolicy.proving.soak;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

import org.awaitility.Awaitility;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

import dev.wspolicy.frame.CloseStatus;
import dev.wspolicy.policy.FramePolicy;
import dev.wspolicy.policy.Granularity;
import dev.wspolicy.policy.Verdict;
import dev.wspolicy.policy.WsPolicy;
import dev.wspolicy.proving.Seed;
import dev.wspolicy.proving.faults.SequenceTraffic;
import dev.wspolicy.proving.site.ProvedGateway;
import dev.wspolicy.session.FrameTap;
import dev.wspolicy.session.ProxiedSession;
import dev.wspolicy.session.TappedFrame;
import dev.wspolicy.testkit.LeakWatch;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Sessions come and go, among them such that wait for verdicts, lose a leg, are tapped,
 * drained, or adopt a changed pipeline. Whenever all have ended, the footprint is the
 * same as before.
 */
@ExtendWith(LeakWatch.class)
class FootprintTests {

	private static final int SESSIONS = 12;

	private final AtomicLong tapped = new AtomicLong();

	private final AtomicInteger drains = new AtomicInteger();

	private final AtomicInteger refreshes = new AtomicInteger();

	private int round;

	@Test
	void forSomeSeconds() throws Exception {
		run(3, Duration.ofSeconds(2));
	}

	@Test
	@Tag("proving")
	void forMinutes() throws Exception {
		run(Integer.getInteger("proving.minutes", 20), Duration.ofMinutes(1));
	}

	private void run(int rounds, Duration length) throws Exception {
		Seed seed = Seed.of("Footprint");
		Footprint first = null;
		Footprint last = null;
		try (SequenceTraffic traffic = new SequenceTraffic(seed);
				ProvedGateway gateway = ProvedGateway.with(Policies.class)
					// Timers that are set, and never go off.
					.pipeline("default", "session.heartbeat.interval", "4m")
					.pipeline("default", "session.heartbeat.timeout", "1m")
					.pipeline("default", "session.idle-timeout", "5m")
					.pipeline("default", "session.max-duration", "1h")
					// However busy the machine is.
					.pipeline("default", "session.handshake-timeout", "1m")
					.pipeline("default", "session.close-timeout", "1m")
					.pipeline("default", "limits.fragments", 100)
					.pipeline("default", "apply-to-live", true)
					.route("plain", traffic.uri())
					.route("judged", traffic.uri())
					.start()) {
			ScheduledExecutorService operators = Executors.newScheduledThreadPool(1);
			try {
				for (int i = 0; i <= rounds; i++) {
					this.round = i;
					CompletableFuture<Void> operating = operate(operators, gateway, traffic, seed.trial(i), length);
					traffic.run(gateway.port(), List.of("plain", "plain", "judged"), SESSIONS, length.toNanos());
					operating.get(1, TimeUnit.MINUTES);
					gateway.awaitNoSessions();
					// Threads of the peers end a little later.
					Awaitility.await()
						.atMost(Duration.ofMinutes(1))
						.until(() -> Thread.getAllStackTraces()
							.keySet()
							.stream()
							.noneMatch((thread) -> thread.getName().startsWith("sequence-reader")));
					last = Footprint.measure();
					// The first round loads classes and fills caches.
					first = (i == 1) ? last : first;
					System.out.println("round " + i + ": " + last);
					assertThat(traffic.wrong()).isEmpty();
				}
			}
			finally {
				operators.shutdownNow();
			}
			System.out.printf("%,d frames in %,d sessions, %d refreshes, %d drains, %,d frames tapped%n",
					traffic.frames(), traffic.sessions(), this.refreshes.get(), this.drains.get(), this.tapped.get());
		}
		assertThat(this.tapped.get()).isPositive();
		assertThat(last.sessions()).isZero();
		assertThat(last.heap()).as("heap of %s after %s", last, first).isLessThan(first.heap() + 8_000_000);
		assertThat(last.direct()).as("direct of %s after %s", last, first).isLessThan(first.direct() + 34_000_000);
		assertThat(last.descriptors()).as("descriptors of %s after %s", last, first)
			.isLessThanOrEqualTo(first.descriptors() + 10);
		assertThat(last.threads()).as("threads of %s after %s", last, first).isLessThanOrEqualTo(first.threads() + 8);
		assertThat(last.timers()).as("timers of %s after %s", last, first).isLessThanOrEqualTo(first.timers() + 8);
	}

	/** Taps, drains and refreshes as long as a round lasts. */
	private CompletableFuture<Void> operate(ScheduledExecutorService operators, ProvedGateway gateway,
			SequenceTraffic traffic, Random random, Duration length) {
		CompletableFuture<Void> done = new CompletableFuture<>();
		long end = System.nanoTime() + length.toNanos();
		Runnable[] step = new Runnable[1];
		step[0] = () -> {
			try {
				if (System.nanoTime() > end) {
					done.complete(null);
					return;
				}
				operate(gateway, traffic, random);
				operators.schedule(step[0], 100, TimeUnit.MILLISECONDS);
			}
			catch (Throwable ex) {
				done.completeExceptionally(ex);
			}
		};
		operators.execute(step[0]);
		return done;
	}

	private void operate(ProvedGateway gateway, SequenceTraffic traffic, Random random) throws IOException {
		switch (random.nextInt(40)) {
			case 0 -> {
				traffic.drain();
				gateway.sessions().drain(Duration.ofMillis(50), CloseStatus.GOING_AWAY);
				// Also those that were about to open
				traffic.drain();
				gateway.sessions().endDrain();
				this.drains.incrementAndGet();
			}
			case 1 -> traffic.restartUpstreams();
			case 2, 3 -> {
				gateway.refresh(Map.of("ws-policy.pipelines.default.limits.fragments", 100 + random.nextInt(100)));
				this.refreshes.incrementAndGet();
			}
			default -> gateway.sessions().stream().limit(3).forEach(this::tap);
		}
	}

	private void tap(ProxiedSession session) {
		FrameTap tap = new FrameTap() {

			private int left = 50;

			@Override
			public boolean wantsNext() {
				return this.left > 0;
			}

			@Override
			public int payloadLimit() {
				return 100;
			}

			@Override
			public void onFrame(ProxiedSession tapped, TappedFrame frame) {
				FootprintTests.this.tapped.incrementAndGet();
				if (--this.left == 0) {
					session.untap(this);
				}
			}

		};
		session.tap(tap);
	}

	@Configuration(proxyBeanMethods = false)
	static class Policies {

		/** Sees each frame, and lets some of them wait. */
		@Bean
		@WsPolicy(granularity = Granularity.FRAME, routes = "judged")
		FramePolicy sometimesLater() {
			return (frame, context) -> (frame.length() % 16 == 9)
					? Verdict.later(CompletableFuture.supplyAsync(Verdict::forward)) : Verdict.forward();
		}

	}

}
