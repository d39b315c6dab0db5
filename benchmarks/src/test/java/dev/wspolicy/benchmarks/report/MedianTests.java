package dev.wspolicy.benchmarks.report;

import java.util.stream.DoubleStream;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class MedianTests {

	@Test
	void isTheMiddle() {
		assertThat(Median.of(DoubleStream.of(9, 1, 5))).hasValue(5);
		assertThat(Median.of(DoubleStream.of(9, 1, 5, 6))).hasValue(5.5);
		assertThat(Median.of(DoubleStream.of(3))).hasValue(3);
	}

	@Test
	void ofNothingIsNothing() {
		assertThat(Median.of(DoubleStream.empty())).isEmpty();
	}

}
