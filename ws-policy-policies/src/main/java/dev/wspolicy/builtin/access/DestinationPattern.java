package dev.wspolicy.builtin.access;

import java.util.Map;

import org.jspecify.annotations.Nullable;
import org.springframework.util.AntPathMatcher;

/**
 * A pattern of destinations: {@code *} matches any part without a slash, {@code **} any
 * number of parts, and everything else must be equal. A destination that a broker may
 * interpret as another one, or as several, matches only a pattern that is equal to it or
 * the pattern {@code **}.
 *
 * @param pattern the pattern
 */
record DestinationPattern(String pattern) {

	private static final String ALL = "**";

	/**
	 * The wildcards of Spring's broker, RabbitMQ and ActiveMQ; the separator of
	 * ActiveMQ's composite destinations; escape characters, of which RabbitMQ decodes the
	 * percent sign.
	 */
	private static final String SPECIAL = "*?{}#>,%\\";

	private static final AntPathMatcher MATCHER = matcher();

	static DestinationPattern of(String pattern) {
		// Special characters of the matcher
		if (pattern.isBlank() || pattern.indexOf('{') >= 0 || pattern.indexOf('?') >= 0) {
			throw new IllegalArgumentException("destinations: '" + pattern
					+ "' (expected: a destination in which * matches any part and ** any number of parts, without { and ?)");
		}
		return new DestinationPattern(pattern);
	}

	private static AntPathMatcher matcher() {
		AntPathMatcher matcher = new LinearMatcher();
		matcher.setTrimTokens(false);
		return matcher;
	}

	/**
	 * Returns whether all brokers interpret a destination literally. Brokers disagree
	 * about empty parts.
	 */
	static boolean isPlain(String destination) {
		return !destination.contains("//") && !destination.endsWith("/")
				&& destination.chars().noneMatch((character) -> SPECIAL.indexOf(character) >= 0);
	}

	boolean matches(String destination) {
		if (!isPlain(destination) || this.pattern.contains("//") || this.pattern.endsWith("/")) {
			// The interpretation of the broker must neither bypass a rule nor match one
			return this.pattern.equals(destination) || this.pattern.equals(ALL);
		}
		// With or without a leading slash
		return this.pattern.equals(ALL) || MATCHER.match(this.pattern, destination);
	}

	/**
	 * Matches each part without backtracking. Spring's own matcher translates it to a
	 * regular expression, which with several stars takes more than linear time.
	 */
	private static final class LinearMatcher extends AntPathMatcher {

		@Override
		protected AntPathStringMatcher getStringMatcher(String pattern) {
			return new PartMatcher(pattern);
		}

		private static final class PartMatcher extends AntPathStringMatcher {

			private final String pattern;

			PartMatcher(String pattern) {
				super(pattern, DEFAULT_PATH_SEPARATOR, true);
				this.pattern = pattern;
			}

			@Override
			public boolean matchStrings(String text, @Nullable Map<String, String> variables) {
				int at = 0;
				int star = -1;
				int afterStar = 0;
				int i = 0;
				while (i < text.length()) {
					char expected = (at < this.pattern.length()) ? this.pattern.charAt(at) : '/';
					if (expected == '*') {
						star = at++;
						afterStar = i;
					}
					else if (expected == text.charAt(i)) {
						at++;
						i++;
					}
					else if (star >= 0) {
						// Let the last star match one more character
						at = star + 1;
						i = ++afterStar;
					}
					else {
						return false;
					}
				}
				while (at < this.pattern.length() && this.pattern.charAt(at) == '*') {
					at++;
				}
				return at == this.pattern.length();
			}

		}

	}

}
