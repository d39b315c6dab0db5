package dev.wspolicy.actuate;

import java.util.Collection;
import java.util.stream.Collectors;

/**
 * Lists the routes that a request could have named.
 */
final class KnownRoutes {

	private static final int MAX = 20;

	private KnownRoutes() {
	}

	/**
	 * Return the end of a sentence about a route that does not exist.
	 * @param routes the routes that exist; with many, only the first by name are listed
	 * @param none the end of the sentence if there are none
	 */
	static String expected(Collection<String> routes, String none) {
		if (routes.isEmpty()) {
			return none;
		}
		String listed = routes.stream().sorted().limit(MAX).collect(Collectors.joining(", "));
		String more = (routes.size() > MAX) ? ", and " + (routes.size() - MAX) + " more" : "";
		return " (expected: " + listed + more + ")";
	}

}
