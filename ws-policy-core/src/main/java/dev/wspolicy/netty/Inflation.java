package dev.wspolicy.netty;

import java.util.zip.DataFormatException;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;

import dev.wspolicy.frame.CloseStatus;
import dev.wspolicy.frame.Direction;
import dev.wspolicy.relay.Relay;
import dev.wspolicy.session.Termination.Cause;

/**
 * Inflates what a leg sends whose peer may compress its messages
 * (<a href="https://www.rfc-editor.org/rfc/rfc7692#section-7.2.2">RFC 7692, section
 * 7.2.2</a>). The reader behind it gets frames that are not compressed, so the RSV1 bit
 * never crosses to the other leg.
 * <p>
 * A frame that inflates to more than {@value #FRAGMENT} bytes becomes several, and the
 * limits of the direction apply to each before the next one is inflated. A kilobyte can
 * inflate to a megabyte, so inflation stops as soon as the direction takes no more, not
 * only between two reads.
 */
final class Inflation {

	private static final int FRAGMENT = 64 * 1024;

	private static final CloseStatus CORRUPT = CloseStatus.INVALID_PAYLOAD.withReason("bad compressed data");

	private final Direction direction;

	private final Relay relay;

	private final FrameScanner scanner;

	private final LegReader reader;

	private final FlowControl flow;

	private final Backlog input;

	private final WireHeader header = new WireHeader();

	private final MessageInflater inflater;

	private final FragmentEncoder output;

	/** The number of bytes in input and output; other threads may see it late. */
	private long held;

	private boolean running;

	private boolean disposed;

	// The frame being read

	private Mode mode = Mode.HEADER;

	/** The number of payload bytes that have not been read. */
	private long remaining;

	/** The number of bytes that it has been inflated to. */
	private long inflated;

	/** Whether a message has begun and not ended. */
	private boolean inMessage;

	/** Whether that message is compressed. */
	private boolean compressed;

	Inflation(Direction direction, Relay relay, FrameScanner scanner, LegReader reader, FlowControl flow,
			PerMessageDeflate agreement, ByteBufAllocator allocator) {
		this.direction = direction;
		this.relay = relay;
		this.scanner = scanner;
		this.reader = reader;
		this.inflater = new MessageInflater(agreement);
		this.output = new FragmentEncoder(allocator, direction == Direction.INBOUND);
		this.flow = flow;
		this.input = new Backlog(allocator);
	}

	/**
	 * Takes bytes from the channel.
	 * @param bytes the bytes; this object owns the buffer from now on
	 */
	void read(ByteBuf bytes) {
		if (this.disposed) {
			bytes.release();
			return;
		}
		this.input.addLast(bytes);
		proceed();
	}

	/** Processes what has been kept, as far as the direction takes it. */
	void proceed() {
		if (this.running || this.reader.isScanning()) {
			return;
		}
		this.running = true;
		try {
			while (this.flow.takesMore(this.scanner.isPassing()) && !this.disposed && step()) {
				// Piece by piece
			}
		}
		finally {
			this.running = false;
			count();
		}
	}

	/** Whether everything that was read has been passed on. */
	boolean isIdle() {
		boolean inflating = this.mode == Mode.INFLATE && (this.remaining == 0 || this.inflater.hasInput());
		return !this.running && (this.disposed || (this.input.isEmpty() && !inflating));
	}

	/** Whether a frame has begun and not ended. */
	boolean isMidFrame() {
		return this.mode != Mode.HEADER || this.header.isPartial();
	}

	/** Releases all memory. Bytes that come later are dropped. */
	void dispose() {
		this.disposed = true;
		this.input.clear();
		this.output.release();
		this.inflater.release();
		count();
	}

	/**
	 * Returns the number of bytes that have been read and not passed on. From any thread,
	 * which may see a value that is a little old.
	 */
	long held() {
		return this.held;
	}

	private void count() {
		this.held = this.output.length() + this.input.bytes();
	}

