package dev.wspolicy.policies.json;

import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;
import com.networknt.schema.regex.RegularExpressionFactory;

/**
 * The expressions of a schema, run by RE2J. Apart from the schema's reader, since RE2J
 * may be missing.
 */
final class Re2Expressions {

	private Re2Expressions() {
	}

	static RegularExpressionFactory factory() {
		return (expression) -> {
			Pattern pattern = compile(expression);
			return (text) -> pattern.matcher(text).find();
		};
	}

	private static Pattern compile(String expression) {
		try {
			return Pattern.compile(expression);
		}
		catch (PatternSyntaxException ex) {
			throw new IllegalArgumentException(
					"schema: the pattern '" + expression + "' is none of RE2's (expected: another one, or regex: java)",
					ex);
		}
	}

}
