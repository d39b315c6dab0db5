package dev.wspolicy.proving.concurrency;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.boot.availability.AvailabilityChangeEvent;
import org.springframework.boot.availability.ReadinessState;
import org.springframework.context.ApplicationEventPublisher;

import dev.wspolicy.frame.CloseStatus;
import dev.wspolicy.gateway.SessionDrain;
import dev.wspolicy.netty.LiveSessions;
import dev.wspolicy.proving.Seed;
import dev.wspolicy.testkit.QuietLog;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Operators begin and cancel drains while the application starts and stops: in the end,
 * the application accepts traffic if, and only if, it is not draining.
 */
@ExtendWith(QuietLog.class)
class SessionDrainTests {

	private final ExecutorService threads = Executors.newFixedThreadPool(3);

	@AfterEach
	void stop() {
		this.threads.shutdownNow();
	}

	@Test
	void drainsAndReadiness() throws Exception {
		run(Seed.of("session drain"), 300);
	}

	@Test
	@Tag("proving")
	void longRun() throws Exception {
		run(Seed.of("session drain, long"), 50_000);
	}

	private void run(Seed seed, int rounds) throws Exception {
		for (int i = 0; i < rounds; i++) {
			LiveSessions sessions = new LiveSessions();
			List<ReadinessState> states = new ArrayList<>();
			ApplicationEventPublisher events = (event) -> {
				if (event instanceof AvailabilityChangeEvent<?> change
						&& change.getState() instanceof ReadinessState state) {
					synchronized (states) {
						states.add(state);
					}
				}
			};
			SessionDrain drain = new SessionDrain(sessions, Duration.ZERO, CloseStatus.GOING_AWAY, () -> Duration.ZERO,
					Duration.ofSeconds(10), events);
			drain.start();
			states.clear();
			CyclicBarrier barrier = new CyclicBarrier(3);
			List<Future<?>> running = new ArrayList<>();
			for (int thread = 0; thread < 3; thread++) {
				Random random = seed.trial(3L * i + thread);
				running.add(this.threads.submit(() -> {
					barrier.await();
					for (int step = 0; step < 6; step++) {
						step(drain, random.nextInt(7));
					}
					return null;
				}));
			}
			for (Future<?> future : running) {
				future.get(30, TimeUnit.SECONDS);
			}
			boolean refusing = !states.isEmpty() && states.get(states.size() - 1) == ReadinessState.REFUSING_TRAFFIC;
			assertThat(refusing).as("round %d of %s, %s", i, seed, states).isEqualTo(sessions.isDraining());
		}
	}

	private static void step(SessionDrain drain, int what) {
		switch (what) {
			case 0, 1, 2 -> drain.begin(Duration.ZERO, null);
			case 3, 4 -> drain.cancel();
			case 5 -> drain.stop();
			default -> drain.start();
		}
	}

}
