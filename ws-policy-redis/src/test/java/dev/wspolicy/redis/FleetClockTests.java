package dev.wspolicy.redis;

import java.time.Duration;
import java.util.concurrent.TimeUnit;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link FleetClock}.
 */
class FleetClockTests {

	private static final long START = Duration.ofHours(1).toMillis();

	/** What is lost of a time that passes through milliseconds. */
	private static final long ROUNDING = 1;

	private long process = TimeUnit.SECONDS.toNanos(-7);

	private long redis = START;

	private final FleetClock clock = new FleetClock(() -> this.process, () -> 42);

	@Test
	void isThatOfTheSystemAtFirst() {
		assertThat(this.clock.isKnown()).isFalse();
		assertThat(this.clock.nanos()).isEqualTo(42);
		this.clock.tell(this.redis);
		assertThat(this.clock.isKnown()).isTrue();
		assertThat(millis()).isEqualTo(START);
	}

	@Test
	void runsBetweenAnswers() {
		this.clock.tell(this.redis);
		pass(1234);
		assertThat(millis()).isEqualTo(START + 1234);
	}

	@Test
	void ignoresWhatAnswersTakeOnTheirWay() {
		this.clock.tell(this.redis);
		for (int i = 0; i < 7; i++) {
			pass(5000);
			this.clock.tell(this.redis - 150);
			assertThat(millis()).isEqualTo(this.redis);
		}
		this.clock.tell(this.redis - 10);
		pass(5000);
		assertThat(millis()).isBetween(this.redis - 10, this.redis);
	}

	@Test
	void goesForwardAtOnce() {
		this.clock.tell(this.redis);
		this.redis += Duration.ofHours(1).toMillis();
		this.clock.tell(this.redis);
		assertThat(millis()).isEqualTo(this.redis);
	}

	@Test
	void neverGoesBack() {
		this.clock.tell(this.redis);
		this.redis -= 10_000;
		long before = this.clock.nanos();
		int steps = 0;
		while (millis() > this.redis + ROUNDING) {
			pass(100);
			if (++steps % 50 == 0) {
				this.clock.tell(this.redis);
			}
			assertThat(this.clock.nanos()).isGreaterThanOrEqualTo(before + TimeUnit.MILLISECONDS.toNanos(87));
			before = this.clock.nanos();
			assertThat(steps).isLessThan(2000);
		}
		// The answers from before count for 40 s, then 10 s are made up for in 80 s
		assertThat(steps).isBetween(1150, 1250);
	}

	@Test
	void followsAProcessThatIsTooFast() {
		this.clock.tell(this.redis);
		for (int i = 0; i < 1000; i++) {
			this.process += TimeUnit.MILLISECONDS.toNanos(5001);
			this.redis += 5000;
			this.clock.tell(this.redis);
			assertThat(millis()).isBetween(this.redis, this.redis + 10);
		}
	}

	private long millis() {
		return TimeUnit.NANOSECONDS.toMillis(this.clock.nanos());
	}

	private void pass(long millis) {
		this.process += TimeUnit.MILLISECONDS.toNanos(millis);
		this.redis += millis;
	}

}
