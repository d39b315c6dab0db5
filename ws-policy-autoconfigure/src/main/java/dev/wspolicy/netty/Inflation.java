package dev.wspolicy.netty;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.BooleanSupplier;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import org.jspecify.annotations.Nullable;

import dev.wspolicy.frame.CloseStatus;
import dev.wspolicy.frame.Direction;
import dev.wspolicy.frame.FrameType;
import dev.wspolicy.relay.Relay;
import dev.wspolicy.session.Termination.Cause;

/**
 * Stands before the reader of a leg whose peer may compress its messages
 * (<a href="https://www.rfc-editor.org/rfc/rfc7692#section-7.2.2">RFC 7692, section
 * 7.2.2</a>), and hands on frames that are not compressed: so nobody behind it knows of
 * compression, and the bit that marks it never crosses to the other leg.
 * <p>
 * A frame that inflates to more than {@value #FRAGMENT} bytes becomes several, each of
 * which meets the limits of its direction before the next one is made. A kilobyte can
 * inflate to a megabyte, so this stops as soon as the reader or the other leg will not
 * take more, not only between two reads.
 */
final class Inflation {

	private static final int FRAGMENT = 64 * 1024;

	private static final int PIECE = 8 * 1024;

	private static final int FIN = 0x80;

	/**
	 * What the sender has cut off the end of each message, and some empty blocks. All
	 * this inflates to nothing, unless the message was cut within a block: what is left
	 * of its code tables, which are the longest thing that inflates to nothing by itself,
	 * takes up less than these blocks.
	 */
	private static final byte[] END = end(64);

	private static final byte[] NOTHING = {};

	private static final CloseStatus CORRUPT = CloseStatus.INVALID_PAYLOAD.withReason("bad compressed data");

	private final Direction direction;

	private final Relay relay;

	private final LegReader reader;

	private final PerMessageDeflate agreement;

	private final ByteBufAllocator allocator;

	/** Whether the direction takes more now. */
	private final BooleanSupplier willing;

	private final Deque<ByteBuf> input = new ArrayDeque<>(0);

	private final WireHeader header = new WireHeader();

	/** The bytes of input and output; other threads may see it late. */
	private long held;

	private boolean running;

	private boolean disposed;

	// The frame being read

	private Mode mode = Mode.HEADER;

	private long length;

	private long remaining;

	/** What has been made of it. */
	private long inflated;

	/** A message has begun, and not ended. */
	private boolean inMessage;

	// The compressed message being read

	private boolean compressed;

	/** What the next fragment handed on begins with: its opcode, or a continuation's. */
	private int opcode;

	private @Nullable Inflater inflater;

	/** What the inflater has been given last. */
	private byte[] piece = NOTHING;

	/**
	 * It stands between two blocks, since it has been given nothing that it is within.
	 */
	private boolean betweenBlocks;

	/** It has been given what the sender cut off. */
	private boolean endGiven;

	private @Nullable ByteBuf output;

	Inflation(Direction direction, Relay relay, LegReader reader, PerMessageDeflate agreement,
			ByteBufAllocator allocator, BooleanSupplier willing) {
		this.direction = direction;
		this.relay = relay;
		this.reader = reader;
		this.agreement = agreement;
		this.allocator = allocator;
		this.willing = willing;
	}

	/**
	 * Take bytes from the channel.
	 * @param bytes the bytes, owned from now on
	 */
	void read(ByteBuf bytes) {
		if (this.disposed) {
			bytes.release();
			return;
		}
		this.input.addLast(bytes);
		goOn();
	}

	/** Go on with what has been kept, as far as the direction takes it. */
	void goOn() {
		if (this.running) {
			return;
		}
		this.running = true;
		try {
			while (this.willing.getAsBoolean() && !this.disposed && step()) {
				// Piece by piece.
			}
		}
		finally {
			this.running = false;
			count();
		}
	}

	/** Whether all that was read has been handed on. */
	boolean isIdle() {
		return !this.running && (this.disposed || (this.input.isEmpty() && !hasMoreToInflate()));
	}

