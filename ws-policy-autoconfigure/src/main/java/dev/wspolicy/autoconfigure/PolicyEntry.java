package dev.wspolicy.autoconfigure;

import java.util.LinkedHashMap;

/**
 * One entry of a pipeline in {@code application.yml}: the name of a policy bean, or the
 * name of a factory with the policy's settings below. Being a map, it takes any settings;
 * they are bound and checked when the policy is made.
 */
public final class PolicyEntry extends LinkedHashMap<String, Object> {

	private static final long serialVersionUID = 1L;

	/**
	 * An entry that is a name alone; called by the conversion service.
	 * @param name the name of a policy bean or factory
	 * @return the entry
	 */
	public static PolicyEntry of(String name) {
		PolicyEntry entry = new PolicyEntry();
		entry.put(name, "");
		return entry;
	}

	/**
	 * The name that the entry gives.
	 * @return the name, or an empty string if there is none or more than one
	 */
	public String name() {
		return (size() == 1) ? keySet().iterator().next() : "";
	}

	/**
	 * Whether settings stand below the name.
	 * @return {@code false} if the entry is a name alone
	 */
	public boolean hasSettings() {
		return !values().stream().allMatch(""::equals);
	}

}
