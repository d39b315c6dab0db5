package dev.wspolicy.policies;

import java.util.Locale;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A message to the sender of what was refused. What is put into it is escaped where
 * messages are JSON, and stands as it is elsewhere.
 *
 * @param text the message, with its placeholders
 * @param policy the name of the policy
 */
public record ReplyTemplate(String text, String policy) {

	private static final Pattern PLACEHOLDER = Pattern.compile("\\{(code|reason|policy)}");

	/**
	 * Write the message.
	 * @param code what stands in place of {@code {code}}
	 * @param reason what stands in place of {@code {reason}}
	 * @param contentType the media type of the session's messages
	 * @return the message
	 */
	public String fill(int code, String reason, String contentType) {
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

	/** As it stands between the quotes of a JSON string, RFC 8259, section 7. */
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
