package dev.wspolicy.proving;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link Seed}.
 */
class SeedTests {

	@Test
	void trialsAreRepeatedWithTheSameSeedAndDifferFromEachOther() {
		Seed seed = new Seed(7);
		assertThat(seed.trial(3).nextLong()).isEqualTo(new Seed(7).trial(3).nextLong())
			.isNotEqualTo(seed.trial(4).nextLong())
			.isNotEqualTo(new Seed(8).trial(3).nextLong());
	}

}
