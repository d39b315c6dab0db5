package dev.wspolicy.metadata;

import java.lang.reflect.Field;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;

/**
 * A built-in policy.
 *
 * @param name the name that pipelines use
 * @param description what it does
 * @param settings the type of its settings
 * @param onUpgrades whether it decides on upgrades rather than frames
 */
record Policy(String name, String description, Class<?> settings, boolean onUpgrades) {

	private static final String SETTINGS = "$Settings";

	private static final String UPGRADE_POLICY = "dev.wspolicy.policy.UpgradePolicy";

	/**
	 * Returns the type of the keys that each policy has next to its settings.
	 * @return the type
	 */
	static Class<?> rollout() {
		return load("dev.wspolicy.autoconfigure.RolloutSettings");
	}

	/**
	 * Finds the policies: the classes with a name and nested settings.
	 * @param comments the Javadoc of all classes
	 * @return the policies, by name
	 */
	static List<Policy> findAll(SourceComments comments) {
		List<Policy> policies = new ArrayList<>();
		for (String type : comments.types()) {
			if (type.endsWith(SETTINGS)) {
				Class<?> settings = load(type);
				Class<?> policy = settings.getDeclaringClass();
				policies.add(new Policy(name(policy), Objects.requireNonNullElse(comments.of(policy), ""), settings,
						load(UPGRADE_POLICY).isAssignableFrom(policy)));
			}
		}
		policies.sort(Comparator.comparing(Policy::name));
		return policies;
	}

	/**
	 * Returns the name of a list that may contain it.
	 * @return the name
	 */
	String list() {
		return this.onUpgrades ? "upgrade" : "inbound";
	}

	private static String name(Class<?> policy) {
		try {
			Field name = policy.getDeclaredField("NAME");
			name.setAccessible(true);
			return (String) name.get(null);
		}
		catch (ReflectiveOperationException ex) {
			throw new IllegalStateException("A policy with settings has a constant NAME", ex);
		}
	}

	private static Class<?> load(String name) {
		try {
			// Not initialized: a policy may depend on a library that the build lacks
			return Class.forName(name, false, Policy.class.getClassLoader());
		}
		catch (ClassNotFoundException ex) {
			throw new IllegalStateException(ex);
		}
	}

}
