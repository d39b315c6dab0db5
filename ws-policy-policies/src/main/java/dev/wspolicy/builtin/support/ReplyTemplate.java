package dev.wspolicy.builtin.support;

import java.util.Locale;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A template of replies to the senders of refused messages. Values are escaped if the
 * messages of the session are JSON, and inserted verbatim otherwise.
 *
 * @param text the text of the reply, with placeholders
 * @param policy the name of the policy
 */
record ReplyTemplate(String text, String policy) {

	private static final Pattern PLACEHOLDER = Pattern.compile("\\{(code|reason|policy)}");

	/**
	 * Renders a reply.
	 * @param code the value of {@code {code}}
	 * @param reason the value of {@code {reason}}
	 * @param contentType the media type of the session's messages
	 * @return the text of the reply
	 */
	String render(int code, String reason, String contentType) {
		if (this.text.indexOf('{') < 0) {
			return this.text;
		}
		boolean json = isJson(contentType);
		return PLACEHOLDER.matcher(this.text)
			.replaceAll((match) -> Matcher.quoteReplacement(value(match, code, reason, json)));
	}

	private String value(MatchResult match, int code, String reason, boolean json) {
		return switch (match.group(1)) {
			case "code" -> Integer.toString(code);
			case "reason" -> json ? escape(reason) : reason;
			default -> json ? escape(this.policy) : this.policy;
		};
	}

	private static boolean isJson(String contentType) {
		int parameters = contentType.indexOf(';');
		String type = ((parameters < 0) ? contentType : contentType.substring(0, parameters)).strip()
			.toLowerCase(Locale.ROOT);
		return type.endsWith("/json") || type.endsWith("+json");
	}

	/** Escapes the content of a JSON string (RFC 8259, section 7). */
	private static String escape(String value) {
		StringBuilder escaped = new StringBuilder(value.length() + 8);
		for (int i = 0; i < value.length(); i++) {
			char character = value.charAt(i);
			if (character == '"' || character == '\\') {
				escaped.append('\\').append(character);
			}
			else if (character < ' ') {
				escaped.append(String.format(Locale.ROOT, "\\u%04x", (int) character));
			}
			else {
				escaped.append(character);
			}
		}
		return escaped.toString();
	}

}
