package dev.wspolicy.fleet;

import java.util.Collection;
import java.util.List;

/**
 * Which gateways an answer comes from.
 *
 * @param answered the names of the gateways that answered, sorted
 * @param missing the names of the live gateways that did not answer, sorted
 */
public record Reach(List<String> answered, List<String> missing) {

	public Reach {
		answered = answered.stream().distinct().sorted().toList();
		missing = missing.stream().distinct().sorted().toList();
	}

	/**
	 * Returns the reach of an answer.
	 * @param answered the gateways that answered
	 * @param live the gateways that should have answered
	 * @return the reach
	 */
	public static Reach of(Collection<String> answered, Collection<String> live) {
		return new Reach(List.copyOf(answered), live.stream().filter((name) -> !answered.contains(name)).toList());
	}

	/**
	 * Whether all live gateways answered.
	 * @return {@code true} if none is missing
	 */
	public boolean isComplete() {
		return this.missing.isEmpty();
	}

}
