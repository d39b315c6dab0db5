package dev.wspolicy.metadata;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import org.springframework.util.unit.DataSize;

/**
 * The schemas of single values, as Spring Boot converts them. Each of them also accepts a
 * placeholder.
 */
final class Scalars {

	private static final String PLACEHOLDER = "\\$\\{.+\\}";

	private static final String INTEGER = "^[+-]?[0-9]+$|" + PLACEHOLDER;

	private static final String DECIMAL = "^[+-]?[0-9]+(?:\\.[0-9]+)?$|" + PLACEHOLDER;

	private Scalars() {
	}

	/**
	 * Returns the schemas.
	 * @return the schemas by name
	 */
	static Map<String, Object> definitions() {
		Map<String, Object> definitions = new LinkedHashMap<>();
		definitions.put("placeholder", text(PLACEHOLDER));
		definitions.put("boolean", anyOf(Map.of("type", "boolean"),
				text("^(?:[tT][rR][uU][eE]|[fF][aA][lL][sS][eE]|on|off|yes|no|0|1)$|" + PLACEHOLDER)));
		definitions.put("integer", anyOf(Map.of("type", "integer"), text(INTEGER)));
		definitions.put("number", anyOf(Map.of("type", "number"), text(DECIMAL)));
		definitions.put("integer-text", text(INTEGER));
		definitions.put("number-text", text(DECIMAL));
		definitions.put("duration", anyOf(text("^[+-]?[0-9]+(?:[nNuUmM]?[sS]|[mMhHdD])?$|^[+-]?[pP].+$|" + PLACEHOLDER,
				"Expected a duration, such as 500ms, 10s or PT1M."), Map.of("type", "integer")));
		definitions.put("size",
				anyOf(text("^[+-]?[0-9]+(?:B|KB|MB|GB|TB)?$|" + PLACEHOLDER, "Expected a size, such as 64KB or 1MB."),
						Map.of("type", "integer")));
		// Spring Boot converts numbers and booleans to text
		definitions.put("text", Map.of("not", Map.of("type", List.of("object", "array"))));
		return definitions;
	}

	static Map<String, Object> text(String pattern) {
		Map<String, Object> schema = new LinkedHashMap<>();
		schema.put("type", "string");
		schema.put("pattern", pattern);
		return schema;
	}

	/** Visual Studio Code shows the message in place of the pattern. */
	private static Map<String, Object> text(String pattern, String message) {
		Map<String, Object> schema = text(pattern);
		schema.put("patternErrorMessage", message);
		return schema;
	}

	static Map<String, Object> anyOf(Map<String, Object> first, Map<String, Object> second) {
		return anyOf(List.of(first, second));
	}

	static Map<String, Object> anyOf(List<Map<String, Object>> schemas) {
		Map<String, Object> schema = new LinkedHashMap<>();
		schema.put("anyOf", schemas);
		return schema;
	}

	/**
	 * Returns the schema of a value.
	 * @param setting the setting, which may restrict the value
	 * @param type the type of the value
	 * @return the schema
	 */
	static Map<String, Object> of(Setting setting, Class<?> type) {
		if (type == boolean.class || type == Boolean.class) {
			return Definitions.ref("boolean");
		}
		if (type == Duration.class) {
			return Definitions.ref("duration");
		}
		if (type == DataSize.class) {
			return Definitions.ref("size");
		}
		if (type == String.class) {
			return Definitions.ref("text");
		}
		String kind = (type == double.class || type == Double.class) ? "number" : "integer";
		Map<String, Object> bounds = setting.bounds();
		if (bounds.isEmpty()) {
			return Definitions.ref(kind);
		}
		bounds.put("type", kind);
		return anyOf(bounds, Definitions.ref(kind + "-text"));
	}

}
