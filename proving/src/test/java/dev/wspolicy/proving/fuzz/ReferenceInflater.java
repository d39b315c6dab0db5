package dev.wspolicy.proving.fuzz;

import java.io.ByteArrayOutputStream;
import java.util.Arrays;

/**
 * Inflates the messages of a peer bit by bit, as
 * <a href="https://www.rfc-editor.org/rfc/rfc1951">RFC 1951</a> and
 * <a href="https://www.rfc-editor.org/rfc/rfc7692#section-7.2.2">RFC 7692, section
 * 7.2.2</a>, say. It shares nothing with zlib, which the relay and most other
 * implementations use.
 */
final class ReferenceInflater {

	/** More than this is more than any trial allows. */
	static final int CAPACITY = 4 * 1024 * 1024;

	private static final int MAX_DISTANCE = 32 * 1024;

	private static final int[] LENGTHS = { 3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 15, 17, 19, 23, 27, 31, 35, 43, 51, 59, 67,
			83, 99, 115, 131, 163, 195, 227, 258 };

	private static final int[] LENGTH_BITS = { 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4,
			5, 5, 5, 5, 0 };

	private static final int[] ORDER = { 16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15 };

	private static final Code FIXED_SYMBOLS = Code.of(fixed(288, 8), 288);

	private static final Code FIXED_DISTANCES = Code.of(fixed(30, 5), 30);

	/** How much of the earlier messages may be referred to; 0 for none. */
	private final int window;

	private byte[] history = new byte[0];

	// The message

	private byte[] payload = new byte[0];

	/** The next bit. */
	private int position;

	private byte[] out = new byte[1024];

	private int length;

	/** Where in the output the current stream begins. */
	private int begin;

	/** What may be referred to from before that. */
	private byte[] before = new byte[0];

	/**
	 * Creates an inflater.
	 * @param takeover whether messages may refer to earlier ones
	 * @param windowBits how far, as a power of two
	 */
	ReferenceInflater(boolean takeover, int windowBits) {
		this.window = takeover ? 1 << windowBits : 0;
	}

	private static int[] fixed(int symbols, int length) {
		int[] lengths = new int[symbols];
		Arrays.fill(lengths, length);
		if (symbols > 256) {
			Arrays.fill(lengths, 144, 256, 9);
			Arrays.fill(lengths, 256, 280, 7);
		}
		return lengths;
	}

	/**
	 * Inflates a message, or the beginning of one.
	 * @param payload the payload so far
	 * @param whole whether that is the whole message, to which later ones may refer
	 * @return what it stands for
	 */
	Inflated inflate(byte[] payload, boolean whole) {
		this.payload = payload;
		this.position = 0;
		this.length = 0;
		this.begin = 0;
		this.before = this.history;
		boolean valid;
		try {
			readBlocks();
			valid = true;
		}
		catch (EndOfPayloadException ex) {
			valid = !whole;
		}
		catch (MalformedException ex) {
			valid = false;
		}
		byte[] inflated = Arrays.copyOf(this.out, this.length);
		if (whole) {
			this.history = this.before;
			remember(Arrays.copyOfRange(inflated, this.begin, this.length));
		}
		return new Inflated(inflated, valid);
	}

	private void remember(byte[] inflated) {
		ByteArrayOutputStream all = new ByteArrayOutputStream();
		all.writeBytes(this.history);
		all.writeBytes(inflated);
		byte[] bytes = all.toByteArray();
		this.history = Arrays.copyOfRange(bytes, Math.max(0, bytes.length - this.window), bytes.length);
	}

	/** Reads blocks up to the end that the sender has cut off, or a final block. */
	private void readBlocks() throws MalformedException {
		while (this.position < 8 * this.payload.length) {
			boolean last = bits(1) == 1;
			int type = bits(2);
			boolean end = type == 0 && readStored();
			if (type == 1) {
				readSymbols(FIXED_SYMBOLS, FIXED_DISTANCES);
			}
			else if (type == 2) {
				readTables();
			}
			else if (type == 3) {
				throw new MalformedException();
			}
			if (last) {
				align();
				this.begin = this.length;
				this.before = new byte[0];
			}
			if (end) {
				return;
			}
			if (!last && this.position == 8 * this.payload.length) {
				throw new EndOfPayloadException();
			}
		}
	}

	private void align() {
		this.position = (this.position + 7) & ~7;
	}

	/** Reads a block without compression, and returns whether its length is cut off. */
	private boolean readStored() throws MalformedException {
		align();
		if (this.position == 8 * this.payload.length) {
			return true;
		}
		int stored = bits(16);
		if (bits(16) != (~stored & 0xFFFF)) {
			throw new MalformedException();
		}
		for (int i = 0; i < stored; i++) {
			add(bits(8));
		}
		return false;
	}

	private void readTables() throws MalformedException {
		int symbols = 257 + bits(5);
		int distances = 1 + bits(5);
		int codes = 4 + bits(4);
		if (symbols > 286 || distances > 30) {
			throw new MalformedException();
		}
		int[] lengths = new int[19];
		for (int i = 0; i < codes; i++) {
			lengths[ORDER[i]] = bits(3);
		}
		Code code = Code.of(lengths, 19);
		if (code.left() != 0 && code.longest() != 0) {
			throw new MalformedException();
		}
		int[] all = (code.longest() == 0) ? noLengths(symbols + distances) : lengths(code, symbols + distances);
		if (all[256] == 0) {
			throw new MalformedException();
		}
		readSymbols(complete(Code.of(all, symbols)),
				complete(Code.of(Arrays.copyOfRange(all, symbols, all.length), distances)));
	}

