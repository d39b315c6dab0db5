package dev.wspolicy.relay;

import java.util.Objects;

import org.jspecify.annotations.Nullable;

import dev.wspolicy.frame.CloseFrame;
import dev.wspolicy.frame.CloseStatus;
import dev.wspolicy.frame.FrameAccess;
import dev.wspolicy.frame.FrameType;
import dev.wspolicy.frame.InvalidUtf8Exception;
import dev.wspolicy.frame.Payload;
import dev.wspolicy.pipeline.Limits;
import dev.wspolicy.session.LimitOverrides;
import dev.wspolicy.session.Termination.Cause;

/**
 * The sequence of the frames that are admitted in one direction: those that follow RFC
 * 6455 and are within the limits. A refusal is to be taken before the next check.
 */
final class AdmittedFrames extends FrameSequence {

	// An array cannot hold more.
	private static final long MAX_AGGREGATED = Integer.MAX_VALUE - 8;

	private static final CloseStatus BAD_CLOSE = CloseStatus.PROTOCOL_ERROR.withReason("bad close payload");

	private final RelaySide source;

	/** The limits of the pipeline. */
	private Limits limits;

	/** The limits that were set for this session alone. */
	private LimitOverrides ownLimits = LimitOverrides.NONE;

	private @Nullable CloseStatus refusal;

	AdmittedFrames(RelaySide source, Limits limits) {
		super(limits);
		this.source = source;
		this.limits = limits;
	}

	/** Sets the limits of the pipeline. */
	void limits(Limits limits) {
		this.limits = limits;
		apply(limits.with(this.ownLimits));
	}

	/** Sets the limits of this session alone. */
	void limits(LimitOverrides own) {
		this.ownLimits = own;
		apply(this.limits.with(own));
	}

	/**
	 * Checks a header, and takes the frame into the sequence.
	 * @return the type of the frame; null if it violates the protocol
	 */
	@Nullable FrameType admit(int firstByte, boolean masked, long length, boolean minimal) {
		String violation = HeaderRules.violation(this.source.side, firstByte, masked, length, minimal, inMessage());
		if (violation != null) {
			this.refusal = CloseStatus.PROTOCOL_ERROR.withReason(violation);
			return null;
		}
		FrameType type = HeaderRules.typeOf(firstByte);
		next(type, HeaderRules.isFin(firstByte), length);
		return type;
	}

	/**
	 * Checks the limits of the last frame, of data, and counts it if it is within them.
	 * @param aggregated how long the payload is that policies are going to be shown
	 * @return whether the frame is admitted
	 */
	boolean admitLength(long aggregated) {
		String excess = excess();
		if (excess == null && aggregated > MAX_AGGREGATED) {
			excess = "more than " + MAX_AGGREGATED + " bytes";
		}
		if (excess != null) {
			this.refusal = CloseStatus.TOO_BIG.withReason(excess);
			return false;
		}
		count();
		return true;
	}

	/**
	 * Checks the payload of a close frame.
	 * @param payload the payload
	 * @param written the close frame that its sender has been sent, or {@code null}
	 * @return whether the frame is admitted
	 */
	boolean admitClose(Payload payload, @Nullable CloseStatus written) {
		try {
			CloseStatus status = ((CloseFrame) FrameAccess.frame(FrameType.CLOSE, true, payload)).status();
			// Some answer an empty close frame with the code that stands for it (1005).
			if (!status.isEmpty() || payload.length() == 0 || CloseStatus.EMPTY.equals(written)) {
				return true;
			}
			this.refusal = BAD_CLOSE;
		}
		catch (InvalidUtf8Exception ex) {
			this.refusal = CloseStatus.INVALID_PAYLOAD.withReason("close reason is not UTF-8");
		}
		catch (IllegalArgumentException ex) {
			this.refusal = BAD_CLOSE;
		}
		return false;
	}

	/** Returns the status that the sender of the refused frame gets. */
	CloseStatus takeRefusal() {
		CloseStatus refusal = Objects.requireNonNull(this.refusal);
		this.refusal = null;
		return refusal;
	}

	/** Returns why a session ends whose frame was refused with a status. */
	static Cause causeOf(CloseStatus refusal) {
		if (refusal.code() == CloseStatus.INVALID_PAYLOAD.code()) {
			return Cause.INVALID_PAYLOAD;
		}
		return (refusal.code() == CloseStatus.TOO_BIG.code()) ? Cause.LIMIT_EXCEEDED : Cause.PROTOCOL_VIOLATION;
	}

}
