package dev.wspolicy.proving.fuzz;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.zip.Deflater;

import dev.wspolicy.session.Side;
import dev.wspolicy.testkit.WireFrame;

/**
 * Makes up what a peer sends that compresses its messages: in all ways that the RFC
 * allows, with a mistake here and there.
 */
final class CompressedStream {

	private static final byte[] TAIL = { 0, 0, -1, -1 };

	private final Random random;

	private final Side sender;

	private final boolean takeover;

	private final Deflater deflater;

	private final List<WireFrame> frames = new ArrayList<>();

	/** How many of a hundred payloads are damaged. */
	private final int mistakes;

	/** Whether there are long messages. */
	private final boolean big;

	private CompressedStream(Random random, Side sender, boolean takeover) {
		this.random = random;
		this.sender = sender;
		this.takeover = takeover;
		this.deflater = new Deflater(random.nextInt(10), true);
		this.deflater.setStrategy(random.nextInt(3));
		this.big = chance(3);
		this.mistakes = chance(30) ? 0 : chance(50) ? 10 : 60;
	}

	/**
	 * Makes a stream up, which ends with a close frame.
	 * @param random the random numbers
	 * @param sender the side that sends it
	 * @param takeover whether messages may refer to earlier ones
	 * @return the frames
	 */
	static List<WireFrame> of(Random random, Side sender, boolean takeover) {
		CompressedStream stream = new CompressedStream(random, sender, takeover);
		for (int i = random.nextInt(12); i >= 0; i--) {
			stream.addMessage();
		}
		stream.add(WireFrame.close(4000));
		stream.deflater.end();
		return stream.frames;
	}

	private void addMessage() {
		boolean compressed = chance(85);
		byte[] payload = body();
		if (compressed) {
			payload = deflated(payload);
			while (this.random.nextInt(100) < this.mistakes) {
				payload = damaged(payload);
			}
		}
		int rsv = (compressed ? 4 : 0) ^ (chance(1) ? this.random.nextInt(8) : 0);
		WireFrame message = WireFrame.of(chance(50) ? WireFrame.TEXT : WireFrame.BINARY, payload).rsv(rsv);
		for (int from = 0; chance(40);) {
			int to = from + this.random.nextInt(payload.length - from + 1);
			add(fragment(message, payload, from, to).fin(false));
			message = WireFrame.continuation("").rsv(chance(1) ? 4 : 0);
			payload = Arrays.copyOfRange(payload, to, payload.length);
			addControlFrames();
		}
		add(fragment(message, payload, 0, payload.length));
		addControlFrames();
	}

	private static WireFrame fragment(WireFrame message, byte[] payload, int from, int to) {
		return WireFrame.of(message.opcode(), Arrays.copyOfRange(payload, from, to)).rsv(message.rsv());
	}

	private void addControlFrames() {
		while (chance(20)) {
			add(WireFrame.of(chance(50) ? WireFrame.PING : WireFrame.PONG, bytes(this.random.nextInt(126))));
		}
	}

	private void add(WireFrame frame) {
		this.frames.add((this.sender == Side.CLIENT) ? frame.mask(this.random.nextInt()) : frame);
	}

	private byte[] body() {
		int length = this.random.nextInt(chance(70) ? 200 : this.big ? 300_000 : 5_000);
		return switch (this.random.nextInt(4)) {
			case 0 -> bytes(length);
			case 1 -> new byte[length];
			case 2 -> words(length);
			default -> fewLetters(length);
		};
	}

	private byte[] bytes(int length) {
		byte[] bytes = new byte[length];
		this.random.nextBytes(bytes);
		return bytes;
	}

	private byte[] fewLetters(int length) {
		byte[] bytes = new byte[length];
		int letters = 1 + this.random.nextInt(20);
		for (int i = 0; i < length; i++) {
			bytes[i] = (byte) ('a' + this.random.nextInt(letters));
		}
		return bytes;
	}

