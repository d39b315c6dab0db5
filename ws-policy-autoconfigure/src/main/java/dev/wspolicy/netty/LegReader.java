package dev.wspolicy.netty;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Objects;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import org.jspecify.annotations.Nullable;

import dev.wspolicy.frame.CloseStatus;
import dev.wspolicy.frame.Direction;
import dev.wspolicy.frame.FrameType;
import dev.wspolicy.pipeline.Framing;
import dev.wspolicy.pipeline.Masking;
import dev.wspolicy.pipeline.Utf8Validation;
import dev.wspolicy.relay.Disposition;
import dev.wspolicy.relay.Relay;
import dev.wspolicy.session.Termination.Cause;

/**
 * Scans the bytes that come from one leg: finds frame headers, asks the relay what to do
 * with each frame, and forwards, holds or skips its bytes.
 * <p>
 * Bytes are not moved. What is to be forwarded of the buffer being scanned is one range,
 * {@code forwardFrom} to {@code forwardTo}, which grows from frame to frame, so that a
 * buffer in which everything is forwarded is written as it is. What is held of it is a
 * second range; it becomes slices when the buffer ends. Only headers and control frames
 * that are split between buffers are copied together, and small pieces of a held frame.
 */
final class LegReader {

	private static final int MAX_HEADER = 14;

	private static final int MAX_CONTROL = 125;

	/**
	 * Pieces of a message below this size are copied together rather than kept in place.
	 */
	private static final int SMALL_PIECE = 1024;

	private static final int CRUMBS = 4096;

	private final Direction direction;

	private final Relay relay;

	private final LegWriter target;

	private final boolean remask;

	/** Checks the text of messages, if that is to be done whoever reads it. */
	private final @Nullable Utf8Check textCheck;

	/** Buffers that came while nothing could be done with them; made with the first. */
	private @Nullable Deque<ByteBuf> stash;

	/** The bytes of the stash; other threads may see it late. */
	private long stashed;

	private boolean suspended;

	/** The target takes no more, until {@link #goOn()}. */
	private boolean paused;

	private boolean disposed;

	/** When bytes came last, or reading began anew after a pause. */
	private long lastRead;

	// The buffer being scanned

	private ByteBuf in = Unpooled.EMPTY_BUFFER;

	private boolean scanning;

	private int position;

	private int end;

	private int forwardFrom;

	private int forwardTo;

	private int heldFrom;

	private int heldTo;

	/** Who is told of passing frames; null as a rule. */
	private @Nullable PassingTap tap;

	// What is held of earlier buffers, and the payload of all that is held

	private @Nullable List<ByteBuf> held;

	private @Nullable Span heldSpans;

	private @Nullable Span lastSpan;

	private int heldLength;

	/** The last of the held buffers, as long as small pieces may be added to it. */
	private @Nullable ByteBuf crumbs;

	// The frame being read; no disposition as long as its header is not whole

	private @Nullable Disposition disposition;

	private @Nullable Span frameSpans;

	private long length;

	private long remaining;

	private int firstByte;

	private int key;

	/** XOR of old and new key where frames are masked anew. */
	private int rekey;

	private int frameStart;

	private boolean fin;

	/** The message that the last data frame belongs to is text. */
	private boolean textMessage;

	/** The frame being read belongs to it. */
	private boolean text;

	/** A header or control frame whose beginning came with an earlier buffer. */
	private byte @Nullable [] split;

	private int splitLength;

	LegReader(Direction direction, Relay relay, LegWriter target, Framing framing) {
		this.direction = direction;
		this.relay = relay;
		this.target = target;
		this.remask = framing.masking() == Masking.REMASK && direction == Direction.INBOUND;
		this.textCheck = (framing.validateUtf8() == Utf8Validation.ALWAYS) ? new Utf8Check() : null;
	}

	/**
	 * Take bytes from the channel.
	 * @param buffer the bytes, owned from now on
	 */
	void read(ByteBuf buffer) {
		if (this.disposed) {
			buffer.release();
		}
		else if (this.suspended || this.paused) {
			this.stashed += buffer.readableBytes();
			stash().addLast(buffer);
		}
		else {
			scan(buffer);
		}
	}

