package dev.wspolicy.proving.faults;

import java.util.Arrays;

import dev.wspolicy.testkit.WireFrame;

/**
 * An endless sequence of frames, of which each can be told from its number: its type,
 * length, mask and payload. Short and long ones, fragmented messages, and pings between
 * fragments.
 */
final class FrameSequence {

	/** The longest frame, with its header. */
	static final int LONGEST = 80_000;

	private static final long MIX = 0x9E3779B97F4A7C15L;

	/** The length of a cycle, in which one ping stands between two fragments. */
	private static final int CYCLE = 33;

	private static final int PING = 2;

	/** How many bytes are searched for bytes that are not where they should be. */
	private static final int SEARCHED = 8 * 1024 * 1024;

	private FrameSequence() {
	}

	/** Returns the first byte of a frame. */
	static int head(long number) {
		int slot = (int) (number % CYCLE);
		if (slot == PING) {
			return 0x80 | WireFrame.PING;
		}
		// A message of one frame, then one of three fragments, and so on.
		return switch (((slot > PING) ? slot - 1 : slot) % 4) {
			case 0 -> 0x80 | WireFrame.BINARY;
			case 1 -> WireFrame.BINARY;
			case 2 -> WireFrame.CONTINUATION;
			default -> 0x80 | WireFrame.CONTINUATION;
		};
	}

	static int opcode(long number) {
		return head(number) & 0x0F;
	}

	/** Whether a frame is the last one of a message, or a ping. */
	static boolean isFinal(long number) {
		return (head(number) & 0x80) != 0;
	}

	/** Whether no message is open in front of a frame. */
	static boolean isBetweenMessages(long number) {
		return opcode(nextData(number)) == WireFrame.BINARY;
	}

	/** Returns the first frame from a number on that is no ping. */
	static long nextData(long number) {
		return (number % CYCLE == PING) ? number + 1 : number;
	}

	/** Returns the first ping from a number on. */
	static long nextPing(long number) {
		return number + Math.floorMod(PING - number, CYCLE);
	}

	/** Returns the length of the payload of a frame. */
	static int length(long number) {
		long mixed = number * MIX >>> 40;
		if (number % CYCLE == PING) {
			return 8;
		}
		if (mixed % 16_384 == 0) {
			return 70_000;
		}
		return 8 + (int) ((mixed % 256 == 0) ? mixed % 4096 : mixed % 16);
	}

	static int mask(long number) {
		return (int) (number * MIX >>> 32) | 1;
	}

	/** Returns a byte of the payload of a frame. */
	static byte payload(long number, int index) {
		return (byte) ((index < 8) ? number >>> 8 * index : number + index);
	}

	/**
	 * Writes a frame.
	 * @param number its number
	 * @param masked whether a client sends it
	 * @param target where to write it
	 * @param start the index of its first byte
	 * @return the index behind it
	 */
	static int write(long number, boolean masked, byte[] target, int start) {
		int at = start;
		int length = length(number);
		int bit = masked ? 0x80 : 0;
		target[at++] = (byte) head(number);
		if (length < 126) {
			target[at++] = (byte) (bit | length);
		}
		else if (length < 65_536) {
			target[at++] = (byte) (bit | 126);
			target[at++] = (byte) (length >>> 8);
			target[at++] = (byte) length;
		}
		else {
			target[at++] = (byte) (bit | 127);
			for (int shift = 56; shift >= 0; shift -= 8) {
				target[at++] = (byte) ((long) length >>> shift);
			}
		}
		int key = masked ? mask(number) : 0;
		if (masked) {
			for (int shift = 24; shift >= 0; shift -= 8) {
				target[at++] = (byte) (key >>> shift);
			}
		}
		for (int i = 0; i < length; i++) {
			target[at++] = (byte) (payload(number, i) ^ key >>> 24 - 8 * (i & 3));
		}
		return at;
	}

	/**
	 * Finds bytes in the sequence, to tell whether some were lost or doubled, or are
	 * those of another session.
	 * @param bytes some bytes
	 * @param masked whether a client sends them
	 * @return which byte of all frames the first one is, and in which frame; a text for
	 * messages
	 */
	static String find(byte[] bytes, boolean masked) {
		byte[] stream = new byte[SEARCHED + LONGEST];
		long number = 0;
		int end = 0;
		while (end < SEARCHED) {
			int next = write(number, masked, stream, end);
			// They may have begun in the frame before.
			for (int at = Math.max(0, end - bytes.length + 1); at <= next - bytes.length; at++) {
				if (Arrays.equals(stream, at, at + bytes.length, bytes, 0, bytes.length)) {
					return "byte " + at + " of the sequence, in or before frame " + number;
				}
			}
			end = next;
			number++;
		}
		return "none of its first " + number + " frames";
	}

}
