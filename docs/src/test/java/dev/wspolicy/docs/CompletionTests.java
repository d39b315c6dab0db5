package dev.wspolicy.docs;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

import org.junit.jupiter.api.Test;

import dev.wspolicy.policy.FramePolicyFactory;
import dev.wspolicy.policy.UpgradePolicyFactory;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The metadata has all keys, also those of the built-in policies, with descriptions,
 * defaults and hints.
 */
class CompletionTests {

	/** The keys that each policy has next to its settings. */
	private static final Set<String> ROLLOUT = Set.of("mode", "share", "rest");

	private static final String PIPELINE = "ws-policy.pipelines.*";

	@Test
	void allKeysOfAPipelineAreInTheMetadata() {
		assertThat(KnownProperties.ofWsPolicy())
			.allSatisfy((key) -> assertThat(Metadata.properties()).containsKey(key.replace(KnownProperties.NAME, "*")));
	}

	@Test
	void allBuiltInPoliciesAreInTheMetadata() {
		DocumentedGateway.runner().run((context) -> {
			Map<String, Class<?>> expected = new LinkedHashMap<>();
			context.getBeanProvider(FramePolicyFactory.class).forEach((factory) -> {
				expected.put(PIPELINE + ".inbound[*]." + factory.name(), factory.settingsType());
				expected.put(PIPELINE + ".outbound[*]." + factory.name(), factory.settingsType());
			});
			context.getBeanProvider(UpgradePolicyFactory.class)
				.forEach((factory) -> expected.put(PIPELINE + ".upgrade[*]." + factory.name(), factory.settingsType()));
			expected.values().removeIf((type) -> !type.getName().startsWith("dev.wspolicy.builtin."));
			assertThat(expected).hasSizeGreaterThan(20);
			Map<String, String> actual = new LinkedHashMap<>();
			Metadata.groups().forEach((name, group) -> {
				if (name.matches(".*\\[\\*]\\.[^.]+")) {
					actual.put(name, String.valueOf(group.get("type")));
				}
			});
			Map<String, String> names = new LinkedHashMap<>();
			expected.forEach((name, type) -> names.put(name, type.getName()));
			assertThat(actual).containsExactlyInAnyOrderEntriesOf(names);
		});
	}

	@Test
	void descriptionsFollowTheRulesOfSpringBoot() {
		Map<String, Map<String, Object>> items = new LinkedHashMap<>(Metadata.groups());
		items.putAll(Metadata.properties());
		items.keySet().removeIf((name) -> !name.startsWith(PIPELINE));
		assertThat(items).hasSizeGreaterThan(300);
		assertThat(items.values().stream().filter((item) -> !followsTheRules(item))).isEmpty();
	}

	private static boolean followsTheRules(Map<String, Object> item) {
		String description = String.valueOf(item.get("description"));
		boolean flag = "java.lang.Boolean".equals(item.get("type"));
		return description.matches("[A-Z0-9].*[.]") && !description.matches("(?:The|A|An) .*|.*\\{@.*")
				&& (!flag || description.startsWith("Whether "));
	}

	@Test
	void defaultsAreThoseOfTheTable() {
		Map<String, String> actual = new LinkedHashMap<>();
		Map<String, String> expected = new LinkedHashMap<>();
		ConfigurationPageTests.defaultsOfTheTable().forEach((key, value) -> {
			if (!value.isEmpty() && !value.equals("[]") && !value.equals("\"\"")) {
				expected.put(key, value);
				Object found = Metadata.properties().get(key.replace(KnownProperties.NAME, "*")).get("defaultValue");
				actual.put(key, String.valueOf((found instanceof List<?> list) ? list.get(0) : found));
			}
		});
		assertThat(actual).containsExactlyInAnyOrderEntriesOf(expected);
	}

	@Test
	void valuesAreProposed() {
		assertThat(values("ws-policy.pipelines.keys")).containsExactly("default");
		assertThat(values(PIPELINE + ".masking")).containsExactly("preserve", "remask");
		assertThat(values(PIPELINE + ".on-loss.upstream")).contains("abort");
		assertThat(values(PIPELINE + ".inbound")).contains("deny-nul", "rate-limit").doesNotContain("session-limit");
		assertThat(values(PIPELINE + ".upgrade")).contains("session-limit").doesNotContain("rate-limit");
		assertThat(values(PIPELINE + ".inbound[*].rate-limit.on-exceed")).contains("throttle");
		assertThat(values(PIPELINE + ".outbound[*].rate-limit.scope")).contains("principal");
		assertThat(values(PIPELINE + ".outbound[*].size-limit.on-violation.action")).containsExactly("close", "drop",
				"reply");
	}

	@Test
	void theSettingsOfPoliciesAreDocumented() {
		List<String> missing = new ArrayList<>();
		Metadata.properties().keySet().forEach((name) -> {
			String[] parts = name.split("\\[\\*]\\.", 2);
			if (parts.length == 2 && !parts[1].contains(".on-violation.") && !parts[1].contains(".on-invalid.")) {
				String policy = parts[1].substring(0, parts[1].indexOf('.'));
				String setting = parts[1].substring(policy.length() + 1).replace("[*]", "[]");
				if (Page.of(page(policy, setting))
					.prose()
					.stream()
					.noneMatch((line) -> line.contains("`" + setting + "`"))) {
					missing.add(policy + ": " + setting);
				}
			}
		});
		assertThat(missing).isEmpty();
	}

	private static String page(String policy, String setting) {
		if (ROLLOUT.contains(setting)) {
			return "docs/rolling-out.md";
		}
		return "docs/policies/" + (policy.equals("authenticated-only") ? "first-message-auth" : policy) + ".md";
	}

	private static List<Object> values(String property) {
		List<Object> values = new ArrayList<>();
		((List<?>) Metadata.hints().get(property).get("values"))
			.forEach((value) -> values.add(((Map<?, ?>) value).get("value")));
		return values;
	}

}