	/** Without any code each length takes up a bit, until the tables turn out wrong. */
	private int[] noLengths(int count) throws MalformedException {
		for (int i = 0; i < count; i++) {
			bits(1);
		}
		return new int[count];
	}

	private int[] lengths(Code code, int count) throws MalformedException {
		int[] lengths = new int[count];
		for (int i = 0; i < count;) {
			int symbol = symbol(code);
			if (symbol < 16) {
				lengths[i++] = symbol;
				continue;
			}
			int repeat = switch (symbol) {
				case 16 -> 3 + bits(2);
				case 17 -> 3 + bits(3);
				default -> 11 + bits(7);
			};
			if ((symbol == 16 && i == 0) || i + repeat > count) {
				throw new MalformedException();
			}
			Arrays.fill(lengths, i, i + repeat, (symbol == 16) ? lengths[i - 1] : 0);
			i += repeat;
		}
		return lengths;
	}

	/** A code may be incomplete only if it has no symbol longer than a bit. */
	private static Code complete(Code code) throws MalformedException {
		if (code.left() < 0 || (code.left() > 0 && code.longest() > 1)) {
			throw new MalformedException();
		}
		return code;
	}

	private void readSymbols(Code symbols, Code distances) throws MalformedException {
		for (int symbol = symbol(symbols); symbol != 256; symbol = symbol(symbols)) {
			if (symbol < 256) {
				add(symbol);
				continue;
			}
			if (symbol - 257 >= LENGTHS.length) {
				throw new MalformedException();
			}
			int copied = LENGTHS[symbol - 257] + bits(LENGTH_BITS[symbol - 257]);
			int code = symbol(distances);
			int extra = Math.max(0, code / 2 - 1);
			int distance = ((code < 2) ? code : (2 + code % 2) << extra) + 1 + bits(extra);
			if (distance > Math.min(MAX_DISTANCE, this.before.length + this.length - this.begin)) {
				throw new MalformedException();
			}
			for (int i = 0; i < copied; i++) {
				int from = this.length - distance;
				add((from >= this.begin) ? this.out[from] : this.before[this.before.length + from - this.begin]);
			}
		}
	}

	private void add(int value) throws MalformedException {
		if (this.length == CAPACITY) {
			throw new MalformedException();
		}
		if (this.length == this.out.length) {
			this.out = Arrays.copyOf(this.out, 2 * this.length);
		}
		this.out[this.length++] = (byte) value;
	}

	private int symbol(Code code) throws MalformedException {
		int value = 0;
		int first = 0;
		int index = 0;
		for (int i = 1; i <= Math.max(1, code.longest()); i++) {
			value |= bits(1);
			int count = code.counts()[i];
			if (value - first < count) {
				return code.symbols()[index + value - first];
			}
			index += count;
			first = (first + count) << 1;
			value <<= 1;
		}
		throw new MalformedException();
	}

	private int bits(int count) throws EndOfPayloadException {
		int value = 0;
		for (int i = 0; i < count; i++) {
			if (this.position == 8 * this.payload.length) {
				throw new EndOfPayloadException();
			}
			value |= ((this.payload[this.position >> 3] >> (this.position & 7)) & 1) << i;
			this.position++;
		}
		return value;
	}

	/**
	 * What a payload stands for.
	 *
	 * @param bytes the message, or its beginning, or what precedes an error
	 * @param valid whether there is no error
	 */
	record Inflated(byte[] bytes, boolean valid) {

	}

	/**
	 * A canonical code (RFC 1951, section 3.2.2).
	 *
	 * @param counts the number of symbols of each length
	 * @param symbols the symbols, in order
	 * @param longest the length of the longest one
	 * @param left how many codes are not used; negative if there are too few
	 */
	private record Code(int[] counts, int[] symbols, int longest, int left) {

		static Code of(int[] lengths, int size) {
			int[] counts = new int[16];
			for (int i = 0; i < size; i++) {
				counts[lengths[i]]++;
			}
			counts[0] = 0;
			int[] offsets = new int[17];
			int free = 1;
			int most = 0;
			boolean over = false;
			for (int i = 1; i < 16; i++) {
				free = 2 * free - counts[i];
				over |= free < 0;
				most = (counts[i] > 0) ? i : most;
				offsets[i + 1] = offsets[i] + counts[i];
			}
			int[] sorted = new int[offsets[16]];
			for (int i = 0; i < size; i++) {
				if (lengths[i] != 0) {
					sorted[offsets[lengths[i]]++] = i;
				}
			}
			return new Code(counts, sorted, most, over ? -1 : free);
		}

	}

	private static class MalformedException extends Exception {

		private static final long serialVersionUID = 1L;

		MalformedException() {
			super(null, null, false, false);
		}

	}

	private static final class EndOfPayloadException extends MalformedException {

		private static final long serialVersionUID = 1L;

	}

}
