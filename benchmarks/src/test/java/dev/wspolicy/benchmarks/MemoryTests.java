package dev.wspolicy.benchmarks;

import java.io.IOException;
import java.util.List;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;

class MemoryTests {

	@Test
	void readsTheTotalOfAHistogram() throws IOException {
		assertThat(Memory.totalOf(List.of("4711:", " num     #instances         #bytes  class name",
				"   1:         45678       12345678  [B", "Total        123456       23456789", "")))
			.isEqualTo(23456789);
	}

	@Test
	void failsWithoutOne() {
		assertThatIOException().isThrownBy(() -> Memory.totalOf(List.of("no such process")))
			.withMessageContaining("no such process");
	}

}
