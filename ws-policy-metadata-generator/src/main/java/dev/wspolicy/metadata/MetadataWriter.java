package dev.wspolicy.metadata;

import java.lang.reflect.Type;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import org.jspecify.annotations.Nullable;

/**
 * Adds what is below {@code ws-policy.pipelines} to the metadata that Spring Boot's
 * annotation processor has written, with {@code *} for the name of a pipeline and
 * {@code [*]} for an index.
 */
final class MetadataWriter {

	private static final String FRAME_POLICY = "dev.wspolicy.policy.FramePolicy";

	private static final String UPGRADE_POLICY = "dev.wspolicy.policy.UpgradePolicy";

	private final SettingsReader reader;

	private final SourceComments comments;

	private final ManualMetadata manual;

	private final List<Policy> policies;

	private final List<Map<String, Object>> groups = new ArrayList<>();

	private final List<Map<String, Object>> properties = new ArrayList<>();

	private final List<Map<String, Object>> hints = new ArrayList<>();

	MetadataWriter(SettingsReader reader, SourceComments comments, ManualMetadata manual, List<Policy> policies) {
		this.reader = reader;
		this.comments = comments;
		this.manual = manual;
		this.policies = policies;
	}

	/**
	 * Writes the metadata.
	 * @param generated the metadata of the annotation processor, possibly with what an
	 * earlier run has added
	 * @param prefix the prefix
	 * @param properties the class that is bound to it, which has a map of pipelines
	 * @return the whole metadata
	 */
	Map<String, Object> write(Map<String, Object> generated, String prefix, Class<?> properties) {
		Setting map = this.reader.read(properties, null)
			.stream()
			.filter((setting) -> Types.isMap(setting.type()))
			.findFirst()
			.orElseThrow();
		Class<?> pipeline = Types.raw(Types.element(map.type()));
		String path = prefix + "." + map.name() + ".*";
		group(path, pipeline, this.comments.of(pipeline), properties);
		keys(pipeline, null, path);
		Map<String, Object> metadata = new LinkedHashMap<>(generated);
		metadata.put("groups", merge(generated.get("groups"), path, this.groups));
		metadata.put("properties", merge(generated.get("properties"), path, this.properties));
		metadata.put("hints", merge(generated.get("hints"), path, this.hints));
		return metadata;
	}

	private static List<Map<String, Object>> merge(@Nullable Object existing, String path,
			List<Map<String, Object>> added) {
		List<Map<String, Object>> merged = new ArrayList<>();
		if (existing instanceof List<?> items) {
			for (Object item : items) {
				Map<String, Object> values = new LinkedHashMap<>();
				((Map<?, ?>) item).forEach((key, value) -> values.put(String.valueOf(key), value));
				if (!String.valueOf(values.get("name")).startsWith(path)) {
					merged.add(values);
				}
			}
		}
		merged.addAll(added);
		merged.sort(Comparator.comparing((item) -> String.valueOf(item.get("name"))));
		return merged;
	}

	private void keys(Class<?> type, @Nullable Object instance, String path) {
		for (Setting setting : this.reader.read(type, instance)) {
			key(setting, path + "." + setting.name());
		}
	}

	private void key(Setting setting, String path) {
		Type type = setting.type();
		if (Types.isGroup(type)) {
			group(path, Types.raw(type), setting.description(), setting.owner());
			keys(Types.raw(type), setting.value(), path);
			return;
		}
		property(setting, path);
		if (!Types.isCollection(type)) {
			hint(path, Types.raw(type));
		}
		else if (Types.isEntry(Types.element(type))) {
			policies(path, PolicyLists.onUpgrades(setting));
		}
		else if (Types.isGroup(Types.element(type))) {
			keys(Types.raw(Types.element(type)), null, path + "[*]");
		}
		else {
			hint(path, Types.raw(Types.element(type)));
		}
	}

	private void policies(String path, boolean onUpgrades) {
		List<Policy> listed = this.policies.stream().filter((policy) -> policy.onUpgrades() == onUpgrades).toList();
		List<Object> values = new ArrayList<>();
		for (Policy policy : listed) {
			values.add(value(policy.name(), policy.description()));
			String entry = path + "[*]." + policy.name();
			group(entry, policy.settings(), policy.description(), policy.settings());
			keys(policy.settings(), null, entry);
			keys(Policy.rollout(), null, entry);
		}
		Map<String, Object> beans = new LinkedHashMap<>();
		beans.put("name", "spring-bean-reference");
		beans.put("parameters", Map.of("target", onUpgrades ? UPGRADE_POLICY : FRAME_POLICY));
		hint(path, values, List.of(Map.of("name", "any"), beans));
	}

	private void group(String path, Class<?> type, @Nullable String description, Class<?> owner) {
		Map<String, Object> group = new LinkedHashMap<>();
		group.put("name", path);
		group.put("type", type.getName());
		if (description != null) {
			group.put("description", description);
		}
		group.put("sourceType", owner.getName());
		this.groups.add(group);
	}

	private void property(Setting setting, String path) {
		Map<String, Object> property = new LinkedHashMap<>();
		property.put("name", path);
		property.put("type", Types.name(setting.type()));
		if (setting.description() != null) {
			property.put("description", setting.description());
		}
		property.put("sourceType", setting.owner().getName());
		Object defaultValue = this.manual.defaultValue(setting, path);
		if (defaultValue != null) {
			property.put("defaultValue", defaultValue);
		}
		this.properties.add(property);
	}

	private void hint(String path, Class<?> type) {
		List<Object> values = new ArrayList<>();
		if (type.isEnum()) {
			Constants.of(type, this.comments).values().forEach((name, text) -> values.add(value(name, text)));
		}
		Map<String, Object> hint = this.manual.hint(path);
		if (hint.get("values") instanceof List<?> manually) {
			values.addAll(manually);
		}
		hint(path, values, (hint.get("providers") instanceof List<?> providers) ? providers : List.of());
	}

	private void hint(String path, List<Object> values, List<?> providers) {
		Map<String, Object> hint = new LinkedHashMap<>();
		hint.put("name", path);
		if (!values.isEmpty()) {
			hint.put("values", values);
		}
		if (!providers.isEmpty()) {
			hint.put("providers", providers);
		}
		if (hint.size() > 1) {
			this.hints.add(hint);
		}
	}

	private static Map<String, Object> value(String value, String description) {
		Map<String, Object> hint = new LinkedHashMap<>();
		hint.put("value", value);
		if (!description.isEmpty()) {
			hint.put("description", description);
		}
		return hint;
	}

}
