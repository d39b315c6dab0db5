package dev.wspolicy.metadata;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

/**
 * What {@code additional-spring-configuration-metadata.json} says by hand: defaults that
 * are not in the classes, and hints on the values of texts. What it says of a policy in
 * {@code inbound} applies to {@code outbound} too.
 */
final class ManualMetadata {

	private final Map<String, Map<String, Object>> properties;

	private final Map<String, Map<String, Object>> hints;

	private ManualMetadata(Map<String, Map<String, Object>> properties, Map<String, Map<String, Object>> hints) {
		this.properties = properties;
		this.hints = hints;
	}

	/**
	 * Reads the file.
	 * @param file the file
	 * @return its content
	 */
	static ManualMetadata read(Path file) {
		Map<?, ?> content = JsonMapper.shared().readValue(file, Map.class);
		return new ManualMetadata(byName(content.get("properties")), byName(content.get("hints")));
	}

	private static Map<String, Map<String, Object>> byName(@Nullable Object items) {
		Map<String, Map<String, Object>> named = new LinkedHashMap<>();
		if (items instanceof List<?> list) {
			for (Object item : list) {
				Map<String, Object> values = new LinkedHashMap<>();
				((Map<?, ?>) item).forEach((key, value) -> values.put(String.valueOf(key), value));
				named.put(String.valueOf(values.get("name")), values);
			}
		}
		return named;
	}

	/**
	 * Returns the default of a property: that of the file, else that of the class.
	 * @param setting the property
	 * @param name the full name
	 * @return the default, or {@code null} if there is none or it is empty
	 */
	@Nullable Object defaultValue(Setting setting, String name) {
		Object value = this.properties.getOrDefault(name, Map.of())
			.getOrDefault("defaultValue", setting.defaultValue());
		return ("".equals(value) || List.of().equals(value)) ? null : value;
	}

	/**
	 * Returns the hint on a property.
	 * @param property the full name
	 * @return the attributes of the hint, empty if the file has none
	 */
	Map<String, Object> hint(String property) {
		return this.hints.getOrDefault(property.replace(".outbound", ".inbound"), Map.of());
	}

	/**
	 * Returns the values that a hint proposes for a property.
	 * @param property the full name
	 * @return the values
	 */
	List<Object> values(String property) {
		List<Object> values = new ArrayList<>();
		if (hint(property).get("values") instanceof List<?> proposed) {
			proposed.forEach((value) -> values.add(((Map<?, ?>) value).get("value")));
		}
		return values;
	}

}
