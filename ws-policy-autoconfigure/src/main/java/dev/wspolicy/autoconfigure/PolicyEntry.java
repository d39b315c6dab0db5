package dev.wspolicy.autoconfigure;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * An entry in a pipeline's list of policies: the name of a policy bean, or the name of a
 * factory with the settings of the policy. It is a map so that it accepts any settings,
 * which are bound and validated when the policy is created.
 */
public final class PolicyEntry extends LinkedHashMap<String, Object> {

	private static final long serialVersionUID = 1L;

	/**
	 * Create an entry that consists of a name only. Called by the conversion service.
	 * @param name the name of a policy bean or factory
	 * @return the entry
	 */
	public static PolicyEntry of(String name) {
		PolicyEntry entry = new PolicyEntry();
		entry.put(name, "");
		return entry;
	}

	/**
	 * Return the name of the policy bean or factory.
	 * @return the name, or an empty string if there is not exactly one
	 */
	public String name() {
		return (size() == 1) ? keySet().iterator().next() : "";
	}

	/**
	 * Return whether the entry has settings of the policy itself.
	 * @return {@code false} if the entry consists of a name only, or says nothing but how
	 * far the policy has been rolled out
	 */
	public boolean hasSettings() {
		return !values().stream().allMatch((value) -> "".equals(value) || isRolloutOnly(value));
	}

	private static boolean isRolloutOnly(Object value) {
		return value instanceof Map<?, ?> map
				&& map.keySet().stream().allMatch((key) -> RolloutSettings.isKey(String.valueOf(key)));
	}

}
