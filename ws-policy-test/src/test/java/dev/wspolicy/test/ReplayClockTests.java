package dev.wspolicy.test;

import java.time.Duration;
import java.time.Instant;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The time of a recording, whatever the clock of the gateway did.
 */
class ReplayClockTests {

	private static final Instant NINE = Instant.parse("2026-03-01T09:00:00Z");

	private final ReplayClock clock = new ReplayClock();

	@Test
	void passesAsRecorded() {
		assertThat(this.clock.begin(NINE)).isZero();
		assertThat(this.clock.at(NINE.plusSeconds(5))).isEqualTo(Duration.ofSeconds(5));
		assertThat(this.clock.at(NINE.plusSeconds(3))).as("late line").isEqualTo(Duration.ofSeconds(5));
		assertThat(this.clock.at(NINE.plusSeconds(6))).isEqualTo(Duration.ofSeconds(6));
	}

	@Test
	void sessionThatOpenedBeforeTheRecordingMovesNothing() {
		this.clock.begin(NINE);
		this.clock.at(NINE.plusSeconds(1));
		assertThat(this.clock.before(NINE.minus(Duration.ofHours(3)))).isEqualTo(Duration.ofSeconds(1));
		assertThat(this.clock.before(NINE.plusSeconds(2))).isEqualTo(Duration.ofSeconds(2));
	}

	@Test
	void goesOnWhenTheClockIsSetBack() {
		this.clock.begin(NINE);
		this.clock.at(NINE.plusSeconds(1));
		assertThat(this.clock.at(NINE.minus(Duration.ofHours(1)))).isEqualTo(Duration.ofSeconds(1));
		assertThat(this.clock.at(NINE.minus(Duration.ofHours(1)).plusSeconds(1))).isEqualTo(Duration.ofSeconds(2));
	}

	@Test
	void goesOnWhenTheClockIsSetForward() {
		this.clock.begin(Instant.EPOCH);
		assertThat(this.clock.at(NINE)).isZero();
		assertThat(this.clock.at(NINE.plusSeconds(1))).isEqualTo(Duration.ofSeconds(1));
	}

	@Test
	void recordingsFollowEachOther() {
		this.clock.begin(NINE);
		this.clock.at(NINE.plusSeconds(10));
		assertThat(this.clock.begin(NINE)).isEqualTo(Duration.ofSeconds(10));
		assertThat(this.clock.at(NINE.plusSeconds(1))).isEqualTo(Duration.ofSeconds(11));
		assertThat(this.clock.begin(NINE.plusSeconds(31))).isEqualTo(Duration.ofSeconds(41));
		assertThat(this.clock.begin(NINE.plus(Duration.ofDays(1000))))
			.isEqualTo(Duration.ofDays(7).plus(Duration.ofSeconds(41)));
		assertThat(this.clock.at(NINE.plus(Duration.ofDays(1000)).plusSeconds(1)))
			.isEqualTo(Duration.ofDays(7).plus(Duration.ofSeconds(42)));
	}

}
