package dev.wspolicy.policies.stomp;

import org.springframework.util.AntPathMatcher;

/**
 * A pattern of destinations: {@code *} is any part without a slash, {@code **} any number
 * of parts, and what stands around them is compared as it is.
 *
 * @param pattern the pattern
 */
record DestinationPattern(String pattern) {

	private static final AntPathMatcher MATCHER = matcher();

	static DestinationPattern of(String pattern) {
		// To the matcher these mean something, too.
		if (pattern.isBlank() || pattern.indexOf('{') >= 0 || pattern.indexOf('?') >= 0) {
			throw new IllegalArgumentException("destinations: '" + pattern
					+ "' (expected: a destination, in which * is any part and ** any number of parts, no { and no ?)");
		}
		return new DestinationPattern(pattern);
	}

	private static AntPathMatcher matcher() {
		AntPathMatcher matcher = new AntPathMatcher();
		matcher.setTrimTokens(false);
		return matcher;
	}

	boolean matches(String destination) {
		if (destination.contains("//") || this.pattern.contains("//")) {
			// Some brokers take no notice of empty parts, and others do: no rule may be
			// got round, or be made use of, by one.
			return this.pattern.equals(destination);
		}
		// Any, whether it begins with a slash or not.
		return this.pattern.equals("**") || MATCHER.match(this.pattern, destination);
	}

}