	/** Remember when the peer has last said something, or could. */
	void heard(long nanoTime) {
		this.lastRead = nanoTime;
	}

	long lastHeard() {
		return this.lastRead;
	}

	boolean isSuspended() {
		return this.suspended;
	}

	boolean isPaused() {
		return this.paused;
	}

	/** Whether all that was read has been dealt with. */
	boolean isIdle() {
		return !this.suspended && !this.scanning && !hasStash();
	}

	/**
	 * How many bytes are kept: those nobody has looked at, and the payload of what is
	 * held. From any thread, which may be a little behind.
	 */
	long kept() {
		long begun = (this.disposition == Disposition.COLLECT) ? this.length - this.remaining : 0;
		return this.stashed + this.heldLength + Math.max(0, begun);
	}

	/** Whether a frame has begun and not ended. */
	boolean isMidFrame() {
		return this.disposition != null || this.splitLength > 0;
	}

	/** Whether what comes now goes to the target as it comes. */
	boolean isPassing() {
		return this.disposition == Disposition.PASS;
	}

	/** The key that the last frame came masked with. */
	int key() {
		return this.key ^ this.rekey;
	}

	/** Tell of the passing frames that begin from now on. */
	void tap(@Nullable PassingTap tap) {
		this.tap = tap;
	}

	void suspend() {
		this.suspended = true;
	}

	/** The verdict has come: go on with what has been kept. */
	void resume() {
		this.suspended = false;
		readStash();
	}

	/**
	 * What has been written of this buffer is more than the target takes, since a policy
	 * has made more of it than came. The rest waits.
	 */
	void pause() {
		this.paused = true;
	}

	/** The target takes more: go on with what has been kept. */
	void goOn() {
		this.paused = false;
		readStash();
	}

	/** What has been kept is of no use any more. */
	void forgetStash() {
		if (this.stash != null) {
			this.stash.forEach(ByteBuf::release);
			this.stash = null;
		}
		this.stashed = 0;
		this.paused = false;
	}

	private void readStash() {
		while (!this.scanning && !this.suspended && !this.paused && hasStash()) {
			ByteBuf buffer = stash().removeFirst();
			this.stashed -= buffer.readableBytes();
			scan(buffer);
		}
	}

	private boolean hasStash() {
		return this.stash != null && !this.stash.isEmpty();
	}

	/** Write what is to be forwarded of the buffer being scanned. */
	void writeForwarded() {
		if (this.forwardFrom < this.forwardTo) {
			this.target.write(this.in.retainedSlice(this.forwardFrom, this.forwardTo - this.forwardFrom));
			this.forwardFrom = this.forwardTo;
		}
	}

	void forwardHeld() {
		if (this.held != null && !this.held.isEmpty()) {
			writeForwarded();
			this.held.forEach(this.target::write);
			this.held.clear();
		}
		if (this.heldFrom < this.heldTo) {
			forward(this.heldFrom, this.heldTo);
		}
		forgetHeld();
	}

	void dropHeld() {
		if (this.held != null) {
			this.held.forEach(ByteBuf::release);
			this.held.clear();
		}
		forgetHeld();
		if (this.disposition == Disposition.COLLECT) {
			this.disposition = Disposition.SKIP;
		}
	}

	void forwardControl() {
		byte[] control = this.split;
		if (this.splitLength > 0 && control != null) {
			writeForwarded();
			this.target.write(Unpooled.copiedBuffer(control, 0, this.splitLength));
		}
		else {
			forward(this.frameStart, this.position);
		}
	}

	/** Give back all memory; nothing is read any more. */
	void dispose() {
		dropHeld();
		this.suspended = true;
		this.disposed = true;
		forgetStash();
	}

	private Deque<ByteBuf> stash() {
		if (this.stash == null) {
			this.stash = new ArrayDeque<>();
		}
		return this.stash;
	}

	private List<ByteBuf> held() {
		if (this.held == null) {
			this.held = new ArrayList<>();
		}
		return this.held;
	}

