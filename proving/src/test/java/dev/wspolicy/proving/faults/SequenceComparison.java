package dev.wspolicy.proving.faults;

import java.io.IOException;

/**
 * Compares the frames that a peer receives with a {@link FrameSequence}.
 */
interface SequenceComparison {

	/**
	 * Compares the next frame, which is no close frame, if all of it is there.
	 * @param buffer what has been read
	 * @param from the index of the first byte of the frame
	 * @param to the index behind what has been read
	 * @return the index behind the frame, or {@code from} if some of it is missing
	 * @throws AssertionError if it is not what the sequence demands
	 */
	int compare(byte[] buffer, int from, int to) throws IOException;

	/**
	 * Returns the number of frames of the sequence that are complete. From any thread.
	 */
	long frames();

}
