package dev.wspolicy.builtin.json;

import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;
import com.networknt.schema.SchemaException;
import com.networknt.schema.regex.RegularExpressionFactory;

import dev.wspolicy.effort.Effort;
import dev.wspolicy.effort.EffortExceededException;
import dev.wspolicy.effort.MeteredSearch;

/**
 * Runs the regular expressions of a schema with RE2J. A class of its own because RE2J may
 * be missing.
 */
final class Re2RegularExpressions {

	private Re2RegularExpressions() {
	}

	static RegularExpressionFactory factory() {
		return (expression) -> {
			Pattern pattern = compile(expression);
			return (text) -> find(pattern, text);
		};
	}

	private static boolean find(Pattern pattern, String text) {
		Effort effort = MeteredExecutionContext.current();
		try {
			return (effort != null) ? MeteredSearch.find(pattern, text, effort) : pattern.matcher(text).find();
		}
		catch (EffortExceededException ex) {
			// The validator would log any other exception as an error
			throw new SchemaException(ex);
		}
	}

	private static Pattern compile(String expression) {
		try {
			return Pattern.compile(expression);
		}
		catch (PatternSyntaxException ex) {
			throw new IllegalArgumentException("schema: the pattern '" + expression
					+ "' is not supported by RE2 (expected: another pattern, or regex: java)", ex);
		}
	}

}
