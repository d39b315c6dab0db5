package dev.wspolicy.effort;

import com.google.re2j.Matcher;
import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;

/**
 * Searches with RE2 expressions and limited effort. The time of one search is
 * proportional to the length of the text and of the expression. Finding all matches is
 * another search after each match, and each search may scan to the end of the text.
 * Requires RE2J.
 */
public final class MeteredSearch {

	/** The product of both lengths up to which a search is reported as a whole. */
	private static final long SMALL = 100_000;

	/**
	 * What is left of an expression such as {@code [0-9]{13,19}} before its comma. RE2
	 * takes the brace for a character then.
	 */
	private static final Pattern CUT_REPETITION = Pattern.compile("(?:^|[^\\\\])(?:\\\\\\\\)*\\{[0-9]+$");

	/** What other engines support, and RE2 does not: lookaround and backreferences. */
	private static final Pattern UNSUPPORTED = Pattern.compile("\\(\\?<?[=!]|\\\\[1-9]");

	private MeteredSearch() {
	}

	/**
	 * Compiles an expression of a configuration.
	 * @param expression the expression
	 * @return the pattern, which does not match the empty text
	 * @throws IllegalArgumentException if the expression is invalid, matches the empty
	 * text, or has been cut at a comma
	 */
	public static Pattern compile(String expression) {
		Pattern pattern;
		try {
			pattern = Pattern.compile(expression);
		}
		catch (PatternSyntaxException ex) {
			String hint = UNSUPPORTED.matcher(expression).find()
					? " (expected: neither lookahead, lookbehind nor backreferences, which RE2 does not have)" : "";
			throw new IllegalArgumentException(ex.getMessage() + hint, ex);
		}
		if (pattern.matches("")) {
			throw new IllegalArgumentException("'" + expression + "' matches the empty text");
		}
		if (CUT_REPETITION.matcher(expression).find()) {
			throw new IllegalArgumentException("'" + expression
					+ "' ends within a repetition (expected: expressions with commas as the elements of a list, or \\{ for a brace)");
		}
		return pattern;
	}

	/**
	 * Returns whether an expression matches anywhere in a text.
	 * @param pattern the expression
	 * @param text the text
	 * @param effort limits the search
	 * @return {@code true} if there is a match
	 * @throws EffortExceededException if the search exceeds its effort
	 */
	public static boolean find(Pattern pattern, String text, Effort effort) {
		int size = pattern.programSize();
		long product = (long) size * text.length();
		if (product > SMALL) {
			return pattern.matcher(new MeteredText(text, effort, size)).find();
		}
		effort.spend(product);
		return pattern.matcher(text).find();
	}

	/**
	 * Replaces all matches.
	 * @param pattern the expression
	 * @param text the text
	 * @param replacement the replacement, in the syntax of {@link Matcher#replaceAll}
	 * @param effort limits the search
	 * @return the changed text, or the same text if nothing matches
	 * @throws EffortExceededException if the search exceeds its effort
	 */
	public static String replaceAll(Pattern pattern, String text, String replacement, Effort effort) {
		return find(pattern, text, effort)
				? pattern.matcher(new MeteredText(text, effort, pattern.programSize())).replaceAll(replacement) : text;
	}

}
