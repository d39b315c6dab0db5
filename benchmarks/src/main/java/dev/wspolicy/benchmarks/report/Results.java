package dev.wspolicy.benchmarks.report;

import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.function.ToDoubleFunction;

/**
 * All that was measured.
 *
 * @param environment what the figures depend on
 * @param contestants who took part, in order
 * @param loads what they were put under, in order
 * @param samples what came out
 * @param idle the memory of idle sessions
 * @param notes what readers should know
 */
public record Results(Map<String, String> environment, List<Named> contestants, List<Named> loads, List<Sample> samples,
		List<IdleSample> idle, List<String> notes) {

	/**
	 * The name of the contestant that all others are compared with.
	 */
	public static final String STOCK = "stock";

	/**
	 * The median over the rounds.
	 * @param load the load
	 * @param contestant the contestant
	 * @param figure which figure
	 * @return the median; empty if there are no rounds
	 */
	OptionalDouble median(String load, String contestant, ToDoubleFunction<Sample> figure) {
		return Median.of(this.samples.stream()
			.filter((sample) -> sample.load().equals(load) && sample.contestant().equals(contestant))
			.mapToDouble(figure));
	}

	/**
	 * Whether anything was measured under a load.
	 * @param load the load
	 * @return {@code true} if so
	 */
	boolean has(String load) {
		return this.samples.stream().anyMatch((sample) -> sample.load().equals(load));
	}

	/**
	 * Something with a name for machines and one for readers.
	 *
	 * @param name the name
	 * @param title the title
	 */
	public record Named(String name, String title) {

	}

}