	/** Whether a frame has begun and not ended. */
	boolean isMidFrame() {
		return this.mode != Mode.HEADER || this.header.hasBegun();
	}

	/** Give back all memory; nothing is read any more. */
	void dispose() {
		this.disposed = true;
		this.input.forEach(ByteBuf::release);
		this.input.clear();
		releaseOutput();
		giveBackInflater();
		count();
	}

	/**
	 * How many bytes it has read and not handed on. From any thread, which may be a
	 * little behind.
	 */
	long held() {
		return this.held;
	}

	private void count() {
		long held = (this.output != null) ? this.output.readableBytes() : 0;
		for (ByteBuf bytes : this.input) {
			held += bytes.readableBytes();
		}
		this.held = held;
	}

	/** Do the next small thing; whether there may be more to do. */
	private boolean step() {
		if (this.mode == Mode.INFLATE) {
			return inflate();
		}
		if (this.mode != Mode.HEADER && this.remaining == 0) {
			this.mode = Mode.HEADER;
			return true;
		}
		ByteBuf in = this.input.peekFirst();
		if (in == null) {
			return false;
		}
		if (this.mode == Mode.HEADER) {
			if (this.header.read(in)) {
				startFrame();
			}
		}
		else {
			passOn(in);
		}
		releaseIfRead(in);
		return true;
	}

	private void startFrame() {
		this.length = this.header.payloadLength();
		this.remaining = this.length;
		this.inflated = 0;
		this.mode = modeOf(this.header);
		if (this.mode == Mode.AS_IT_IS) {
			if (this.length < 0) {
				// The reader ends the session for it, whatever follows.
				this.remaining = Long.MAX_VALUE;
			}
			this.reader.read(this.header.copy());
		}
		if (this.mode != Mode.INFLATE) {
			this.header.clear();
		}
	}

	private Mode modeOf(WireHeader header) {
		boolean wellFormed = header.isMinimal() && this.length >= 0
				&& header.masked() == (this.direction == Direction.INBOUND);
		if (header.beginsMessage()) {
			boolean wanted = wellFormed && !this.inMessage;
			this.compressed = wanted && header.isCompressed();
			this.betweenBlocks = true;
			this.opcode = header.opcode();
		}
		else if (!header.isContinuation() || header.hasReservedBits() || !this.inMessage || !wellFormed) {
			return Mode.AS_IT_IS;
		}
		this.inMessage = !header.fin();
		if (!this.compressed) {
			return Mode.AS_IT_IS;
		}
		return this.relay.isOpen(this.direction) ? Mode.INFLATE : Mode.SKIP;
	}

	private void passOn(ByteBuf in) {
		int taken = (int) Math.min(this.remaining, in.readableBytes());
		this.remaining -= taken;
		if (this.mode == Mode.AS_IT_IS) {
			this.reader.read(in.readRetainedSlice(taken));
		}
		else {
			in.skipBytes(taken);
		}
	}

	private void releaseIfRead(ByteBuf in) {
		if (!in.isReadable() && !this.disposed) {
			this.input.removeFirst();
			in.release();
		}
	}

	// Compressed frames

	private boolean inflate() {
		if (!this.relay.isOpen(this.direction)) {
			// It may have been closed by what this frame has inflated to so far.
			skipFrame();
			return true;
		}
		Inflater inflater = inflater();
		ByteBuf output = output();
		int made;
		try {
			made = inflate(inflater, output);
		}
		catch (DataFormatException ex) {
			giveUp(CORRUPT, Cause.INVALID_PAYLOAD);
			return true;
		}
		if (output.readableBytes() > FRAGMENT - PIECE) {
			handOn(output, false);
			return true;
		}
		return made > 0 || feed(inflater);
	}

	private int inflate(Inflater inflater, ByteBuf output) throws DataFormatException {
		output.ensureWritable(PIECE);
		int made = inflater.inflate(output.nioBuffer(output.writerIndex(), PIECE));
		output.writerIndex(output.writerIndex() + made);
		if (inflater.needsDictionary()) {
			throw new DataFormatException("nobody has agreed upon a dictionary");
		}
		if (this.endGiven && (made > 0 || inflater.finished())) {
			throw new DataFormatException("the message ends within a block");
		}
		return made;
	}