	private void scan(ByteBuf buffer) {
		this.in = buffer;
		this.position = buffer.readerIndex();
		this.end = buffer.writerIndex();
		this.forwardFrom = this.position;
		this.forwardTo = this.position;
		this.scanning = true;
		try {
			while (!this.suspended && !this.paused && step()) {
				// Frame by frame, until the buffer or somebody's willingness ends.
			}
		}
		finally {
			this.scanning = false;
			leaveBuffer();
		}
	}

	private boolean step() {
		Disposition disposition = this.disposition;
		if (disposition == null) {
			return this.position < this.end && readHeader();
		}
		return switch (disposition) {
			case PASS, COLLECT, SKIP -> readPayload(disposition);
			case CONTROL -> readControl();
			case SKIP_ALL -> {
				this.position = this.end;
				yield false;
			}
		};
	}

	/**
	 * The buffer ends, or nobody wants more of it now: keep what is needed, write what is
	 * due.
	 */
	private void leaveBuffer() {
		ByteBuf buffer = this.in;
		if (this.disposed) {
			this.in = Unpooled.EMPTY_BUFFER;
			buffer.release();
			return;
		}
		spillHeld();
		if (this.position < this.end) {
			this.stashed += this.end - this.position;
			stash().addFirst(buffer.retainedSlice(this.position, this.end - this.position));
		}
		this.in = Unpooled.EMPTY_BUFFER;
		if (this.forwardFrom < this.forwardTo) {
			buffer.setIndex(this.forwardFrom, this.forwardTo);
			this.forwardFrom = this.forwardTo;
			this.target.write(buffer);
		}
		else {
			buffer.release();
		}
	}

	// Headers

	private boolean readHeader() {
		if (this.splitLength > 0) {
			return readSplitHeader();
		}
		int available = this.end - this.position;
		int needed = (available < 2) ? 2 : headerLength(this.in.getByte(this.position + 1));
		if (available < needed) {
			appendSplit(available);
			return false;
		}
		int start = this.position;
		this.frameStart = start;
		this.position += needed;
		parseHeader(this.in, start);
		if (this.rekey != 0) {
			this.in.setInt(this.position - 4, this.key);
		}
		if (this.disposition == Disposition.PASS) {
			forward(start, this.position);
		}
		else if (this.disposition == Disposition.COLLECT) {
			hold(start, this.position);
		}
		return true;
	}

	private boolean readSplitHeader() {
		byte[] split = split();
		appendSplit(Math.min(2 - this.splitLength, this.end - this.position));
		if (this.splitLength < 2) {
			return false;
		}
		int needed = headerLength(split[1]);
		appendSplit(Math.min(needed - this.splitLength, this.end - this.position));
		if (this.splitLength < needed) {
			return false;
		}
		ByteBuf header = Unpooled.wrappedBuffer(split, 0, needed);
		parseHeader(header, 0);
		if (this.rekey != 0) {
			header.setInt(needed - 4, this.key);
		}
		if (this.disposition == Disposition.CONTROL) {
			return true;
		}
		this.splitLength = 0;
		if (this.disposition == Disposition.PASS) {
			writeForwarded();
			this.target.write(Unpooled.copiedBuffer(header));
		}
		else if (this.disposition == Disposition.COLLECT) {
			this.crumbs = null;
			held().add(Unpooled.copiedBuffer(header));
		}
		return true;
	}

	private void parseHeader(ByteBuf buffer, int start) {
		int firstByte = buffer.getUnsignedByte(start);
		int secondByte = buffer.getUnsignedByte(start + 1);
		boolean masked = (secondByte & 0x80) != 0;
		int shortLength = secondByte & 0x7F;
		int next = start + 2;
		long length = shortLength;
		boolean minimal = true;
		if (shortLength == 126) {
			length = buffer.getUnsignedShort(next);
			minimal = length > 125;
			next += 2;
		}
		else if (shortLength == 127) {
			length = buffer.getLong(next);
			minimal = length > 65535;
			next += 8;
		}
		this.firstByte = firstByte;
		this.key = masked ? buffer.getInt(next) : 0;
		this.rekey = 0;
		this.length = length;
		this.remaining = length;
		this.frameSpans = null;
		this.disposition = this.relay.onHeader(this.direction, firstByte, masked, length, minimal);
		if (this.textCheck != null) {
			startTextCheck(this.textCheck, firstByte);
		}
		if (this.remask && masked) {
			int newKey = FrameEncoder.newKey();
			this.rekey = this.key ^ newKey;
			this.key = newKey;
		}
	}

