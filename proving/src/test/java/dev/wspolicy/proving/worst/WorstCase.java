package dev.wspolicy.proving.worst;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Random;

/**
 * The most expensive message that a search has found.
 *
 * @param message the message
 * @param nanosPerKib what it costs on all threads, per KiB
 * @param longestOnLoop the longest time on the event loop of any message of the search
 * @param growth how much more a KiB costs in a message that is eight times as long
 */
record WorstCase(Message message, double nanosPerKib, long longestOnLoop, double growth) {

	/** Longer messages leave the event loop at once. */
	static final int LONGEST = 32 * 1024;

	/** Costs per KiB of shorter messages are those of a call. */
	private static final int SHORTEST = 512;

	private static final int POPULATION = 24;

	private static final double KIB = 1024.0;

	/**
	 * Searches with a genetic loop: the most expensive messages per KiB have descendants.
	 */
	static WorstCase search(Subject subject, Random random, int generations) {
		warmUp(subject, random);
		long longest = 0;
		List<Scored> population = new ArrayList<>();
		for (int generation = 0; generation < generations; generation++) {
			List<Message> candidates = new ArrayList<>();
			for (int i = 0; i < POPULATION; i++) {
				candidates.add(candidate(subject.grammar(), population, random));
			}
			for (Message candidate : candidates) {
				String text = candidate.text(LONGEST);
				if (text.length() >= SHORTEST) {
					Subject.Cost cost = measure(subject, text, 2);
					longest = Math.max(longest, cost.onLoop());
					population.add(new Scored(candidate, cost.all() * KIB / text.length()));
				}
			}
			population.sort(Comparator.comparingDouble(Scored::score).reversed());
			population = new ArrayList<>(population.subList(0, Math.min(POPULATION, population.size())));
		}
		Scored best = population.get(0);
		return new WorstCase(best.message(), best.score(), longest, growth(subject, best.message()));
	}

	private static Message candidate(Grammar grammar, List<Scored> population, Random random) {
		if (population.size() < POPULATION / 2 || random.nextInt(8) == 0) {
			return Message.random(grammar, random);
		}
		Message parent = population.get(random.nextInt(population.size())).message();
		return (random.nextInt(3) == 0)
				? parent.cross(population.get(random.nextInt(population.size())).message(), random)
				: parent.mutate(random);
	}

	private static void warmUp(Subject subject, Random random) {
		long end = System.nanoTime() + 300_000_000;
		while (System.nanoTime() < end) {
			subject.judge(Message.random(subject.grammar(), random).text(4096));
		}
	}

	/**
	 * Compares messages of the same shape, of at most 1/8 of the bound and of the bound.
	 */
	private static double growth(Subject subject, Message message) {
		double factor = 1;
		while (message.times(factor).text(LONGEST / 8).isEmpty() && factor > 1.0 / LONGEST) {
			factor /= 2;
		}
		String small = message.times(factor).text(LONGEST / 8);
		String large = message.times(factor * 8).text(LONGEST * 2);
		if (small.isEmpty() || large.isEmpty()) {
			return 1;
		}
		double smallCost = (double) measure(subject, small, 9).all() / small.length();
		return (double) measure(subject, large, 5).all() / large.length() / smallCost;
	}

	/** Returns the least cost of several attempts, which others have disturbed least. */
	static Subject.Cost measure(Subject subject, String text, int attempts) {
		long onLoop = Long.MAX_VALUE;
		long all = Long.MAX_VALUE;
		for (int i = 0; i < attempts; i++) {
			Subject.Cost cost = subject.judge(text);
			onLoop = Math.min(onLoop, cost.onLoop());
			all = Math.min(all, cost.all());
		}
		return new Subject.Cost(onLoop, all);
	}

	@Override
	public String toString() {
		return String.format("%.1f us/KiB, at most %.1f ms at once, a KiB of 8 times as much costs %.1f times: %s",
				this.nanosPerKib / 1000, this.longestOnLoop / 1e6, this.growth, this.message);
	}

	private record Scored(Message message, double score) {

	}

}
