package dev.wspolicy.proving.faults;

import java.util.Arrays;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link FrameSequence}.
 */
class FrameSequenceTests {

	@ParameterizedTest
	@ValueSource(booleans = { false, true })
	void bytesAreFoundWhereTheyStand(boolean masked) {
		byte[] stream = new byte[100_000 + FrameSequence.LONGEST];
		int end = 0;
		for (long number = 0; end < 100_000; number++) {
			end = FrameSequence.write(number, masked, stream, end);
		}
		// From one frame into the next ones
		byte[] bytes = Arrays.copyOfRange(stream, 90_000, 90_040);
		assertThat(FrameSequence.find(bytes, masked)).startsWith("byte 90000 of the sequence");
	}

	@Test
	void bytesOfNoFrameAreNotFound() {
		byte[] bytes = new byte[40];
		Arrays.fill(bytes, (byte) 0x7E);
		assertThat(FrameSequence.find(bytes, true)).startsWith("none");
	}

}