	/** Performs the next small step, and returns whether there may be another one. */
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
		if (this.mode != Mode.HEADER) {
			readOn(in);
		}
		else if (this.header.read(in)) {
			startFrame(in);
		}
		releaseIfRead(in);
		return true;
	}

	/**
	 * Starts with a frame whose header is complete.
	 * @param in the buffer that the header ends in
	 */
	private void startFrame(ByteBuf in) {
		this.remaining = this.header.payloadLength();
		this.inflated = 0;
		this.mode = modeOf(this.header);
		if (this.mode == Mode.SKIP) {
			this.flow.takeFrame();
		}
		else if (this.mode == Mode.AS_IT_IS) {
			if (this.remaining < 0) {
				// The relay ends the session for it, whatever follows.
				this.remaining = Long.MAX_VALUE;
			}
			if (this.header.wasSplit()) {
				this.reader.read(this.header.copy());
			}
			else {
				passOn(in, in.readerIndex() - this.header.length());
			}
		}
	}

	private Mode modeOf(WireHeader header) {
		boolean wellFormed = header.isMinimal() && header.payloadLength() >= 0
				&& header.isMasked() == (this.direction == Direction.INBOUND);
		if (header.beginsMessage()) {
			boolean wanted = wellFormed && !this.inMessage;
			this.compressed = wanted && header.isCompressed();
			this.inflater.startMessage();
			this.output.startMessage(header.opcode());
		}
		else if (!header.isContinuation() || header.hasReservedBits() || !this.inMessage || !wellFormed) {
			return Mode.AS_IT_IS;
		}
		this.inMessage = !header.isFin();
		if (!this.compressed) {
			return Mode.AS_IT_IS;
		}
		return this.relay.isOpen(this.direction) ? Mode.INFLATE : Mode.SKIP;
	}

	private void readOn(ByteBuf in) {
		if (this.mode == Mode.AS_IT_IS) {
			passOn(in, in.readerIndex());
		}
		else {
			this.flow.countRead(skip(in));
		}
	}

	/** Passes on the bytes of a buffer from an index to the end of the frame. */
	private void passOn(ByteBuf in, int from) {
		skip(in);
		int length = in.readerIndex() - from;
		this.reader.read(in.retainedSlice(from, length));
		this.flow.countRead(length);
	}

	private int skip(ByteBuf in) {
		int taken = (int) Math.min(this.remaining, in.readableBytes());
		this.remaining -= taken;
		in.skipBytes(taken);
		return taken;
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
			// What this frame has been inflated to so far may have closed it.
			skipFrame();
			return true;
		}
		int made;
		try {
			ByteBuf payload = this.output.payload(expected());
			FragmentEncoder.makeRoom(payload);
			made = this.inflater.inflate(payload);
		}
		catch (DataFormatException ex) {
			giveUp(CORRUPT, Cause.INVALID_PAYLOAD);
			return true;
		}
		if (this.output.length() > FRAGMENT - MessageInflater.PIECE) {
			passOn(false);
			return true;
		}
		return made > 0 || feed();
	}

	/** Returns what a frame may inflate to: a guess, of up to a piece. */
	private int expected() {
		return 4 * (int) Math.min(MessageInflater.PIECE / 4, this.header.payloadLength());
	}

	/** Gives the inflater its next input, or ends the frame. */
	private boolean feed() {
		if (this.inflater.continueStream()) {
			return true;
		}
		if (this.remaining > 0) {
			return feedPayload();
		}
		if (!this.header.isFin() || !this.inflater.inputEnd()) {
			endFrame();
		}
		return true;
	}

	private boolean feedPayload() {
		ByteBuf in = this.input.peekFirst();
		if (in == null) {
			return false;
		}
		int taken = (int) Math.min(Math.min(this.remaining, in.readableBytes()), MessageInflater.PIECE);
		int index = in.readerIndex();
		// Where they are: they are read only once.
		Masks.apply(in, index, taken, this.header.key(), this.header.payloadLength() - this.remaining);
		ByteBuf piece = in.readRetainedSlice(taken);
		releaseIfRead(in);
		this.remaining -= taken;
		this.flow.countRead(taken);
		this.relay.onData();
		this.inflater.input(piece);
		return true;
	}

	private void endFrame() {
		boolean fin = this.header.isFin();
		this.mode = Mode.HEADER;
		if (fin) {
			this.compressed = false;
			this.inflater.endMessage();
		}
		passOn(fin);
	}

	/** Passes on what has been inflated as a frame, if its limit allows that. */
	private void passOn(boolean fin) {
		long limit = this.relay.frameLimit(this.direction);
		int made = this.output.length();
		this.inflated += made;
		if (this.inflated > limit) {
			giveUp(CloseStatus.TOO_BIG.withReason("frame over " + limit + " bytes"), Cause.LIMIT_EXCEEDED);
			return;
		}
		this.reader.read(this.output.encode(fin));
		this.flow.countInflated(made);
	}

	/** Ends the session because the data is malformed, or too long. */
	private void giveUp(CloseStatus status, Cause cause) {
		skipFrame();
		this.relay.onInvalid(this.direction, status, cause);
	}

	private void skipFrame() {
		this.mode = Mode.SKIP;
		this.output.release();
		this.inflater.release();
	}

	private enum Mode {

		/** A header is being read. */
		HEADER,

		/** The frame is not compressed. */
		AS_IT_IS,

		/** The frame is inflated. */
		INFLATE,

		/** The session is closing, and discards the frame. */
		SKIP

	}

}
