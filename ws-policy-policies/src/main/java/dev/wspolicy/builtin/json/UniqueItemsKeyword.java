package dev.wspolicy.builtin.json;

import java.math.BigDecimal;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

import com.networknt.schema.ExecutionContext;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaContext;
import com.networknt.schema.SchemaLocation;
import com.networknt.schema.keyword.BaseKeywordValidator;
import com.networknt.schema.keyword.Keyword;
import com.networknt.schema.keyword.KeywordType;
import com.networknt.schema.keyword.KeywordValidator;
import com.networknt.schema.path.NodePath;
import tools.jackson.databind.JsonNode;

/**
 * Replaces the validator's {@code uniqueItems}, which keeps items in a hash set although
 * a sender can make their hash codes collide. This implementation writes each item in a
 * canonical form. A hash set remains fast with strings whose hash codes collide, because
 * they are comparable.
 */
final class UniqueItemsKeyword implements Keyword {

	@Override
	public String getValue() {
		return KeywordType.UNIQUE_ITEMS.getValue();
	}

	@Override
	public KeywordValidator newValidator(SchemaLocation location, JsonNode value, Schema parent,
			SchemaContext context) {
		return new Validator(location, value, parent, context);
	}

	/**
	 * Writes a value in canonical form: two values have the same form if and only if they
	 * are equal in the sense of JSON Schema. Members are sorted by name, and numbers are
	 * written by value.
	 */
	private static void write(JsonNode node, StringBuilder text) {
		if (node.isObject()) {
			Map<String, JsonNode> members = new TreeMap<>();
			node.properties().forEach((member) -> members.put(member.getKey(), member.getValue()));
			text.append('{');
			members.forEach((name, value) -> {
				writeString(name, text);
				write(value, text);
			});
			text.append('}');
		}
		else if (node.isArray()) {
			text.append('[');
			for (JsonNode element : node) {
				write(element, text);
			}
			text.append(']');
		}
		else if (node.isNumber()) {
			BigDecimal number = node.decimalValue().stripTrailingZeros();
			text.append(number.unscaledValue()).append('e').append((number.signum() != 0) ? -number.scale() : 0);
			text.append(';');
		}
		else if (node.isString()) {
			writeString(node.stringValue(), text);
		}
		else {
			text.append(node).append(';');
		}
	}

	/**
	 * Writes the length first, so that the string cannot be confused with what follows.
	 */
	private static void writeString(String string, StringBuilder text) {
		text.append('"').append(string.length()).append(':').append(string);
	}

	/**
	 * The keyword at one location of a schema.
	 */
	private static final class Validator extends BaseKeywordValidator {

		private final boolean unique;

		Validator(SchemaLocation location, JsonNode value, Schema parent, SchemaContext context) {
			super(KeywordType.UNIQUE_ITEMS, value, location, parent, context);
			this.unique = value.isBoolean() && value.booleanValue();
		}

		@Override
		public void validate(ExecutionContext context, JsonNode node, JsonNode root, NodePath location) {
			if (!this.unique || !node.isArray()) {
				return;
			}
			Set<String> items = new HashSet<>();
			for (JsonNode item : node) {
				StringBuilder text = new StringBuilder();
				write(item, text);
				MeteredExecutionContext.spend(context, 16 + text.length());
				if (!items.add(text.toString())) {
					context.addError(error().instanceNode(node)
						.instanceLocation(location)
						.evaluationPath(context.getEvaluationPath())
						.locale(context.getExecutionConfig().getLocale())
						.build());
				}
			}
		}

	}

}
