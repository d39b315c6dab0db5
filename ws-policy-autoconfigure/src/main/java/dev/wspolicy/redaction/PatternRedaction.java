package dev.wspolicy.redaction;

import java.util.List;

import com.google.re2j.Matcher;
import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;

/**
 * Takes out what matches expressions. They are RE2's, whose time grows with the length of
 * the text and never with its shape.
 */
final class PatternRedaction {

	private final List<Pattern> patterns;

	private final String replacement;

	PatternRedaction(List<String> patterns, String replacement) {
		this.patterns = patterns.stream().map(PatternRedaction::compile).toList();
		this.replacement = Matcher.quoteReplacement(replacement);
	}

	private static Pattern compile(String expression) {
		Pattern pattern;
		try {
			pattern = Pattern.compile(expression);
		}
		catch (PatternSyntaxException ex) {
			throw new IllegalArgumentException("patterns: " + ex.getMessage(), ex);
		}
		if (pattern.matches("")) {
			throw new IllegalArgumentException("patterns: '" + expression + "' matches the empty text");
		}
		return pattern;
	}

	String redact(String text) {
		String redacted = text;
		for (Pattern pattern : this.patterns) {
			redacted = pattern.matcher(redacted).replaceAll(this.replacement);
		}
		return redacted;
	}

}
