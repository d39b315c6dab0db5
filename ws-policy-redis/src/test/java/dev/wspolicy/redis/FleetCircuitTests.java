package dev.wspolicy.redis;

import java.time.Duration;
import java.util.concurrent.TimeUnit;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import dev.wspolicy.fleet.OnFailure;
import dev.wspolicy.fleet.RateStore;
import dev.wspolicy.fleet.Rates;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Tests for {@link FleetCircuit}.
 */
class FleetCircuitTests {

	private static final Duration TIMEOUT = Duration.ofSeconds(30);

	private final RedisProcess redis = RedisProcess.start();

	private final RedisGateway gateway = RedisGateway.impatient(this.redis.port(), "one", OnFailure.LOCAL)
		.awaitConnected();

	private final RateStore rates = this.gateway.rates("limit", new Rates(100, 100, 0, 0, Duration.ofSeconds(1), 1));

	private final FleetCircuit circuit = this.gateway.circuits().of(FleetUse.RATES);

	@AfterEach
	void stop() {
		this.gateway.close();
		this.redis.close();
	}

	/** Redis answers pings while its memory is full, but writes nothing. */
	@Test
	void probesBecomeRarerIfCallsFailAfterThem() {
		assertThat(this.redis.command("CONFIG SET maxmemory 1")).startsWith("+OK");
		for (int i = 0; i < 2; i++) {
			fail();
			awaitClosed();
		}
		fail();
		assertThat(awaitClosed()).isGreaterThan(Duration.ofSeconds(3));
	}

	/** Makes calls until the circuit is open. */
	private void fail() {
		await().pollInterval(Duration.ofMillis(10)).until(() -> {
			if (this.rates.take("key", 1, Duration.ZERO) instanceof RateStore.Later later) {
				later.answer().toCompletableFuture().get(TIMEOUT.toSeconds(), TimeUnit.SECONDS);
			}
			return !this.circuit.isClosed();
		});
	}

	/** Returns how long the circuit was open, without a call. */
	private Duration awaitClosed() {
		long begin = System.nanoTime();
		await().until(this.circuit::isClosed);
		return Duration.ofNanos(System.nanoTime() - begin);
	}

}
