package dev.wspolicy.autoconfigure;

import java.util.List;

import org.springframework.web.util.pattern.PathPatternParser;
import org.springframework.web.util.pattern.PatternParseException;

import dev.wspolicy.gateway.QueryToken;

/**
 * Creates the {@link QueryToken} rule from properties.
 */
final class QueryTokenReader {

	private static final String PREFIX = WsPolicyProperties.PREFIX + ".query-token.";

	private QueryTokenReader() {
	}

	static QueryToken read(WsPolicyProperties.QueryToken properties) {
		require(!properties.getParameter().isBlank(), "parameter", properties.getParameter(),
				"Set it to the name of a query parameter.");
		require(isToken(properties.getHeader()) && !properties.getHeader().isEmpty(), "header", properties.getHeader(),
				"Set it to the name of a header.");
		require(isToken(properties.getScheme()), "scheme", properties.getScheme(),
				"Set it to the name of an authentication scheme, or leave it empty.");
		require(!properties.getPaths().isEmpty(), "paths", "", "Set it to one or more patterns of paths.");
		checkPaths(properties.getPaths());
		return new QueryToken(properties.getParameter(), properties.getHeader(), properties.getScheme(),
				properties.getPaths());
	}

	private static void checkPaths(List<String> paths) {
		for (String path : paths) {
			try {
				PathPatternParser.defaultInstance.parse(path);
			}
			catch (PatternParseException ex) {
				throw new InvalidPipelineException("The property '" + PREFIX + "paths' has the invalid pattern '" + path
						+ "': " + ex.getMessage() + ".", "Correct the pattern.", ex);
			}
		}
	}

	private static void require(boolean good, String name, String value, String remedy) {
		if (!good) {
			throw new InvalidPipelineException("The property '" + PREFIX + name + "' is '" + value + "'.", remedy);
		}
	}

	/** Return whether the text is a token (RFC 9110, section 5.6.2) or empty. */
	private static boolean isToken(String text) {
		return text.chars()
			.allMatch((character) -> (character >= '0' && character <= '9') || (character >= 'A' && character <= 'Z')
					|| (character >= 'a' && character <= 'z') || "!#$%&'*+-.^_`|~".indexOf(character) >= 0);
	}

}
