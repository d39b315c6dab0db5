package dev.wspolicy.builtin.json;

import java.util.function.Supplier;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

import com.networknt.schema.ExecutionContext;
import com.networknt.schema.MessageSourceError;
import com.networknt.schema.SchemaContext;
import com.networknt.schema.SchemaException;
import com.networknt.schema.format.AbstractRFC3986Format;
import com.networknt.schema.format.Format;
import com.networknt.schema.keyword.FormatValidator;
import com.networknt.schema.path.NodePath;
import tools.jackson.databind.JsonNode;

/**
 * A format that is checked for short strings only. For most formats, the validator uses
 * Java's regular expressions, which on long strings take too long or overflow the stack.
 */
final class BoundedFormat implements Format {

	private static final int MAX_LENGTH = 2_048;

	private final Format format;

	private BoundedFormat(Format format) {
		this.format = format;
	}

	/**
	 * Bounds the length of the strings that a format checks.
	 * @param format the format of the validator
	 * @return the bounded format; the same format if its check takes linear time; a
	 * replacement for {@code regex}
	 */
	static Format of(Format format) {
		if (format instanceof AbstractRFC3986Format) {
			return format;
		}
		return new BoundedFormat(format.getName().equals("regex") ? new RegexFormat() : format);
	}

	@Override
	public String getName() {
		return this.format.getName();
	}

	@Override
	public String getMessageKey() {
		return this.format.getMessageKey();
	}

	@Override
	public void validate(ExecutionContext context, SchemaContext schemaContext, JsonNode node, JsonNode root,
			NodePath location, boolean asserted, Supplier<MessageSourceError.Builder> message,
			FormatValidator validator) {
		if (asserted && node.isString() && node.stringValue().length() > MAX_LENGTH) {
			// Neither valid nor invalid, since a schema may negate the result
			throw new SchemaException("string too long for a format");
		}
		this.format.validate(context, schemaContext, node, root, location, asserted, message, validator);
	}

	/**
	 * A regular expression. Java compiles it in linear time, whereas RE2 expands
	 * repetitions, so that a few nested ones exhaust the memory.
	 */
	private static final class RegexFormat implements Format {

		@Override
		public String getName() {
			return "regex";
		}

		@Override
		public String getMessageKey() {
			return "format.regex";
		}

		@Override
		public boolean matches(ExecutionContext context, String value) {
			try {
				Pattern.compile(value);
				return true;
			}
			catch (PatternSyntaxException ex) {
				return false;
			}
		}

	}

}
