package dev.wspolicy.benchmarks.report;

import java.util.Locale;

/**
 * Numbers as readers like them: about three digits, whatever the size.
 */
final class Figures {

	private Figures() {
	}

	static String of(double value) {
		if (Math.abs(value) >= 100) {
			return whole(value);
		}
		return String.format(Locale.ROOT, (Math.abs(value) >= 10) ? "%.1f" : "%.2f", value);
	}

	static String whole(double value) {
		return String.format(Locale.ROOT, "%,.0f", value);
	}

}