	private void startTextCheck(Utf8Check check, int firstByte) {
		this.fin = (firstByte & 0x80) != 0;
		int opcode = firstByte & 0x0F;
		boolean data = opcode <= FrameType.BINARY.opcode();
		if (data && opcode != FrameType.CONTINUATION.opcode()) {
			this.textMessage = opcode == FrameType.TEXT.opcode();
			check.reset();
		}
		this.text = data && this.textMessage;
	}

	private static int headerLength(byte secondByte) {
		int mask = ((secondByte & 0x80) != 0) ? 4 : 0;
		return switch (secondByte & 0x7F) {
			case 126 -> 4 + mask;
			case 127 -> 10 + mask;
			default -> 2 + mask;
		};
	}

	// Payloads

	private boolean readPayload(Disposition disposition) {
		int from = this.position;
		int available = (int) Math.min(this.remaining, this.end - from);
		if (available > 0) {
			long phase = this.length - this.remaining;
			this.position += available;
			this.remaining -= available;
			if (disposition != Disposition.SKIP) {
				if (this.text && !isText(from, available, phase)) {
					return true;
				}
				if (this.rekey != 0) {
					Masks.apply(this.in, from, available, this.rekey, phase);
				}
				if (disposition == Disposition.PASS) {
					forward(from, this.position);
				}
				else {
					collect(from, available, phase);
				}
			}
		}
		if (this.tap != null && disposition == Disposition.PASS) {
			tell(this.tap, from, available);
		}
		if (this.remaining > 0) {
			return false;
		}
		if (this.text && this.length == 0 && disposition != Disposition.SKIP && !isText(from, 0, 0)) {
			return true;
		}
		this.disposition = null;
		if (disposition == Disposition.PASS) {
			this.relay.onPassed(this.direction);
		}
		else if (disposition == Disposition.COLLECT) {
			collected();
		}
		return true;
	}

	/** If not, the frame is skipped from here on, and the session ends. */
	private boolean isText(int from, int available, long phase) {
		Utf8Check check = Objects.requireNonNull(this.textCheck);
		boolean valid = check.accepts(this.in, from, available, this.key ^ this.rekey, phase);
		if (valid && (!this.fin || this.remaining > 0 || check.isComplete())) {
			return true;
		}
		this.disposition = Disposition.SKIP;
		dropHeld();
		this.relay.onInvalid(this.direction, CloseStatus.INVALID_PAYLOAD.withReason("text is not UTF-8"),
				Cause.INVALID_PAYLOAD);
		return false;
	}

	private void tell(PassingTap tap, int from, int available) {
		long phase = this.length - this.remaining - available;
		tap.passes(this.in, from, available, this.key, phase, this.length);
		if (this.remaining == 0) {
			tap.passed(this.firstByte, key(), this.length);
		}
	}

	private void collect(int from, int available, long phase) {
		boolean whole = phase == 0 && this.remaining == 0;
		if ((whole && this.lastSpan == null) || isWorthItsBuffer(available)) {
			hold(from, from + available);
			addSpan(new Span(this.in, from, available, this.key, phase));
			return;
		}
		// What comes in crumbs must not keep a whole buffer for each of them.
		boolean headerHeld = phase == 0 && this.heldFrom < this.heldTo && this.heldTo == from;
		int header = headerHeld ? from - this.frameStart : 0;
		this.heldTo -= header;
		spillHeld();
		ByteBuf crumbs = crumbs(header + available);
		crumbs.writeBytes(this.in, from - header, header);
		int index = crumbs.writerIndex();
		crumbs.writeBytes(this.in, from, available);
		addSpan(new Span(crumbs, index, available, this.key, phase));
	}

	/**
	 * Whether a piece of a message may keep the buffer that it came with: if it is no
	 * small part of it. So what is held takes up no more than four times its length.
	 */
	private boolean isWorthItsBuffer(int length) {
		return length >= SMALL_PIECE && length >= this.in.capacity() / 4;
	}