	private byte[] words(int length) {
		StringBuilder words = new StringBuilder();
		while (words.length() < length) {
			words.append("{\"user\":").append(this.random.nextInt(1000)).append(",\"text\":\"hello\"},");
		}
		return words.toString().getBytes(StandardCharsets.UTF_8);
	}

	private byte[] deflated(byte[] message) {
		if (!this.takeover) {
			this.deflater.reset();
		}
		ByteArrayOutputStream out = new ByteArrayOutputStream();
		int from = 0;
		// Several blocks, some of them empty
		while (chance(20)) {
			int to = from + this.random.nextInt(message.length - from + 1);
			this.deflater.setInput(message, from, to - from);
			deflate(out, chance(80) ? Deflater.SYNC_FLUSH : Deflater.FULL_FLUSH);
			from = to;
		}
		this.deflater.setInput(message, from, message.length - from);
		if (chance(10)) {
			this.deflater.finish();
			deflate(out, Deflater.NO_FLUSH);
			this.deflater.reset();
			if (chance(50)) {
				out.write(0);
			}
			return withoutTail(out.toByteArray());
		}
		deflate(out, Deflater.SYNC_FLUSH);
		byte[] payload = withoutTail(out.toByteArray());
		// Zlib has nothing to say after a flush.
		return (payload.length > 0) ? payload : new byte[1];
	}

	private static byte[] withoutTail(byte[] payload) {
		int end = payload.length - TAIL.length;
		return (end >= 0 && Arrays.equals(TAIL, 0, TAIL.length, payload, end, payload.length))
				? Arrays.copyOf(payload, end) : payload;
	}

	private void deflate(ByteArrayOutputStream out, int flush) {
		byte[] buffer = new byte[4096];
		int made;
		do {
			made = this.deflater.deflate(buffer, 0, buffer.length, flush);
			out.write(buffer, 0, made);
		}
		while (made == buffer.length);
	}

	// Damage

	private byte[] damaged(byte[] payload) {
		int near = chance(50) ? Math.min(payload.length, 100) : payload.length;
		int at = this.random.nextInt(near + 1);
		int some = Math.min(payload.length - at, this.random.nextInt(chance(80) ? 8 : 1000));
		return switch (this.random.nextInt(14)) {
			case 0, 1, 2 -> flipped(payload, at, 1 << this.random.nextInt(8));
			case 3 -> Arrays.copyOf(payload, at);
			case 4 -> replaced(payload, at, 0, bytes(1 + this.random.nextInt(8)));
			case 5 -> replaced(payload, at, some, new byte[0]);
			case 6 -> replaced(payload, at, some, bytes(some));
			case 7 -> replaced(payload, at, 0, new byte[1 + this.random.nextInt(20)]);
			case 8 -> replaced(payload, payload.length, 0, TAIL);
			case 9 -> replaced(payload, payload.length, 0, bytes(1 + this.random.nextInt(20)));
			case 10 -> replaced(payload, payload.length, 0, new byte[1 + this.random.nextInt(20)]);
			// Another kind of block, or a final one
			case 11 -> flipped(payload, 0, 1 + this.random.nextInt(7));
			case 12 -> chance(50) ? new byte[some] : bytes(some + 1);
			default -> replaced(payload, at, 0, payload.clone());
		};
	}

	private static byte[] flipped(byte[] payload, int at, int bits) {
		byte[] flipped = payload.clone();
		if (at < flipped.length) {
			flipped[at] ^= (byte) bits;
		}
		return flipped;
	}

	private static byte[] replaced(byte[] payload, int at, int length, byte[] by) {
		ByteArrayOutputStream replaced = new ByteArrayOutputStream();
		replaced.write(payload, 0, at);
		replaced.writeBytes(by);
		replaced.write(payload, at + length, payload.length - at - length);
		return replaced.toByteArray();
	}

	private boolean chance(int percent) {
		return this.random.nextInt(100) < percent;
	}

}
