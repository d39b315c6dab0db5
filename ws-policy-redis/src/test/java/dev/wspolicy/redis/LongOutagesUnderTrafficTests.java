package dev.wspolicy.redis;

import java.time.Duration;

import org.junit.jupiter.api.Tag;

/**
 * The same with the default timeout, and outages that last longer than the lease.
 */
@Tag("soak")
class LongOutagesUnderTrafficTests extends OutagesUnderTrafficTests {

	private static final int MESSAGES = 2000;

	@Override
	Duration timeout() {
		return Duration.ofMillis(200);
	}

	@Override
	Duration lease() {
		return Duration.ofSeconds(15);
	}

	@Override
	Duration bound() {
		return Duration.ofSeconds(1);
	}

	@Override
	Duration repaired() {
		return Duration.ofSeconds(20);
	}

	@Override
	void endure() {
		gateways().traffic().awaitMessages(MESSAGES);
	}

}
