package dev.wspolicy.json;

import tools.jackson.databind.JsonNode;

/**
 * Checks the numbers of a tree. With an exponent, a short number may represent more
 * digits than fit into memory.
 */
public final class JsonNumbers {

	/** The zeros that each number may represent. */
	private static final int MAX_FREE_ZEROS = 50;

	/** The additional zeros that all numbers of a tree together may represent. */
	private static final int MAX_EXTRA_ZEROS = 5_000;

	private JsonNumbers() {
	}

	/**
	 * Returns whether arithmetic with the numbers of a tree could be expensive. A few
	 * numbers in the range of a {@code double} are not.
	 * @param tree the tree
	 * @return {@code true} if the numbers represent too many zeros
	 */
	public static boolean areOutsized(JsonNode tree) {
		return zeros(tree) > MAX_EXTRA_ZEROS;
	}

	private static long zeros(JsonNode node) {
		if (node.isBigDecimal()) {
			return Math.max(0, Math.abs((long) node.decimalValue().scale()) - MAX_FREE_ZEROS);
		}
		long zeros = 0;
		for (JsonNode child : node) {
			zeros += zeros(child);
		}
		return zeros;
	}

}
