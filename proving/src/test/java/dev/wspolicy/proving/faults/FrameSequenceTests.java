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
		byte[] stream = new byte[2 * FrameSequence.LONGEST];
		int end = 0;
		int start = 0;
		for (long number = 0; number < 60; number++) {
			// Its number is in its payload, and makes it unique.
			start = (number == 50) ? end : start;
			end = FrameSequence.write(number, masked, stream, end);
		}
		byte[] bytes = Arrays.copyOfRange(stream, start, start + 40);
		assertThat(FrameSequence.find(bytes, masked)).startsWith("byte " + start + " of the sequence");
	}

	@Test
	void bytesOfNoFrameAreNotFound() {
		byte[] bytes = new byte[40];
		Arrays.fill(bytes, (byte) 0x7E);
		assertThat(FrameSequence.find(bytes, true)).startsWith("none");
	}

}
