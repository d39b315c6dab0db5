package dev.wspolicy.netty;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import org.jspecify.annotations.Nullable;

import dev.wspolicy.frame.CloseStatus;
import dev.wspolicy.frame.Direction;
import dev.wspolicy.pipeline.Masking;
import dev.wspolicy.pipeline.Utf8Validation;
import dev.wspolicy.pipeline.WireOptions;
import dev.wspolicy.relay.Disposition;
import dev.wspolicy.relay.Relay;
import dev.wspolicy.session.Termination.Cause;

/**
 * Finds the frames in the bytes of one direction, asks the relay what to do with each,
 * and forwards, holds or discards its bytes.
 * <p>
 * Bytes are not moved. What is forwarded of the buffer being scanned is one range that
 * grows from frame to frame, so a buffer in which everything is forwarded is written as
 * it is.
 */
final class FrameScanner {

	private final Direction direction;

	private final Relay relay;

	private final FlowControl flow;

	private final LegWriter target;

	/** Whether frames get a new masking key on their way. */
	private final boolean remask;

	/** Validates all text; null if the pipeline leaves that to policies that read it. */
	private final @Nullable TextValidator textValidator;

	/** Observes passing frames; null unless the session is tapped. */
	private @Nullable PassingTap tap;

	// The buffer being scanned

	/** An empty buffer if none is being scanned. */
	private ByteBuf in = Unpooled.EMPTY_BUFFER;

	/** The index of the next byte to scan. */
	private int position;

	private int end;

	/** The start of the range to be forwarded; before it, everything has been written. */
	private int forwardFrom;

	private int forwardTo;

	// The frame being read

	private final WireHeader header = new WireHeader();

	/** Null until the header of the next frame is complete. */
	private @Nullable Disposition disposition;

	/** The number of payload bytes that have not been read. */
	private long remaining;

	/** XOR of the old key and the new one; 0 if the frame keeps its key. */
	private int rekey;

	/** Reads control frames; created with the first. */
	private @Nullable ControlFrames controlFrames;

	/** Holds bytes for policies; created with the first frame that is held. */
	private @Nullable HeldBytes held;

	FrameScanner(Direction direction, Relay relay, FlowControl flow, LegWriter target, WireOptions framing) {
		this.direction = direction;
		this.relay = relay;
		this.flow = flow;
		this.target = target;
		this.remask = framing.masking() == Masking.REMASK && direction == Direction.INBOUND;
		this.textValidator = (framing.validateUtf8() == Utf8Validation.ALWAYS) ? new TextValidator() : null;
	}

	/** Scans a buffer to its end, or until a pause begins. */
	void scan(ByteBuf buffer) {
		this.in = buffer;
		this.position = buffer.readerIndex();
		this.end = buffer.writerIndex();
		this.forwardFrom = this.position;
		this.forwardTo = this.position;
		while (this.flow.mayScan() && step()) {
			// Frame by frame
		}
	}

	private boolean step() {
		Disposition disposition = this.disposition;
		if (disposition == null) {
			return this.position < this.end && (this.header.isPartial() || this.flow.takeFrame()) && readHeader();
		}
		return switch (disposition) {
			case PASS, AGGREGATE, DISCARD -> readPayload(disposition);
			case CONTROL -> readControl();
			case DISCARD_ALL -> {
				this.position = this.end;
				yield false;
			}
		};
	}

	/** Returns the index of the first byte that has not been scanned. */
	int position() {
		return this.position;
	}

	/** Returns the start of the range that is to be forwarded. */
	int forwardFrom() {
		return this.forwardFrom;
	}

	/** Ends the range that is to be forwarded, and returns its length. */
	private int takeForwarded() {
		int length = this.forwardTo - this.forwardFrom;
		this.forwardFrom = this.forwardTo;
		return length;
	}

	/** Keeps what is held of the buffer, and returns the length of what to forward. */
	int leaveBuffer(boolean beingRead) {
		if (this.held != null) {
			this.held.leaveBuffer(this.in, beingRead);
		}
		return takeForwarded();
	}

	void forgetBuffer() {
		this.in = Unpooled.EMPTY_BUFFER;
	}

	/** Writes what is to be forwarded of the buffer being scanned. */
	void writeForwarded() {
		int from = this.forwardFrom;
		int length = takeForwarded();
		if (length > 0) {
			this.target.write(this.in.retainedSlice(from, length));
		}
	}

	/** Forwards a range of the buffer being scanned. */
	void forward(int from, int to) {
		if (this.forwardTo != from) {
			writeForwarded();
			this.forwardFrom = from;
		}
		this.forwardTo = to;
	}

