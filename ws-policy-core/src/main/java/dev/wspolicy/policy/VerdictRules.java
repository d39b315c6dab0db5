package dev.wspolicy.policy;

import java.util.List;

import org.jspecify.annotations.Nullable;

import dev.wspolicy.frame.CloseStatus;
import dev.wspolicy.frame.Direction;
import dev.wspolicy.frame.Frame;
import dev.wspolicy.frame.FrameType;
import dev.wspolicy.session.VerdictCounts.Kind;

/**
 * The rules for which verdicts can be carried out on which frames, and what a verdict
 * counts as. Internal: the engine that carries verdicts out and the one that only
 * observes them live in other packages.
 */
public final class VerdictRules {

	private VerdictRules() {
	}

	/**
	 * Checks a verdict that does not come later.
	 * @param frame the frame that the policy was shown
	 * @param verdict its verdict
	 * @throws IllegalVerdictException if it cannot be carried out on this frame
	 */
	public static void check(Frame frame, Verdict verdict) {
		if (verdict instanceof Verdict.Reply reply) {
			reply.frames().forEach(VerdictRules::checkInserted);
		}
		if (verdict instanceof Verdict.Close || verdict instanceof Verdict.CloseSender) {
			return;
		}
		if (verdict instanceof Verdict.Replace replace) {
			checkReplacement(frame, replace.frames());
		}
		else if (frame.type() == FrameType.CLOSE && verdict != Verdict.Forward.INSTANCE) {
			throw new IllegalVerdictException("a close frame cannot be dropped");
		}
	}

	/**
	 * Checks a frame that is to be inserted between others.
	 * @param frame the frame
	 * @throws IllegalVerdictException if it is a fragment or a close frame
	 */
	public static void checkInserted(Frame frame) {
		if (frame.type() == FrameType.CLOSE) {
			throw new IllegalVerdictException("a close frame cannot be sent; close the session instead");
		}
		if (isFragment(frame)) {
			throw new IllegalVerdictException("a fragment cannot be sent; send whole messages");
		}
	}

	private static void checkReplacement(Frame replaced, List<Frame> frames) {
		if (replaced.type() == FrameType.CLOSE) {
			if (frames.size() != 1 || frames.get(0).type() != FrameType.CLOSE) {
				throw new IllegalVerdictException("a close frame can be replaced by one close frame only");
			}
		}
		else if (isFragment(replaced)) {
			if (frames.size() != 1 || frames.get(0).type().isControl()) {
				throw new IllegalVerdictException("a fragment can be replaced by one data frame only");
			}
		}
		else {
			frames.forEach(VerdictRules::checkInserted);
		}
	}

	/**
	 * Whether a frame is only a part of a message.
	 * @param frame the frame
	 * @return {@code true} if it is a continuation, or continued
	 */
	public static boolean isFragment(Frame frame) {
		return frame.type() == FrameType.CONTINUATION || !frame.fin();
	}

	/**
	 * Returns what a verdict is counted as.
	 * @param verdict a verdict that does not come later
	 * @return the kind
	 */
	public static Kind kindOf(Verdict verdict) {
		if (verdict instanceof Verdict.Replace) {
			return Kind.REPLACE;
		}
		if (verdict instanceof Verdict.Reply) {
			return Kind.REPLY;
		}
		if (verdict instanceof Verdict.Close || verdict instanceof Verdict.CloseSender) {
			return Kind.CLOSE;
		}
		return (verdict == Verdict.Forward.INSTANCE) ? Kind.FORWARD : Kind.DROP;
	}

	/**
	 * Returns the status that the sender of a frame gets.
	 * @param verdict a verdict on the frame
	 * @param direction where the frame travels
	 * @return the status, or {@code null} if the verdict does not close the session
	 */
	public static @Nullable CloseStatus statusOf(Verdict verdict, Direction direction) {
		if (verdict instanceof Verdict.CloseSender closing) {
			return closing.status();
		}
		if (verdict instanceof Verdict.Close closing) {
			return (direction == Direction.INBOUND) ? closing.toClient() : closing.toUpstream();
		}
		return null;
	}

}
