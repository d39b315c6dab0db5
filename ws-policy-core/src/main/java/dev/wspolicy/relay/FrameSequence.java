package dev.wspolicy.relay;

import java.util.Arrays;

import org.jspecify.annotations.Nullable;

import dev.wspolicy.frame.FrameType;
import dev.wspolicy.pipeline.Limits;
import dev.wspolicy.session.FrameCounts;
import dev.wspolicy.session.TrafficCounts;

/**
 * The sequence of frames in one direction, as far as their headers tell: the frame and
 * the message that are under way, their limits, and the counts.
 */
abstract sealed class FrameSequence permits AdmittedFrames {

	private static final FrameCounts NONE = new FrameCounts(0, 0);

	private static final int MAX_CLAIM = 64 * 1024;

	private Limits limits;

	/** Frames still pass. If not, all that counts is a close frame. */
	private boolean open = true;

	// The frame whose header was seen last.

	private FrameType type = FrameType.TEXT;

	private boolean fin = true;

	private long length;

	/** The last data frame is to be passed or aggregated, and is not complete. */
	private boolean inFrame;

	// The message that the last data frame belongs to.

	private FrameType message = FrameType.TEXT;

	/** Its last fragment is still to come. */
	private boolean inMessage;

	private long messageBytes;

	private long fragments;

	// Written on the event loop; other threads may see them late.

	private long messageCount;

	/**
	 * Frames and bytes of each type, in the order of {@link #indexOf}, up to the last
	 * type of which there was a frame.
	 */
	private long @Nullable [] typeCounts;

	FrameSequence(Limits limits) {
		this.limits = limits;
	}

	/** Other limits apply to what comes from now on. */
	final void apply(Limits limits) {
		this.limits = limits;
	}

	/** How many bytes a frame may have. */
	long frameLimit() {
		return this.limits.frame();
	}

	/** Whether frames still pass. */
	boolean isOpen() {
		return this.open;
	}

	/** From now on all that counts is a close frame. */
	void shut() {
		this.open = false;
	}

	/** Whether a data frame has begun that is passed or aggregated, and not ended. */
	boolean isInFrame() {
		return this.inFrame;
	}

	/** Whether a message has begun that may still pass, and not ended. */
	boolean isUnderWay() {
		return this.open && (this.inFrame || this.inMessage);
	}

	/** The last frame, of data, is to be passed or aggregated. */
	void beginFrame() {
		this.inFrame = true;
	}

	/** The last frame, of data, is complete. */
	void endFrame() {
		this.inFrame = false;
	}

	/** The type of the last frame. */
	FrameType type() {
		return this.type;
	}

	/** Whether the last frame has the FIN bit. */
	boolean fin() {
		return this.fin;
	}

	/** The type of the message that the last data frame belongs to. */
	FrameType message() {
		return this.message;
	}

	/** Whether a fragmented message is under way. */
	boolean inMessage() {
		return this.inMessage;
	}

	/** How long the message is as far as it has come. */
	long messageBytes() {
		return this.messageBytes;
	}

	/** How many messages have come to their end. */
	long endedMessages() {
		return (this.inFrame && this.fin) ? this.messageCount - 1 : this.messageCount;
	}

	TrafficCounts counts() {
		long frames = 0;
		long bytes = 0;
		long[] counts = this.typeCounts;
		if (counts != null) {
			for (int i = 0; i < counts.length; i += 2) {
				frames += counts[i];
				bytes = sum(bytes, counts[i + 1]);
			}
		}
		return new TrafficCounts(frames, this.messageCount, bytes);
	}

	FrameCounts counts(FrameType type) {
		long[] counts = this.typeCounts;
		int index = indexOf(type);
		return (counts != null && index < counts.length) ? new FrameCounts(counts[index], counts[index + 1]) : NONE;
	}

	/** The next frame is a close frame, in a direction that has been shut. */
	void lateClose() {
		this.type = FrameType.CLOSE;
		this.fin = true;
	}

	/** The next frame; its header keeps the rules. */
	void next(FrameType type, boolean fin, long length) {
		this.type = type;
		this.fin = fin;
		this.length = length;
		if (type.isControl()) {
			return;
		}
		if (type != FrameType.CONTINUATION) {
			this.message = type;
			this.messageBytes = 0;
			this.fragments = 0;
		}
		this.messageBytes = sum(this.messageBytes, length);
		this.fragments++;
		this.inMessage = !fin;
	}

	/**
	 * Counts the last frame, which keeps its limits. The payload of one that is longer
	 * than {@value #MAX_CLAIM} bytes counts when it has come: till then it is a claim.
	 */
	void count() {
		if (this.fin && this.type.isData()) {
			this.messageCount++;
		}
		long[] counts = this.typeCounts;
		int index = indexOf(this.type);
		if (counts == null || index >= counts.length) {
			counts = (counts != null) ? Arrays.copyOf(counts, index + 2) : new long[index + 2];
			this.typeCounts = counts;
		}
		counts[index]++;
		if (this.length <= MAX_CLAIM) {
			counts[index + 1] = sum(counts[index + 1], this.length);
		}
	}

	/** Counts the payload of the last frame, which is complete. */
	void countPayload() {
		long[] counts = this.typeCounts;
		if (this.length > MAX_CLAIM && counts != null) {
			int index = indexOf(this.type) + 1;
			counts[index] = sum(counts[index], this.length);
		}
	}

	/** Most sessions have nothing but text, so this is the type that comes first. */
	private static int indexOf(FrameType type) {
		if (type == FrameType.TEXT) {
			return 0;
		}
		return (type == FrameType.CONTINUATION) ? 2 : 2 * type.ordinal();
	}

	/**
	 * What of the last data frame or its message is over a limit.
	 * @return the excess in words for the close reason, or {@code null}
	 */
	@Nullable String excess() {
		if (this.length > this.limits.frame()) {
			return "frame over " + this.limits.frame() + " bytes";
		}
		if (this.messageBytes > this.limits.message()) {
			return "message over " + this.limits.message() + " bytes";
		}
		if (this.fragments > this.limits.fragments()) {
			return "message over " + this.limits.fragments() + " fragments";
		}
		return null;
	}

	/**
	 * Headers may claim more than a long can count: a sum stops at its greatest value.
	 */
	private static long sum(long first, long second) {
		return (second > Long.MAX_VALUE - first) ? Long.MAX_VALUE : first + second;
	}

}
