package dev.wspolicy.proving.fuzz;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Random;

import dev.wspolicy.session.Side;
import dev.wspolicy.testkit.WireFrame;
import dev.wspolicy.testkit.WireFrame.LengthForm;

/**
 * Makes up what a peer sends: frames that are mostly in order, with a mistake here and
 * there, and bytes that were changed on their way.
 */
final class RandomStream {

	/** Characters of one to four bytes, of which some are cut. */
	private static final String TEXT = "abc \u00e4\u00f6\u00df\u20ac\u4e2d\ud83d\ude00";

	private static final int[] CODES = { 0, 999, 1000, 1001, 1003, 1004, 1005, 1006, 1007, 1011, 1012, 1013, 1014, 1015,
			1016, 2999, 3000, 4999, 5000, 32767, 32768, 65535 };

	private final Random random;

	private final Side sender;

	private final ByteArrayOutputStream out = new ByteArrayOutputStream();

	/** How many of a thousand frames are wrong. */
	private final int mistakes;

	/** Whether there are long frames. */
	private final boolean big;

	private boolean inMessage;

	private RandomStream(Random random, Side sender, boolean orderly) {
		this.random = random;
		this.sender = sender;
		this.big = chance(15);
		this.mistakes = orderly ? 0 : chance(30) ? 0 : chance(70) ? 20 : 300;
	}

	/**
	 * Makes a stream up.
	 * @param random the random numbers
	 * @param sender the side that sends it
	 * @return the bytes
	 */
	static byte[] of(Random random, Side sender) {
		RandomStream stream = new RandomStream(random, sender, false);
		int frames = 1 + random.nextInt(stream.chance(80) ? 10 : 200);
		for (int i = 0; i < frames; i++) {
			stream.add();
		}
		byte[] bytes = stream.out.toByteArray();
		return stream.chance(20) ? stream.mutated(bytes) : bytes;
	}

	/**
	 * Makes a stream up of whole frames, of which nothing but text and close frames may
	 * be wrong.
	 * @param random the random numbers
	 * @param sender the side that sends it
	 * @return the bytes
	 */
	static byte[] ofWholeFrames(Random random, Side sender) {
		RandomStream stream = new RandomStream(random, sender, true);
		for (int i = 1 + random.nextInt(30); i > 0; i--) {
			stream.add();
		}
		return stream.out.toByteArray();
	}

	private void add() {
		int what = this.random.nextInt(100);
		WireFrame frame;
		if (what < 20) {
			frame = WireFrame.of(chance(50) ? WireFrame.PING : WireFrame.PONG, payload(125));
		}
		else if (what < 22) {
			frame = close();
		}
		else {
			boolean text = chance(60);
			byte[] payload = text ? text() : payload(length());
			frame = WireFrame
				.of(this.inMessage ? WireFrame.CONTINUATION : text ? WireFrame.TEXT : WireFrame.BINARY, payload)
				.fin(chance(70));
			this.inMessage = !frame.fin();
		}
		frame = (this.sender == Side.CLIENT) ? frame.mask(chance(10) ? 0 : this.random.nextInt()) : frame;
		this.out.writeBytes(((this.random.nextInt(1000) < this.mistakes) ? wrong(frame) : frame).encode());
	}

	private WireFrame close() {
		if (chance(20)) {
			return WireFrame.of(WireFrame.CLOSE, payload(2));
		}
		if (chance(20)) {
			byte[] reason = text();
			return WireFrame.of(WireFrame.CLOSE,
					ByteBuffer.allocate(2 + Math.min(123, reason.length))
						.putShort((short) 1000)
						.put(reason, 0, Math.min(123, reason.length))
						.array());
		}
		return WireFrame.close(chance(50) ? 1000 : CODES[this.random.nextInt(CODES.length)], chance(50) ? "" : "bye");
	}

	private int length() {
		int what = this.random.nextInt(this.big ? 100 : 90);
		if (what < 60) {
			return 20;
		}
		return (what < 90) ? 140 : (what < 99) ? 5_000 : 70_000;
	}

	private byte[] payload(int most) {
		byte[] payload = new byte[this.random.nextInt(most + 1)];
		this.random.nextBytes(payload);
		return payload;
	}

	private byte[] text() {
		StringBuilder text = new StringBuilder();
		for (int length = this.random.nextInt(length() + 1); length > 0; length--) {
			int at = this.random.nextInt(TEXT.length());
			text.appendCodePoint(TEXT.codePointAt(Character.isLowSurrogate(TEXT.charAt(at)) ? at - 1 : at));
		}
		byte[] bytes = text.toString().getBytes(StandardCharsets.UTF_8);
		// Cut within a character, now and then
		return (chance(5) && bytes.length > 0) ? Arrays.copyOf(bytes, bytes.length - 1) : bytes;
	}

	private WireFrame wrong(WireFrame frame) {
		return switch (this.random.nextInt(8)) {
			case 0 -> frame.rsv(1 + this.random.nextInt(7));
			case 1 -> frame.opcode(this.random.nextInt(16));
			case 2 -> frame.mask(frame.isMasked() ? null : new byte[4]);
			case 3 -> frame.fin(!frame.fin());
			case 4 -> WireFrame.of(frame.opcode(), payload(200)).mask(frame.mask());
			case 5 -> frame.lengthForm(chance(50) ? LengthForm.SIXTY_FOUR_BIT : longer(frame));
			case 6 -> frame.claimedLength(claimed(frame));
			default -> frame.opcode(frame.opcode() ^ 1);
		};
	}

	private static LengthForm longer(WireFrame frame) {
		return (frame.claimedLength() < 0x10000) ? LengthForm.SIXTEEN_BIT : LengthForm.SIXTY_FOUR_BIT;
	}

	private long claimed(WireFrame frame) {
		return switch (this.random.nextInt(4)) {
			case 0 -> frame.payload().length + 1;
			case 1 -> 0x1_0000_0000L + this.random.nextInt();
			case 2 -> this.random.nextLong();
			default -> Math.max(0, frame.payload().length - 1);
		};
	}

	private byte[] mutated(byte[] bytes) {
		byte[] mutated = bytes;
		for (int i = 1 + this.random.nextInt(3); i > 0 && mutated.length > 0; i--) {
			mutated = mutatedAt(mutated, this.random.nextInt(mutated.length));
		}
		return mutated;
	}

	private byte[] mutatedAt(byte[] bytes, int at) {
		int what = this.random.nextInt(4);
		if (what == 0) {
			return Arrays.copyOf(bytes, at);
		}
		if (what == 1) {
			return without(bytes, at, Math.min(bytes.length - at, 1 + this.random.nextInt(4)));
		}
		byte[] mutated = bytes.clone();
		mutated[at] = (byte) ((what == 2) ? bytes[at] ^ (1 << this.random.nextInt(8)) : this.random.nextInt());
		return mutated;
	}

	private static byte[] without(byte[] bytes, int at, int length) {
		byte[] rest = Arrays.copyOf(bytes, bytes.length - length);
		System.arraycopy(bytes, at + length, rest, at, rest.length - at);
		return rest;
	}

	private boolean chance(int percent) {
		return this.random.nextInt(100) < percent;
	}

}
