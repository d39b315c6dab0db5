package dev.wspolicy.pipeline;

import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import dev.wspolicy.pipeline.Timeouts.Heartbeat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

/**
 * Which times a session may wait.
 */
class TimeoutsTests {

	private static Timeouts timeouts(long handshake, long close, long verdict, long frame, long slowConsumer, long idle,
			long maxDuration) {
		return Timeouts.builder()
			.handshake(Duration.ofSeconds(handshake))
			.close(Duration.ofSeconds(close))
			.verdict(Duration.ofSeconds(verdict))
			.frame(Duration.ofSeconds(frame))
			.slowConsumer(Duration.ofSeconds(slowConsumer))
			.idle(Duration.ofSeconds(idle))
			.maxDuration(Duration.ofSeconds(maxDuration))
			.build();
	}

	@Test
	void jitterShortensTheDurationAtRandom() {
		Duration most = Duration.ofMinutes(1);
		Duration jitter = Duration.ofSeconds(20);
		Timeouts timeouts = Timeouts.builder().maxDuration(most).maxDurationJitter(jitter).build();
		List<Duration> drawn = Stream.generate(timeouts::drawDuration).limit(1000).toList();
		assertThat(drawn).allSatisfy((duration) -> assertThat(duration).isBetween(most.minus(jitter), most));
		assertThat(Collections.min(drawn)).isLessThan(Duration.ofSeconds(45));
		assertThat(Collections.max(drawn)).isGreaterThan(Duration.ofSeconds(55));
	}

	@Test
	void jitterHasNoEffectOnSessionsThatLastForEver() {
		assertThat(Timeouts.builder().maxDurationJitter(Duration.ofSeconds(20)).build().drawDuration()).isZero();
	}

	@Test
	void jitterMustBeShorterThanTheDuration() {
		Duration minute = Duration.ofMinutes(1);
		assertThatIllegalArgumentException()
			.isThrownBy(() -> Timeouts.builder().maxDuration(minute).maxDurationJitter(minute).build())
			.withMessage("maxDurationJitter: PT1M (expected: < PT1M)");
	}

	@Test
	void someMayBeSwitchedOff() {
		assertThat(timeouts(1, 1, 1, 1, 0, 0, 0).idle()).isZero();
	}

	@ParameterizedTest
	@CsvSource({ "0, 1, 1, 1, 0, 0, 0, handshake", "1, 0, 1, 1, 0, 0, 0, close", "1, 1, 0, 1, 0, 0, 0, verdict",
			"1, 1, 1, 0, 0, 0, 0, frame", "-1, 1, 1, 1, 0, 0, 0, handshake", "1, 1, 1, 1, -1, 0, 0, slowConsumer",
			"1, 1, 1, 1, 0, -1, 0, idle", "1, 1, 1, 1, 0, 0, -1, maxDuration" })
	void othersAreRefused(long handshake, long close, long verdict, long frame, long slowConsumer, long idle,
			long maxDuration, String wrong) {
		assertThatIllegalArgumentException()
			.isThrownBy(() -> timeouts(handshake, close, verdict, frame, slowConsumer, idle, maxDuration))
			.withMessageStartingWith(wrong + ": ");
	}

	@Test
	void thoseThatAreOffAreNotShown() {
		assertThat(Timeouts.DEFAULT.toMap()).containsEntry("frame", Duration.ofSeconds(30))
			.doesNotContainKeys("idle", "maxDuration", "heartbeatInterval", "heartbeatTimeout");
		Timeouts all = Timeouts.builder()
			.idle(Duration.ofSeconds(1))
			.maxDuration(Duration.ofSeconds(2))
			.heartbeat(new Heartbeat(Duration.ofSeconds(3), Duration.ofSeconds(4)))
			.build();
		assertThat(all.toMap()).containsKeys("idle", "maxDuration")
			.containsEntry("heartbeatInterval", Duration.ofSeconds(3))
			.containsEntry("heartbeatTimeout", Duration.ofSeconds(4));
	}

	@Test
	void heartbeatIsOffWithoutAnInterval() {
		assertThat(Heartbeat.OFF.isOn()).isFalse();
		assertThat(new Heartbeat(Duration.ofSeconds(1), Duration.ofSeconds(1)).isOn()).isTrue();
		assertThatIllegalArgumentException().isThrownBy(() -> new Heartbeat(Duration.ofSeconds(1), Duration.ZERO));
		assertThatIllegalArgumentException()
			.isThrownBy(() -> new Heartbeat(Duration.ofSeconds(-1), Duration.ofSeconds(1)));
	}

	@Test
	void longestIsAHundredYears() {
		Duration longest = Duration.ofDays(36_500);
		assertThat(Timeouts.builder().idle(longest).build().idle()).isEqualTo(longest);
		assertThatIllegalArgumentException().isThrownBy(() -> Timeouts.builder().idle(longest.plusNanos(1)).build())
			.withMessageStartingWith("idle: ");
	}

}
