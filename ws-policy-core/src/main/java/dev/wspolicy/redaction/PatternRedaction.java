package dev.wspolicy.redaction;

import java.util.List;

import com.google.re2j.Matcher;
import com.google.re2j.Pattern;

import dev.wspolicy.effort.Effort;
import dev.wspolicy.effort.MeteredSearch;

/**
 * Redacts the matches of RE2 expressions.
 */
final class PatternRedaction {

	private final List<Pattern> patterns;

	private final String replacement;

	PatternRedaction(List<String> patterns, String replacement) {
		this.patterns = patterns.stream().map(PatternRedaction::compile).toList();
		this.replacement = Matcher.quoteReplacement(replacement);
	}

	private static Pattern compile(String expression) {
		try {
			return MeteredSearch.compile(expression);
		}
		catch (IllegalArgumentException ex) {
			throw new IllegalArgumentException("patterns: " + ex.getMessage(), ex);
		}
	}

	String redact(String text, Effort effort) {
		String redacted = text;
		for (Pattern pattern : this.patterns) {
			redacted = MeteredSearch.replaceAll(pattern, redacted, this.replacement, effort);
		}
		return redacted;
	}

}
