package dev.wspolicy.metadata;

import java.lang.reflect.Type;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import org.jspecify.annotations.Nullable;

/**
 * Writes the JSON Schema of a configuration file, of which it describes everything below
 * one prefix. It consists of keywords that mean the same in all drafts since 7, because
 * editors differ in how well they know newer ones.
 */
final class SchemaWriter {

	private final SettingsReader reader;

	private final SourceComments comments;

	private final ManualMetadata manual;

	private final List<Policy> policies;

	private final Definitions definitions = new Definitions();

	SchemaWriter(SettingsReader reader, SourceComments comments, ManualMetadata manual, List<Policy> policies) {
		this.reader = reader;
		this.comments = comments;
		this.manual = manual;
		this.policies = policies;
	}

	/**
	 * Writes the schema.
	 * @param prefix the prefix
	 * @param properties the class that is bound to it
	 * @return the schema
	 */
	Map<String, Object> write(String prefix, Class<?> properties) {
		Map<String, Object> root = group(properties, prefix, null);
		for (Policy policy : this.policies) {
			String path = prefix + ".pipelines.*." + policy.list() + "[*]." + policy.name();
			List<Setting> settings = new ArrayList<>(this.reader.read(policy.settings(), null));
			settings.addAll(this.reader.read(Policy.rollout(), null));
			group(policy.settings(), settings, path);
		}
		PolicyLists.define(this.definitions, this.policies);
		Map<String, Object> dotted = new LinkedHashMap<>();
		for (Setting setting : this.definitions.keys(properties)) {
			dotted.put("^" + prefix + "\\." + setting.name() + "$", Definitions.ref(properties, setting));
		}
		dotted.putAll(DottedKeys.patterns(this.definitions, properties, prefix + "\\."));
		Map<String, Object> schema = new LinkedHashMap<>();
		schema.put("$schema", "https://json-schema.org/draft/2020-12/schema");
		schema.put("title", "Configuration of " + prefix);
		schema.put("type", "object");
		schema.put("properties", Map.of(prefix, root));
		schema.put("patternProperties", dotted);
		schema.put("$defs", this.definitions.complete());
		return schema;
	}

	private Map<String, Object> group(Class<?> type, String path, @Nullable Object instance) {
		if (!this.definitions.contains(type)) {
			group(type, this.reader.read(type, instance), path);
		}
		return Definitions.ref(type);
	}

	private void group(Class<?> type, List<Setting> settings, String path) {
		if (!this.definitions.contains(type)) {
			Map<String, Object> schema = new LinkedHashMap<>();
			this.definitions.put(type, settings, schema);
			schema.put("title", path.substring(path.lastIndexOf('.', path.length() - ".*".length()) + 1));
			schema.put("type", "object");
			schema.put("additionalProperties", false);
			List<String> required = settings.stream().filter(Setting::isRequired).map(Setting::name).toList();
			if (!required.isEmpty()) {
				schema.put("required", required);
			}
			Map<String, Object> keys = new LinkedHashMap<>();
			settings.forEach((setting) -> keys.put(setting.name(), key(setting, path + "." + setting.name())));
			schema.put("properties", keys);
		}
	}

	private Map<String, Object> key(Setting setting, String path) {
		Map<String, Object> schema = new LinkedHashMap<>();
		String description = setting.description();
		if (description != null) {
			schema.put("description", description);
		}
		Object defaultValue = this.manual.defaultValue(setting, path);
		if (defaultValue != null) {
			schema.put("default", defaultValue);
		}
		List<Object> examples = this.manual.values(path);
		if (!examples.isEmpty()) {
			schema.put("examples", examples);
		}
		schema.putAll(value(setting, setting.type(), path));
		return schema;
	}

	private Map<String, Object> value(Setting setting, Type type, String path) {
		Class<?> raw = Types.raw(type);
		if (Types.isMap(type)) {
			return map(Types.raw(Types.element(type)), path);
		}
		if (Types.isCollection(type)) {
			return list(setting, Types.element(type), path);
		}
		if (Types.isEntry(type)) {
			return PolicyLists.entry(setting);
		}
		if (Types.isGroup(type)) {
			Map<String, Object> group = group(raw, path, setting.value());
			return Types.hasShorthand(raw) ? Scalars.anyOf(shorthand(raw), group) : group;
		}
		if (raw.isEnum()) {
			return constants(raw);
		}
		return Scalars.of(setting, raw);
	}

	/** The text stands for the first key. */
	private Map<String, Object> shorthand(Class<?> group) {
		return Definitions.ref(group, this.definitions.keys(group).get(0));
	}

	private Map<String, Object> constants(Class<?> type) {
		if (!this.definitions.contains(type)) {
			this.definitions.put(Definitions.name(type), Constants.of(type, this.comments).schema());
		}
		return Definitions.ref(type);
	}

	private Map<String, Object> map(Class<?> values, String path) {
		Map<String, Object> group = group(values, path + ".*", null);
		Map<String, Object> known = new LinkedHashMap<>();
		this.manual.values(path + ".keys").forEach((key) -> known.put(String.valueOf(key), group));
		Map<String, Object> schema = new LinkedHashMap<>();
		schema.put("type", "object");
		schema.put("properties", known);
		schema.put("additionalProperties", group);
		return schema;
	}

	/** Spring Boot also accepts a text with commas, unless the elements are groups. */
	private Map<String, Object> list(Setting setting, Type element, String path) {
		Map<String, Object> items = value(setting, element, path + "[*]");
		Map<String, Object> array = new LinkedHashMap<>();
		array.put("type", "array");
		if (setting.isRequired()) {
			array.put("minItems", 1);
		}
		array.put("items", items);
		if (Types.isGroup(element)) {
			return array;
		}
		if (Types.isEntry(element)) {
			// A key without a value is an empty list
			return Scalars.anyOf(array, Map.of("type", List.of("string", "null")));
		}
		Class<?> raw = Types.raw(element);
		return raw.isEnum() ? Scalars.anyOf(List.of(array, items, Constants.of(raw, this.comments).commaSeparated()))
				: Scalars.anyOf(array, items);
	}

}
