package dev.wspolicy.proving.fuzz;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

import dev.wspolicy.proving.Seed;
import dev.wspolicy.session.Side;
import dev.wspolicy.testkit.QuietLog;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Random and mutated streams, of which the relay and Netty's decoder of frames must make
 * the same. A stream that they do not agree about is cut until nothing can be left out.
 */
@ExtendWith(QuietLog.class)
class DifferentialTests {

	private static final long SHORT = 4_000_000;

	private static final long LONG = 1_000_000_000;

	@Test
	void relayAgreesWithNettysDecoder() {
		run(Seed.of("differential"), SHORT);
	}

	@Test
	@Tag("proving")
	void longRun() {
		run(Seed.of("differential, long"), Long.getLong("proving.bytes", LONG));
	}

	@Test
	void relayAgreesWithNode() throws Exception {
		runAgainstNode(Seed.of("differential, Node"), 500);
	}

	@Test
	@Tag("proving")
	void longRunAgainstNode() throws Exception {
		Seed seed = Seed.of("differential, Node, long");
		for (int i = 0; i < 50; i++) {
			runAgainstNode(new Seed(seed.value() + i), 10_000);
		}
	}

	private static void runAgainstNode(Seed seed, int streams) throws Exception {
		List<RelayTrial> trials = new ArrayList<>();
		for (int i = 0; i < streams; i++) {
			Random random = seed.trial(i);
			Side sender = random.nextBoolean() ? Side.CLIENT : Side.UPSTREAM;
			trials.add(new RelayTrial(random.nextLong(), sender, RandomStream.ofWholeFrames(random, sender)));
		}
		List<Reading> readings = NodeOracle.prepare().read(trials);
		assertThat(readings).hasSize(streams);
		for (int i = 0; i < streams; i++) {
			String difference = trials.get(i).runAgainst(readings.get(i));
			assertThat(difference).as("Trial %d of %s: %s", i, seed, trials.get(i)).isNull();
		}
	}

	private static void run(Seed seed, long bytes) {
		long start = System.nanoTime();
		long done = 0;
		long trials = 0;
		while (done < bytes) {
			Random random = seed.trial(trials++);
			Side sender = random.nextBoolean() ? Side.CLIENT : Side.UPSTREAM;
			RelayTrial trial = new RelayTrial(random.nextLong(), sender, RandomStream.of(random, sender));
			if (trial.run() != null) {
				RelayTrial shortest = new Shortening<>((other) -> other.stream().length, RelayTrial::without,
						(other) -> other.run() != null)
					.of(trial);
				throw new AssertionError(
						"Trial " + (trials - 1) + " of " + seed + ": " + shortest + "\n" + shortest.run());
			}
			done += trial.stream().length;
		}
		System.out.printf("%d streams, %d bytes, %.1f s%n", trials, done, (System.nanoTime() - start) / 1e9);
	}

}
