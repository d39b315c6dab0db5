package dev.wspolicy.benchmarks.report;

import java.util.OptionalDouble;
import java.util.stream.DoubleStream;

/**
 * The middle of some figures.
 */
final class Median {

	private Median() {
	}

	static OptionalDouble of(DoubleStream figures) {
		double[] sorted = figures.sorted().toArray();
		if (sorted.length == 0) {
			return OptionalDouble.empty();
		}
		int middle = sorted.length / 2;
		return OptionalDouble.of((sorted.length % 2 == 1) ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2);
	}

}