	/** The inflater has nothing to say: give it more, or end the frame. */
	private boolean feed(Inflater inflater) {
		if (inflater.finished()) {
			// A sender may end its stream within a message and begin another one (RFC
			// 7692, section 7.2.3.4).
			int left = inflater.getRemaining();
			inflater.reset();
			inflater.setInput(this.piece, this.piece.length - left, left);
			this.betweenBlocks = left == 0;
			if (left > 0) {
				return true;
			}
		}
		if (this.remaining > 0) {
			return feedPayload(inflater);
		}
		if (this.header.fin() && !this.endGiven && !this.betweenBlocks) {
			this.endGiven = true;
			this.piece = END;
			inflater.setInput(END);
		}
		else {
			endFrame();
		}
		return true;
	}

	private boolean feedPayload(Inflater inflater) {
		ByteBuf in = this.input.peekFirst();
		if (in == null) {
			return false;
		}
		int taken = (int) Math.min(Math.min(this.remaining, in.readableBytes()), PIECE);
		byte[] piece = new byte[taken];
		in.readBytes(piece);
		releaseIfRead(in);
		Masks.apply(piece, 0, taken, this.header.key(), this.length - this.remaining);
		this.remaining -= taken;
		this.piece = piece;
		this.betweenBlocks = false;
		inflater.setInput(piece);
		return true;
	}

	private void endFrame() {
		boolean fin = this.header.fin();
		this.header.clear();
		this.mode = Mode.HEADER;
		if (fin) {
			this.compressed = false;
			this.endGiven = false;
			if (!this.agreement.inflateTakeover()) {
				giveBackInflater();
			}
		}
		handOn(output(), fin);
	}

	private void handOn(ByteBuf output, boolean fin) {
		long limit = this.relay.frameLimit(this.direction);
		this.inflated += output.readableBytes();
		if (this.inflated > limit) {
			giveUp(CloseStatus.TOO_BIG.withReason("frame over " + limit + " bytes"), Cause.LIMIT_EXCEEDED);
			return;
		}
		int firstByte = (fin ? FIN : 0) | this.opcode;
		this.opcode = FrameType.CONTINUATION.opcode();
		this.output = null;
		this.reader.read(FrameEncoder.frame(output, firstByte, this.direction == Direction.INBOUND));
	}

	/** What came is no compressed data, or too much. */
	private void giveUp(CloseStatus status, Cause cause) {
		skipFrame();
		this.relay.onInvalid(this.direction, status, cause);
	}

	private void skipFrame() {
		this.mode = Mode.SKIP;
		this.header.clear();
		releaseOutput();
		giveBackInflater();
	}

	private boolean hasMoreToInflate() {
		return this.mode == Mode.INFLATE
				&& (this.remaining == 0 || (this.inflater != null && !this.inflater.needsInput()));
	}

	private ByteBuf output() {
		ByteBuf output = this.output;
		if (output == null) {
			output = FrameEncoder.payload(this.allocator);
			this.output = output;
		}
		return output;
	}

	private void releaseOutput() {
		if (this.output != null) {
			this.output.release();
			this.output = null;
		}
	}

	private Inflater inflater() {
		Inflater inflater = this.inflater;
		if (inflater == null) {
			inflater = Zlib.inflater();
			this.inflater = inflater;
		}
		return inflater;
	}

	private void giveBackInflater() {
		this.piece = NOTHING;
		if (this.inflater != null) {
			Zlib.giveBack(this.inflater);
			this.inflater = null;
		}
	}

	private static byte[] end(int emptyBlocks) {
		byte[] end = new byte[4 + 5 * emptyBlocks];
		for (int i = 4; i <= end.length; i += 5) {
			end[i - 2] = -1;
			end[i - 1] = -1;
		}
		return end;
	}

	private enum Mode {

		/** A header is being read. */
		HEADER,

		/** The frame is not compressed. */
		AS_IT_IS,

		/** The frame is inflated. */
		INFLATE,

		/** The session ends, and nobody wants the frame. */
		SKIP

	}

}
