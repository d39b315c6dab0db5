package dev.wspolicy.policies;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * How many sessions live or are about to open, by what they have in common. Only what is
 * not zero is kept. Safe from any thread.
 */
final class SessionCounts {

	private final Map<String, Integer> counts = new ConcurrentHashMap<>();

	/**
	 * Take a place, if there is one: counting and taking are one step, so that no two
	 * upgrades get the same place.
	 * @param key what the sessions have in common
	 * @param max how many of them there may be
	 * @return whether there was a place; to be given back with {@link #giveBack}
	 */
	boolean tryTake(String key, int max) {
		boolean[] taken = new boolean[1];
		this.counts.compute(key, (name, count) -> {
			int used = (count != null) ? count : 0;
			taken[0] = used < max;
			return (taken[0]) ? Integer.valueOf(used + 1) : count;
		});
		return taken[0];
	}

	void giveBack(String key) {
		this.counts.computeIfPresent(key, (name, count) -> (count != 1) ? Integer.valueOf(count - 1) : null);
	}

	/** How many there are of a kind. */
	int count(String key) {
		return this.counts.getOrDefault(key, 0);
	}

	/** How many kinds there are. */
	int size() {
		return this.counts.size();
	}

}
