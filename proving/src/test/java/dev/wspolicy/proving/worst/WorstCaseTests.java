package dev.wspolicy.proving.worst;

import java.util.stream.Stream;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import dev.wspolicy.proving.Seed;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * No message makes a built-in policy hold the event loop, and no policy needs more than
 * linear time without a bound.
 */
class WorstCaseTests {

	static Stream<Subject> subjects() {
		return Subjects.all();
	}

	@ParameterizedTest
	@MethodSource("subjects")
	void shortSearch(Subject subject) {
		search(subject, 4);
	}

	@ParameterizedTest
	@MethodSource("subjects")
	@Tag("proving")
	void longSearch(Subject subject) {
		search(subject, Integer.getInteger("proving.generations", 100));
	}

	private static void search(Subject subject, int generations) {
		WorstCase worst = WorstCase.search(subject, Seed.of(subject.name()).trial(generations), generations);
		System.out.println(subject.name() + ": " + worst);
		assertThat(worst.longestOnLoop() / 1e6).as(subject.name() + ": " + worst).isLessThan(20);
		assertThat(worst.growth()).as(subject.name() + ": " + worst).isLessThan(3);
	}

}
