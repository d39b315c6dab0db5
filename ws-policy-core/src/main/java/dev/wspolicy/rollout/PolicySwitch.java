package dev.wspolicy.rollout;

import java.util.List;

/**
 * Changes how far policies are rolled out while the gateway runs, for new sessions and
 * for live ones. Safe from any thread.
 */
public interface PolicySwitch {

	/**
	 * Checks whether a policy can be rolled out as an override says.
	 * @param override the override
	 * @throws UnknownPolicyException if there is no such pipeline or policy
	 * @throws IllegalArgumentException if the policy cannot be rolled out like that
	 */
	void check(RolloutOverride override);

	/**
	 * Sets an override, in place of those for the same policy that it covers.
	 * @param override the override
	 * @return the number of live sessions whose policies it concerns
	 * @throws UnknownPolicyException if there is no such pipeline or policy
	 * @throws IllegalArgumentException if the policy cannot be rolled out like that
	 */
	long set(RolloutOverride override);

	/**
	 * Undoes overrides.
	 * @param target the policy; overrides of less than that are undone, too
	 * @return the number of live sessions whose policies it concerns
	 * @throws UnknownPolicyException if there is no such override
	 */
	long undo(PolicyTarget target);

	/**
	 * Returns the overrides that are in force.
	 * @return the overrides, in the order in which they were set
	 */
	List<RolloutOverride> overrides();

}
