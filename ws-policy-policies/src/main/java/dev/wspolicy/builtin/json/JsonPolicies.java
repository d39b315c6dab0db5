package dev.wspolicy.builtin.json;

import java.util.List;

import org.springframework.core.io.ResourceLoader;

import dev.wspolicy.builtin.support.ViolationSettings;
import dev.wspolicy.policy.FramePolicyFactory;

/**
 * The factories of the built-in policies for JSON messages. They require Jackson.
 */
public final class JsonPolicies {

	private JsonPolicies() {
	}

	/**
	 * Returns the factory of {@code json-redact}.
	 * @return the factory
	 */
	public static FramePolicyFactory<?> jsonRedact() {
		return FramePolicyFactory.of(JsonRedactPolicy.NAME, JsonRedactPolicy.Settings.class, JsonRedactPolicy::new);
	}

	/**
	 * Returns the factory of {@code json-set}.
	 * @return the factory
	 */
	public static FramePolicyFactory<?> jsonSet() {
		return FramePolicyFactory.of(JsonSetPolicy.NAME, JsonSetPolicy.Settings.class, JsonSetPolicy::new);
	}

	/**
	 * Returns the factory of {@code json-schema}. Requires the JSON Schema validator.
	 * @param resources loads the schemas
	 * @return the factory
	 */
	public static FramePolicyFactory<?> jsonSchema(ResourceLoader resources) {
		return FramePolicyFactory.of(JsonSchemaPolicy.NAME, JsonSchemaPolicy.Settings.class,
				(settings) -> new JsonSchemaPolicy(settings, resources));
	}

	/**
	 * Returns the types of the settings, which are bound by reflection.
	 * @return the types of the settings of these policies
	 */
	public static List<Class<?>> settings() {
		return List.of(JsonRedactPolicy.Settings.class, JsonSetPolicy.Settings.class, JsonSchemaPolicy.Settings.class,
				InvalidJsonSettings.class, ViolationSettings.class);
	}

}
