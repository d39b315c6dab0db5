package dev.wspolicy.metadata;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * The entries of the lists of policies: the name of a policy, or a single key that is the
 * name, with the settings below. Names other than those of the built-in policies are
 * those of the application's beans and factories.
 */
final class PolicyLists {

	private static final String FRAME_POLICY = "FramePolicy";

	private static final String UPGRADE_POLICY = "UpgradePolicy";

	private PolicyLists() {
	}

	/** Returns a reference to the entries of a list. */
	static Map<String, Object> entry(Setting list) {
		return Definitions.ref(onUpgrades(list) ? UPGRADE_POLICY : FRAME_POLICY);
	}

	/** Whether a list contains policies on upgrades rather than frames. */
	static boolean onUpgrades(Setting list) {
		return list.name().equals("upgrade");
	}

	/**
	 * Adds the entries to the definitions, which already contain the settings.
	 * @param definitions the definitions
	 * @param policies all policies
	 */
	static void define(Definitions definitions, List<Policy> policies) {
		definitions.put(FRAME_POLICY, schema(definitions, policies, false));
		definitions.put(UPGRADE_POLICY, schema(definitions, policies, true));
	}

	private static Map<String, Object> schema(Definitions definitions, List<Policy> policies, boolean onUpgrades) {
		Map<String, Object> settings = new LinkedHashMap<>();
		Map<String, String> names = new LinkedHashMap<>();
		List<String> misplaced = new ArrayList<>();
		List<String> incomplete = new ArrayList<>();
		for (Policy policy : policies) {
			if (policy.onUpgrades() != onUpgrades) {
				misplaced.add(policy.name());
				continue;
			}
			Map<String, Object> schema = new LinkedHashMap<>();
			schema.put("description", policy.description());
			Map<String, Object> group = Definitions.ref(policy.settings());
			if (definitions.keys(policy.settings()).stream().anyMatch(Setting::isRequired)) {
				incomplete.add(policy.name());
				schema.putAll(group);
			}
			else {
				names.put(policy.name(), policy.description());
				schema.putAll(Scalars.anyOf(group, Map.of("type", "null")));
			}
			settings.put(policy.name(), schema);
		}
		return Scalars.anyOf(List.of(Constants.described(names), otherName(misplaced, incomplete),
				nameWithSettings(settings, misplaced)));
	}

	private static Map<String, Object> otherName(List<String> misplaced, List<String> incomplete) {
		List<String> wrong = new ArrayList<>(misplaced);
		wrong.addAll(incomplete);
		Map<String, Object> schema = new LinkedHashMap<>();
		schema.put("type", "string");
		schema.put("not", Map.of("enum", wrong));
		return schema;
	}

	private static Map<String, Object> nameWithSettings(Map<String, Object> settings, List<String> misplaced) {
		Map<String, Object> schema = new LinkedHashMap<>();
		schema.put("type", "object");
		schema.put("minProperties", 1);
		schema.put("maxProperties", 1);
		schema.put("properties", settings);
		String pattern = misplaced.stream().collect(Collectors.joining("|", "^(?:", ")$"));
		schema.put("patternProperties", Map.of(pattern, false));
		return schema;
	}

}
