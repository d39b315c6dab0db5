package dev.wspolicy.benchmarks.load;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Random;
import java.util.function.ToIntFunction;

/**
 * The one message that travels: JSON text of a given size with a sequence number and a
 * mark at fixed places, so that both ends can check what comes without parsing it.
 */
final class Message {

	/** Where the sequence number stands: eight hexadecimal digits. */
	static final int SEQUENCE = 6;

	/** Where the mark stands: eight letters, which a policy may replace. */
	static final int MARK = 21;

	/** How much of a payload is looked at. */
	static final int KNOWN = MARK + Long.BYTES;

	/** The smallest message. */
	static final int MIN_SIZE = 64;

	/** The mark of a message as it is sent. */
	static final long ORIGINAL = mark("original");

	/** What the rewriting policy makes of it. */
	static final long REPLACED = mark("replaced");

	/** The mask key of all clients; not zero, so that unmasking costs what it costs. */
	static final int KEY = 0x5A17C39E;

	private static final int TEXT = 0x81;

	private static final List<String> WORDS = List.of("to", "at", "in", "is", "buy", "and", "sell", "price", "order",
			"user", "room", "from", "state", "market", "amount", "status", "session", "message", "created", "updated",
			"currency", "identifier", "description", "notification", "confirmation", "availability");

	private Message() {
	}

	/**
	 * A whole text frame.
	 * @param payload its payload, which is masked if need be
	 * @param bits reserved bits to set in its first byte
	 * @param masked whether a client sends it
	 * @return the frame
	 */
	static byte[] frame(byte[] payload, int bits, boolean masked) {
		int size = payload.length;
		int header = headerLength(size, masked);
		ByteBuffer frame = ByteBuffer.allocate(header + size);
		frame.put((byte) (TEXT | bits));
		int maskBit = masked ? 0x80 : 0;
		if (size < 126) {
			frame.put((byte) (maskBit | size));
		}
		else if (size < 65536) {
			frame.put((byte) (maskBit | 126)).putShort((short) size);
		}
		else {
			frame.put((byte) (maskBit | 127)).putLong(size);
		}
		if (masked) {
			frame.putInt(KEY);
			mask(payload, KEY);
		}
		return frame.put(payload).array();
	}

	static void mask(byte[] payload, int key) {
		for (int i = 0; i < payload.length; i++) {
			payload[i] ^= (byte) (key >>> (24 - 8 * (i & 3)));
		}
	}

	static int headerLength(int size, boolean masked) {
		int length = (size < 126) ? 2 : ((size < 65536) ? 4 : 10);
		return length + (masked ? Integer.BYTES : 0);
	}

	/**
	 * The payload of a message, its sequence number zero.
	 */
	static byte[] payload(int size) {
		return payload(size, (text) -> (char) ('a' + text.length() % 26));
	}

	/**
	 * The same with words that compress like those of a language.
	 */
	static byte[] text(int size) {
		Random random = new Random(size);
		StringBuilder words = new StringBuilder();
		while (words.length() < size) {
			// Short words are more frequent than long ones.
			words.append(WORDS.get(Math.min(random.nextInt(WORDS.size()), random.nextInt(WORDS.size())))).append(' ');
			if (random.nextInt(6) == 0) {
				words.append(random.nextInt(10_000)).append(' ');
			}
		}
		return payload(size, (text) -> words.charAt(text.length()));
	}

	private static byte[] payload(int size, ToIntFunction<StringBuilder> next) {
		if (size < MIN_SIZE) {
			throw new IllegalArgumentException("size: " + size + " (expected: >= " + MIN_SIZE + ")");
		}
		String start = "{\"n\":\"00000000\",\"s\":\"original\",\"f\":\"";
		String end = "\"}";
		StringBuilder text = new StringBuilder(size).append(start);
		while (text.length() < size - end.length()) {
			text.append((char) next.applyAsInt(text));
		}
		return text.append(end).toString().getBytes(StandardCharsets.US_ASCII);
	}

	/** A sequence number as it stands in the message. */
	static long digits(int sequence) {
		long nibbles = Integer.toUnsignedLong(sequence);
		nibbles = (nibbles | (nibbles << 16)) & 0x0000FFFF0000FFFFL;
		nibbles = (nibbles | (nibbles << 8)) & 0x00FF00FF00FF00FFL;
		nibbles = (nibbles | (nibbles << 4)) & 0x0F0F0F0F0F0F0F0FL;
		long letters = ((nibbles + 0x0606060606060606L) >>> 4) & 0x0101010101010101L;
		return nibbles + 0x3030303030303030L + letters * ('a' - '0' - 10);
	}

	/** What to XOR eight bytes of a payload with that stand at some place. */
	static long mask(int key, int place) {
		int rotated = Integer.rotateLeft(key, 8 * (place & 3));
		return (Integer.toUnsignedLong(rotated) << 32) | Integer.toUnsignedLong(rotated);
	}

	private static long mark(String letters) {
		return ByteBuffer.wrap(letters.getBytes(StandardCharsets.US_ASCII)).getLong();
	}

}
