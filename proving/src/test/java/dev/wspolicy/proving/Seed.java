package dev.wspolicy.proving;

import java.util.Random;
import java.util.concurrent.ThreadLocalRandom;

/**
 * The seed of a random run. A run takes a new one and prints it, unless the system
 * property {@code proving.seed} names the seed of a run to repeat.
 *
 * @param value the seed
 */
public record Seed(long value) {

	private static final String PROPERTY = "proving.seed";

	/**
	 * Choose the seed of a run and print it, so that a run that fails can be repeated.
	 * @param run the name of the run
	 * @return the seed
	 */
	public static Seed of(String run) {
		Long given = Long.getLong(PROPERTY);
		Seed seed = new Seed((given != null) ? given : ThreadLocalRandom.current().nextLong());
		System.out.println(run + ": -D" + PROPERTY + "=" + seed.value());
		return seed;
	}

	/**
	 * Return the seed of a run that is the same in every build, unless another one is
	 * given, and print it.
	 * @param run the name of the run
	 * @param usual the seed
	 * @return the seed
	 */
	public static Seed of(String run, long usual) {
		Seed seed = new Seed(Long.getLong(PROPERTY, usual));
		System.out.println(run + ": -D" + PROPERTY + "=" + seed.value());
		return seed;
	}

	/**
	 * Return the random numbers of one trial, which depend on nothing but the seed and
	 * the trial's number.
	 * @param trial the number of the trial
	 * @return the random numbers
	 */
	public Random trial(long trial) {
		return new Random(this.value ^ (trial * 0x9E3779B97F4A7C15L));
	}

}
