package dev.wspolicy.rollout;

import java.util.Objects;

import org.jspecify.annotations.Nullable;

/**
 * A policy of a pipeline.
 *
 * @param pipeline the name of the pipeline
 * @param policy the name of the policy
 * @param list the list that has the policy, or {@code null} for all lists
 * @param route the id of the route whose sessions are meant, or {@code null} for all
 */
public record PolicyTarget(String pipeline, String policy, @Nullable PolicyList list, @Nullable String route) {

	/**
	 * Whether an entry of a list is meant, for the sessions of a route.
	 * @param pipeline the name of the pipeline
	 * @param policy the name of the policy
	 * @param list the list
	 * @param route the id of the route
	 * @return {@code true} if it is meant
	 */
	public boolean includes(String pipeline, String policy, PolicyList list, String route) {
		return this.policy.equals(policy) && this.pipeline.equals(pipeline) && isIn(list) && isOn(route);
	}

	/**
	 * Whether all that another target means is meant.
	 * @param other the other target
	 * @return {@code true} if this one is the same or more general
	 */
	public boolean covers(PolicyTarget other) {
		return this.policy.equals(other.policy) && this.pipeline.equals(other.pipeline)
				&& (this.list == null || this.list == other.list)
				&& (this.route == null || this.route.equals(other.route));
	}

	/**
	 * Whether policies of a list may be meant.
	 * @param list the list
	 * @return {@code true} for this list, or if no list is named
	 */
	public boolean isIn(PolicyList list) {
		return this.list == null || this.list == list;
	}

	/**
	 * Whether sessions of a route are meant.
	 * @param route the id of the route
	 * @return {@code true} for this route, or if no route is named
	 */
	public boolean isOn(@Nullable String route) {
		return this.route == null || Objects.equals(this.route, route);
	}

	@Override
	public String toString() {
		return "policy '" + this.policy + "' of the pipeline '" + this.pipeline + "'"
				+ ((this.list != null) ? ", list " + this.list : "")
				+ ((this.route != null) ? ", route '" + this.route + "'" : "");
	}

}
