package dev.wspolicy.proving.faults;

/**
 * Writes the frames of a {@link FrameSequence} in their order, as one peer sends them.
 */
interface FrameWriter {

	/**
	 * Writes a frame.
	 * @param number its number
	 * @param target where to write it
	 * @param start the index of its first byte
	 * @return the index behind it
	 */
	int write(long number, byte[] target, int start);

}
