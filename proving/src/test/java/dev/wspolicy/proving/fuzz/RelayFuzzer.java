package dev.wspolicy.proving.fuzz;

import java.nio.ByteBuffer;
import java.util.Arrays;

import org.jspecify.annotations.Nullable;

import dev.wspolicy.session.Side;

/**
 * The target of coverage-guided fuzzing. An input is a byte that tells who sends, a seed
 * of four bytes for the settings and the pieces, and the stream.
 */
public final class RelayFuzzer {

	private static final int HEADER = 5;

	private RelayFuzzer() {
	}

	/**
	 * Called by Jazzer with each input.
	 * @param input the input
	 */
	public static void fuzzerTestOneInput(byte[] input) {
		String difference = run(input);
		if (difference != null) {
			throw new AssertionError(difference);
		}
	}

	static @Nullable String run(byte[] input) {
		if (input.length <= HEADER) {
			return null;
		}
		ByteBuffer header = ByteBuffer.wrap(input);
		Side sender = ((header.get() & 1) == 0) ? Side.CLIENT : Side.UPSTREAM;
		return new RelayTrial(header.getInt(), sender, Arrays.copyOfRange(input, HEADER, input.length)).run();
	}

	/** The input that stands for a trial with a short seed. */
	static byte[] inputOf(RelayTrial trial) {
		return ByteBuffer.allocate(HEADER + trial.stream().length)
			.put((byte) ((trial.sender() == Side.CLIENT) ? 0 : 1))
			.putInt((int) trial.seed())
			.put(trial.stream())
			.array();
	}

}
