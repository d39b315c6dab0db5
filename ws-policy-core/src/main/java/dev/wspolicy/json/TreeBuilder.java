package dev.wspolicy.json;

import java.io.Serial;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.ArrayDeque;
import java.util.Deque;

import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.BigIntegerNode;
import tools.jackson.databind.node.DecimalNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * Builds the tree of one JSON text. In contrast to Jackson's own builder, it preserves
 * the notation of numbers: {@code -0} does not become {@code 0}. It does not recurse, and
 * the parser limits the nesting.
 */
final class TreeBuilder {

	private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

	private static final BigInteger ZERO = new NegativeZero();

	private final JsonParser parser;

	private final Deque<JsonNode> open = new ArrayDeque<>();

	/** The names of the members being read, one for each open object. */
	private final Deque<String> names = new ArrayDeque<>();

	TreeBuilder(JsonParser parser) {
		this.parser = parser;
	}

	/**
	 * Reads the text to its end.
	 * @return the tree, or {@code null} if there is not exactly one value, or an object
	 * has duplicate members
	 */
	@Nullable JsonNode build() {
		JsonNode root = null;
		for (JsonToken token = this.parser.nextToken(); token != null; token = this.parser.nextToken()) {
			if (root != null && this.open.isEmpty()) {
				return null;
			}
			if (token == JsonToken.PROPERTY_NAME) {
				this.names.push(this.parser.currentName());
			}
			else if (token == JsonToken.END_ARRAY || token == JsonToken.END_OBJECT) {
				this.open.pop();
			}
			else {
				JsonNode node = node(token);
				if (root == null) {
					root = node;
				}
				else if (!attach(node)) {
					return null;
				}
				if (node.isContainer()) {
					this.open.push(node);
				}
			}
		}
		return root;
	}

	private boolean attach(JsonNode node) {
		if (this.open.peek() instanceof ObjectNode object) {
			return object.replace(this.names.pop(), node) == null;
		}
		((ArrayNode) this.open.element()).add(node);
		return true;
	}

	private JsonNode node(JsonToken token) {
		return switch (token) {
			case START_OBJECT -> NODES.objectNode();
			case START_ARRAY -> NODES.arrayNode();
			case VALUE_STRING -> NODES.stringNode(this.parser.getString());
			case VALUE_NUMBER_INT -> integer();
			case VALUE_NUMBER_FLOAT -> decimal();
			case VALUE_TRUE -> NODES.booleanNode(true);
			case VALUE_FALSE -> NODES.booleanNode(false);
			case VALUE_NULL -> NODES.nullNode();
			default -> throw new IllegalStateException("token: " + token);
		};
	}

	private JsonNode integer() {
		return switch (this.parser.getNumberType()) {
			case INT -> {
				int value = this.parser.getIntValue();
				yield (value == 0 && this.parser.getStringLength() == 2) ? new BigIntegerNode(ZERO)
						: NODES.numberNode(value);
			}
			case LONG -> NODES.numberNode(this.parser.getLongValue());
			default -> NODES.numberNode(this.parser.getBigIntegerValue());
		};
	}

	private JsonNode decimal() {
		BigDecimal value = this.parser.getDecimalValue();
		String text = this.parser.getString();
		return new DecimalNode(value.toString().equals(text) ? value : new WrittenDecimal(text));
	}

	/**
	 * The integer {@code -0}, which equals 0 but keeps its notation.
	 */
	private static final class NegativeZero extends BigInteger {

		@Serial
		private static final long serialVersionUID = 1L;

		NegativeZero() {
			super("0");
		}

		@Override
		public double doubleValue() {
			return -0.0;
		}

		@Override
		public float floatValue() {
			return -0.0f;
		}

		@Override
		public String toString() {
			return "-0";
		}

	}

	/**
	 * A decimal that keeps its notation, such as {@code -0.0} or {@code 1e5}.
	 */
	private static final class WrittenDecimal extends BigDecimal {

		@Serial
		private static final long serialVersionUID = 1L;

		private final String text;

		WrittenDecimal(String text) {
			super(text);
			this.text = text;
		}

		@Override
		public double doubleValue() {
			return isNegativeZero() ? -0.0 : super.doubleValue();
		}

		@Override
		public float floatValue() {
			return isNegativeZero() ? -0.0f : super.floatValue();
		}

		private boolean isNegativeZero() {
			return signum() == 0 && this.text.startsWith("-");
		}

		@Override
		public String toString() {
			return this.text;
		}

	}

}
