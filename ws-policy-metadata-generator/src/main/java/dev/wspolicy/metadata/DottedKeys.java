package dev.wspolicy.metadata;

import java.lang.reflect.Type;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Keys that lead into nested groups, as in {@code session.idle-timeout}, which YAML files
 * may use in place of nesting. They are patterns, so that editors accept them and propose
 * the nested form.
 */
final class DottedKeys {

	private DottedKeys() {
	}

	/**
	 * Returns the dotted keys of a group.
	 * @param definitions the definitions
	 * @param group the group
	 * @param prefix the prefix of all keys
	 * @return the schemas of the keys, by pattern
	 */
	static Map<String, Object> patterns(Definitions definitions, Class<?> group, String prefix) {
		Map<String, Object> patterns = new LinkedHashMap<>();
		below(definitions, group).forEach((key, schema) -> patterns.put("^" + prefix + key + "$", schema));
		return patterns;
	}

	private static Map<String, Object> below(Definitions definitions, Class<?> group) {
		Map<String, Object> dotted = new LinkedHashMap<>();
		for (Setting setting : definitions.keys(group)) {
			Type type = setting.type();
			if (Types.isMap(type)) {
				Class<?> element = Types.raw(Types.element(type));
				String entry = setting.name() + "\\.[^.]+";
				dotted.put(entry, Definitions.ref(element));
				add(definitions, entry, element, dotted);
			}
			else if (Types.isGroup(type)) {
				add(definitions, setting.name(), Types.raw(type), dotted);
			}
		}
		return dotted;
	}

	private static void add(Definitions definitions, String key, Class<?> group, Map<String, Object> dotted) {
		for (Setting setting : definitions.keys(group)) {
			dotted.put(key + "\\." + setting.name(), Definitions.ref(group, setting));
		}
		below(definitions, group).forEach((below, schema) -> dotted.put(key + "\\." + below, schema));
	}

}
