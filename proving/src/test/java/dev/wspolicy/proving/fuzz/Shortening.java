package dev.wspolicy.proving.fuzz;

import java.util.function.Predicate;
import java.util.function.ToIntFunction;

/**
 * Shortens what fails until nothing can be left out.
 *
 * @param length how long it is
 * @param cut returns it without a part
 * @param fails whether it fails
 * @param <T> what is shortened
 */
record Shortening<T>(ToIntFunction<T> length, Cut<T> cut, Predicate<T> fails) {

	/** How often it is shortened. */
	private static final int ATTEMPTS = 2_000;

	T of(T failing) {
		T shortest = failing;
		int attempts = ATTEMPTS;
		for (int part = this.length.applyAsInt(failing) / 2; part > 0; part /= 2) {
			for (int from = 0; from + part <= this.length.applyAsInt(shortest) && attempts > 0; attempts--) {
				T shorter = this.cut.without(shortest, from, part);
				if (this.fails.test(shorter)) {
					shortest = shorter;
				}
				else {
					from += part;
				}
			}
		}
		return shortest;
	}

	/**
	 * Leaves a part out.
	 */
	interface Cut<T> {

		T without(T all, int from, int length);

	}

}