	private boolean readHeader() {
		WireHeader header = this.header;
		int start = this.position;
		this.position = header.read(this.in, start, this.end);
		if (!header.isComplete()) {
			return false;
		}
		this.remaining = header.payloadLength();
		this.rekey = 0;
		Disposition disposition = this.relay.onHeader(this.direction, header.firstByte(), header.isMasked(),
				header.payloadLength(), header.isMinimal());
		this.disposition = disposition;
		if (this.textValidator != null) {
			this.textValidator.startFrame(header);
		}
		if (this.remask && header.isMasked()) {
			this.rekey = header.key() ^ FrameEncoder.newKey();
		}
		boolean split = header.wasSplit();
		if (this.rekey != 0 && !split) {
			this.in.setInt(this.position - 4, newKey());
		}
		if (disposition == Disposition.PASS && !split) {
			forward(start, this.position);
		}
		else if (disposition == Disposition.PASS) {
			writeForwarded();
			this.target.write(header.copy(newKey()));
		}
		else if (disposition == Disposition.AGGREGATE) {
			this.flow.countAggregated();
			held().startFrame(header, newKey(), this.in, start, this.position);
		}
		else if (disposition == Disposition.CONTROL) {
			controlFrames().startFrame(split ? ControlFrames.SPLIT : start);
		}
		return true;
	}

	// Payloads of data frames

	private boolean readPayload(Disposition disposition) {
		int from = this.position;
		int available = (int) Math.min(this.remaining, this.end - from);
		long phase = this.header.payloadLength() - this.remaining;
		this.position += available;
		this.remaining -= available;
		boolean last = this.remaining == 0;
		if (disposition != Disposition.DISCARD && (available > 0 || last)) {
			if (this.textValidator != null
					&& !this.textValidator.accepts(this.in, from, available, this.header.key(), phase, last)) {
				onInvalidText();
				return true;
			}
			if (this.rekey != 0) {
				Masks.apply(this.in, from, available, this.rekey, phase);
			}
			if (disposition == Disposition.PASS) {
				forward(from, this.position);
				if (this.tap != null) {
					this.tap.passes(this.header, this.in, from, available, newKey(), phase);
				}
			}
			else if (available > 0) {
				held().append(this.in, from, available, newKey(), phase, last, this.header.length());
			}
		}
		if (!last) {
			return false;
		}
		this.disposition = null;
		if (disposition == Disposition.PASS) {
			this.relay.onPassed(this.direction);
		}
		else if (disposition == Disposition.AGGREGATE) {
			this.relay.onAggregated(this.direction, held().endFrame((int) this.header.payloadLength()));
		}
		return true;
	}

	private void onInvalidText() {
		this.disposition = Disposition.DISCARD;
		dropHeld();
		this.relay.onInvalid(this.direction, CloseStatus.INVALID_PAYLOAD.withReason("text is not UTF-8"),
				Cause.INVALID_PAYLOAD);
	}

	/** As {@link #dropHeld()}, unless the relay will decide about what is held. */
	void discardRest() {
		if (this.held == null || !this.held.isUnsettled()) {
			dropHeld();
		}
	}

	/** Drops what is held, and discards the rest of a frame that has begun. */
	void dropHeld() {
		if (this.held != null) {
			this.held.release();
		}
		if (this.disposition == Disposition.AGGREGATE) {
			this.disposition = Disposition.DISCARD;
		}
	}

	/** Copies what a policy has read where it was, now that the verdict is there. */
	void compact() {
		if (this.held != null) {
			this.held.compact();
		}
	}

	private boolean readControl() {
		int from = this.position;
		int taken = (int) Math.min(this.remaining, this.end - from);
		this.position += taken;
		this.remaining -= taken;
		if (this.rekey != 0) {
			Masks.apply(this.in, from, taken, this.rekey, this.header.payloadLength() - this.remaining - taken);
		}
		WirePayload payload = controlFrames().read(this.in, from, taken);
		if (payload == null) {
			return false;
		}
		this.disposition = null;
		this.relay.onControl(this.direction, payload);
		controlFrames().endCall();
		return true;
	}

	// The state of scanning

	/** Whether a frame has begun and not ended. */
	boolean isMidFrame() {
		return this.disposition != null || this.header.isPartial();
	}

	/** Whether what is read next is written to the target as it comes. */
	boolean isPassing() {
		return this.disposition == Disposition.PASS;
	}

	LegWriter target() {
		return this.target;
	}

	/** Returns the header of the frame that has been read last. */
	WireHeader header() {
		return this.header;
	}

	/** Returns the key that this frame leaves with. */
	int newKey() {
		return this.header.key() ^ this.rekey;
	}

	/** Sets the observer of the passing frames that begin from now on. */
	void tap(@Nullable PassingTap tap) {
		this.tap = tap;
	}

	/** Returns the number of payload bytes that are held. From any thread. */
	long heldBytes() {
		long begun = (this.disposition == Disposition.AGGREGATE) ? this.header.payloadLength() - this.remaining : 0;
		return Math.max(0, begun) + ((this.held != null) ? this.held.payloadLength() : 0);
	}

	/** Returns what holds bytes for policies. */
	HeldBytes held() {
		HeldBytes held = this.held;
		if (held == null) {
			held = new HeldBytes(this);
			this.held = held;
		}
		return held;
	}

	private ControlFrames controlFrames() {
		ControlFrames frames = this.controlFrames;
		if (frames == null) {
			frames = new ControlFrames(this, this.flow);
			this.controlFrames = frames;
		}
		return frames;
	}

}