	/** A buffer to copy small pieces to: the last of the held ones, if it has room. */
	private ByteBuf crumbs(int needed) {
		ByteBuf crumbs = this.crumbs;
		if (crumbs == null || crumbs.writableBytes() < needed) {
			crumbs = this.target.allocate(Math.max(CRUMBS, needed));
			this.crumbs = crumbs;
			held().add(crumbs);
		}
		return crumbs;
	}

	private void collected() {
		int frameLength = (int) this.length;
		this.heldLength += frameLength;
		WirePayload frame = new WirePayload(this.frameSpans, frameLength);
		boolean alone = this.heldLength == frameLength;
		this.relay.onCollected(this.direction, frame, alone ? frame : new WirePayload(this.heldSpans, this.heldLength));
	}

	private void addSpan(Span span) {
		if (this.frameSpans == null) {
			this.frameSpans = span;
		}
		if (this.lastSpan == null) {
			this.heldSpans = span;
		}
		else if (this.lastSpan.merge(span)) {
			return;
		}
		else {
			this.lastSpan.append(span);
		}
		this.lastSpan = span;
	}

	/** A control frame is at most 139 bytes long: it is dealt with when it is whole. */
	private boolean readControl() {
		int available = this.end - this.position;
		if (this.splitLength == 0 && available < this.remaining) {
			// Begins in this buffer, ends in a later one.
			this.position = this.frameStart;
			appendSplit(this.end - this.frameStart);
			this.remaining -= available;
			return false;
		}
		int taken = (int) Math.min(this.remaining, available);
		if (this.splitLength > 0) {
			appendSplit(taken);
			this.remaining -= taken;
			if (this.remaining > 0) {
				return false;
			}
		}
		else {
			this.position += taken;
		}
		this.disposition = null;
		this.relay.onControl(this.direction, new WirePayload(controlPayload()));
		this.splitLength = 0;
		return true;
	}

	private byte[] controlPayload() {
		int payloadLength = (int) this.length;
		byte[] payload = new byte[payloadLength];
		int oldKey = this.key ^ this.rekey;
		if (this.splitLength > 0) {
			int start = this.splitLength - payloadLength;
			System.arraycopy(split(), start, payload, 0, payloadLength);
			Masks.apply(split(), start, payloadLength, this.rekey, 0);
		}
		else {
			int start = this.position - payloadLength;
			this.in.getBytes(start, payload);
			if (this.rekey != 0) {
				Masks.apply(this.in, start, payloadLength, this.rekey, 0);
			}
		}
		Masks.apply(payload, 0, payloadLength, oldKey, 0);
		return payload;
	}

	// Ranges

	private void forward(int from, int to) {
		if (this.forwardTo == from) {
			this.forwardTo = to;
			return;
		}
		writeForwarded();
		this.forwardFrom = from;
		this.forwardTo = to;
	}

	private void hold(int from, int to) {
		if (this.heldFrom == this.heldTo) {
			this.heldFrom = from;
		}
		else if (this.heldTo != from) {
			spillHeld();
			this.heldFrom = from;
		}
		this.heldTo = to;
	}

	/** Keep what is held of the buffer being scanned beyond its end. */
	private void spillHeld() {
		if (this.heldFrom < this.heldTo) {
			this.crumbs = null;
			held().add(this.in.retainedSlice(this.heldFrom, this.heldTo - this.heldFrom));
			this.heldFrom = 0;
			this.heldTo = 0;
		}
	}

	private void forgetHeld() {
		this.heldFrom = 0;
		this.heldTo = 0;
		this.heldSpans = null;
		this.lastSpan = null;
		this.crumbs = null;
		this.heldLength = 0;
	}

	private byte[] split() {
		byte[] split = this.split;
		if (split == null) {
			split = new byte[MAX_HEADER + MAX_CONTROL];
			this.split = split;
		}
		return split;
	}

	private void appendSplit(int length) {
		if (length > 0) {
			this.in.getBytes(this.position, split(), this.splitLength, length);
			this.position += length;
			this.splitLength += length;
		}
	}

}
