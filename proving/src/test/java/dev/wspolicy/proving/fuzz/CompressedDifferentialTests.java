package dev.wspolicy.proving.fuzz;

import java.util.Map;
import java.util.Random;
import java.util.TreeMap;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

import dev.wspolicy.proving.Seed;
import dev.wspolicy.testkit.QuietLog;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Compressed messages, many of them malformed, of which the relay and an inflater that is
 * not zlib must make the same. What they do not agree about is cut until nothing can be
 * left out.
 */
@ExtendWith(QuietLog.class)
class CompressedDifferentialTests {

	private static final long SHORT = 4_000_000;

	private static final long LONG = 300_000_000;

	@Test
	void relayAgreesWithTheReference() {
		run(Seed.of("compressed"), SHORT);
	}

	@Test
	@Tag("proving")
	void longRun() {
		run(Seed.of("compressed, long"), Long.getLong("proving.bytes", LONG));
	}

	private static void run(Seed seed, long bytes) {
		long start = System.nanoTime();
		long done = 0;
		long trials = 0;
		Map<Integer, Long> errors = new TreeMap<>();
		while (done < bytes) {
			Random random = seed.trial(trials++);
			CompressedTrial trial = CompressedTrial.of(random);
			if (trial.run((expected) -> errors.merge(expected.error, 1L, Long::sum)) != null) {
				CompressedTrial shortest = shortened(trial);
				throw new AssertionError(
						"Trial " + (trials - 1) + " of " + seed + ": " + shortest + "\n" + shortest.run());
			}
			done += trial.stream().length;
		}
		System.out.printf("%d streams, %d bytes, errors %s, %.1f s%n", trials, done, errors,
				(System.nanoTime() - start) / 1e9);
		assertThat(errors).containsKeys(0, 1002, 1007, 1009);
	}

	private static CompressedTrial shortened(CompressedTrial trial) {
		CompressedTrial fewer = new Shortening<CompressedTrial>((other) -> other.frames().size(),
				CompressedTrial::withoutFrames, (other) -> other.run() != null)
			.of(trial);
		return new Shortening<>(CompressedTrial::payloads, CompressedTrial::withoutPayload,
				(other) -> other.run() != null)
			.of(fewer);
	}

}
