package dev.wspolicy.metadata;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The definitions that the schema refers to, by name.
 */
final class Definitions {

	private final Map<String, Object> schemas = new TreeMap<>(Scalars.definitions());

	private final Map<Class<?>, List<Setting>> groups = new LinkedHashMap<>();

	/** Returns the name of the definition of a class. */
	static String name(Class<?> type) {
		return type.getName().substring(type.getPackageName().length() + 1).replace('$', '.');
	}

	/** Returns a reference to a definition. */
	static Map<String, Object> ref(String definition) {
		Map<String, Object> schema = new LinkedHashMap<>();
		schema.put("$ref", "#/$defs/" + definition);
		return schema;
	}

	static Map<String, Object> ref(Class<?> type) {
		return ref(name(type));
	}

	/** Returns a reference to the schema of a single key of a group. */
	static Map<String, Object> ref(Class<?> group, Setting key) {
		return ref(name(group) + "/properties/" + key.name());
	}

	boolean contains(Class<?> type) {
		return this.schemas.containsKey(name(type));
	}

	void put(String name, Map<String, Object> schema) {
		this.schemas.put(name, schema);
	}

	/** Adds a group of keys, whose schema the caller may still complete. */
	void put(Class<?> type, List<Setting> keys, Map<String, Object> schema) {
		this.schemas.put(name(type), schema);
		this.groups.put(type, keys);
	}

	/** Returns the keys of a group, empty if it has no definition. */
	List<Setting> keys(Class<?> group) {
		return this.groups.getOrDefault(group, List.of());
	}

	/**
	 * Adds the dotted keys to all groups.
	 * @return all definitions
	 */
	Map<String, Object> complete() {
		this.groups.keySet().forEach((group) -> {
			Map<String, Object> patterns = DottedKeys.patterns(this, group, "");
			if (!patterns.isEmpty() && this.schemas.get(name(group)) instanceof Map<?, ?> schema) {
				Map<String, Object> completed = new LinkedHashMap<>();
				schema.forEach((keyword, value) -> completed.put(String.valueOf(keyword), value));
				completed.put("patternProperties", patterns);
				this.schemas.put(name(group), completed);
			}
		});
		return this.schemas;
	}

}
