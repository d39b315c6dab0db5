package dev.wspolicy.metadata;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;

import org.jspecify.annotations.Nullable;

/**
 * The constants of an enum.
 *
 * @param values the constants, by the name to write in YAML, with their description or an
 * empty text
 */
record Constants(Map<String, String> values) {

	static Constants of(Class<?> type, SourceComments comments) {
		Map<String, String> values = new LinkedHashMap<>();
		for (Object constant : type.getEnumConstants()) {
			Enum<?> value = (Enum<?>) constant;
			@Nullable String description = comments.of(type, value.name());
			values.put(Defaults.name(value), Objects.requireNonNullElse(description, ""));
		}
		return new Constants(values);
	}

	/** Returns the schema of a value. */
	Map<String, Object> schema() {
		return Scalars.anyOf(
				List.of(described(this.values), Scalars.text("^" + spellings() + "$"), Definitions.ref("placeholder")));
	}

	/** Returns the schema of a text of several values. */
	Map<String, Object> commaSeparated() {
		return Scalars.text("^\\s*" + spellings() + "(?:\\s*,\\s*" + spellings() + ")*\\s*$");
	}

	/** Returns the schema of values with descriptions. */
	static Map<String, Object> described(Map<String, String> values) {
		Map<String, Object> schema = new LinkedHashMap<>();
		schema.put("enum", List.copyOf(values.keySet()));
		if (!values.containsValue("")) {
			// Understood by the YAML support of Visual Studio Code
			schema.put("enumDescriptions", List.copyOf(values.values()));
		}
		return schema;
	}

	/**
	 * Returns a pattern of all values in any case and with any separator, as Spring Boot
	 * converts them.
	 */
	private String spellings() {
		return this.values.keySet().stream().map(Constants::spelling).collect(Collectors.joining("|", "(?:", ")"));
	}

	private static String spelling(String name) {
		return name.chars()
			.mapToObj((letter) -> Character.isLetterOrDigit(letter) ? anyCase(letter) : "[-_. ]?")
			.collect(Collectors.joining());
	}

	private static String anyCase(int letter) {
		String lower = Character.toString(Character.toLowerCase(letter));
		String upper = Character.toString(Character.toUpperCase(letter));
		return lower.equals(upper) ? lower : "[" + lower + upper + "]";
	}

}
