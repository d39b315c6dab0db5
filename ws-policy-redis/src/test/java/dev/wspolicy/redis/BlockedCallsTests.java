package dev.wspolicy.redis;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReentrantLock;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Mono;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Calls that wait behind one that blocks their thread, as one that needs a connection
 * does while another thread opens it.
 */
class BlockedCallsTests {

	private static final Duration BOUND = Duration.ofSeconds(10);

	private static final int CALLS = 200;

	private final FleetConnection connection = FleetConnection.open();

	private final FleetCircuits circuits = new FleetCircuits(Duration.ofMillis(200), this.connection);

	@AfterEach
	void close() {
		this.connection.close();
	}

	@Test
	void callsThatHaveTimedOutAreNotMade() throws InterruptedException {
		ReentrantLock lock = new ReentrantLock();
		CountDownLatch blocked = new CountDownLatch(1);
		AtomicInteger made = new AtomicInteger();
		lock.lock();
		try {
			this.circuits.of(FleetUse.DIRECTORY).call(() -> {
				blocked.countDown();
				lock.lock();
				lock.unlock();
				return Mono.just("late");
			}, (failure) -> Mono.empty()).subscribe();
			blocked.await();
			for (int i = 0; i < CALLS; i++) {
				long begin = System.nanoTime();
				assertThat(call(made)).isEqualTo("alone");
				assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(BOUND);
			}
			assertThat(made).hasValue(0);
		}
		finally {
			lock.unlock();
		}
		AtomicInteger answered = new AtomicInteger();
		await().until(() -> {
			if (call(made).equals("shared")) {
				answered.incrementAndGet();
			}
			return this.circuits.of(FleetUse.RATES).isClosed();
		});
		assertThat(made).hasValueGreaterThan(0).hasValueLessThanOrEqualTo(answered.get() + 3);
	}

	private String call(AtomicInteger made) {
		return this.circuits.of(FleetUse.RATES).call(() -> {
			made.incrementAndGet();
			return Mono.just("shared");
		}, (failure) -> Mono.just("alone")).blockOptional(BOUND).orElseThrow();
	}

}
