package dev.wspolicy.rollout;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

import org.jspecify.annotations.Nullable;

/**
 * The overrides that are in force. Where several apply, the last one counts.
 *
 * @param all the overrides, in the order in which they were set
 */
public record RolloutOverrides(List<RolloutOverride> all) {

	/**
	 * No overrides.
	 */
	public static final RolloutOverrides NONE = new RolloutOverrides(List.of());

	public RolloutOverrides {
		all = List.copyOf(all);
	}

	/**
	 * Returns these overrides with another one, in place of those for the same policy
	 * that would have no effect any more.
	 * @param added the other one
	 * @return the overrides
	 */
	public RolloutOverrides with(RolloutOverride added) {
		List<RolloutOverride> overrides = new ArrayList<>(this.all);
		overrides.removeIf((override) -> added.target().covers(override.target()));
		overrides.add(added);
		return new RolloutOverrides(overrides);
	}

	/**
	 * Returns these overrides without some of them.
	 * @param removed which
	 * @return the overrides
	 */
	public RolloutOverrides without(Predicate<RolloutOverride> removed) {
		return new RolloutOverrides(this.all.stream().filter(removed.negate()).toList());
	}

	/**
	 * Returns the override of an entry of a list, for the sessions of a route.
	 * @param pipeline the name of the pipeline
	 * @param policy the name of the policy
	 * @param list the list
	 * @param route the id of the route
	 * @return the override, or {@code null} if what is configured applies
	 */
	public @Nullable RolloutOverride find(String pipeline, String policy, PolicyList list, String route) {
		for (int i = this.all.size() - 1; i >= 0; i--) {
			RolloutOverride override = this.all.get(i);
			if (override.target().includes(pipeline, policy, list, route)) {
				return override;
			}
		}
		return null;
	}

}
