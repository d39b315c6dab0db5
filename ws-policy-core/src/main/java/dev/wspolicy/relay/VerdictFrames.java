package dev.wspolicy.relay;

import java.util.List;

import dev.wspolicy.frame.Frame;
import dev.wspolicy.frame.FrameAccess;
import dev.wspolicy.policy.Verdict;

/**
 * The frames that policies create with their verdicts.
 */
final class VerdictFrames {

	private VerdictFrames() {
	}

	/**
	 * Returns the frames of a verdict as they can be kept.
	 * <p>
	 * A policy may answer with the frame that it was shown, which ends with this. What is
	 * written at once is read now. A message that takes another one's place is read only
	 * when it is written, since the policies that follow may replace it.
	 */
	static List<Frame> of(PendingFrame frame, Verdict verdict) {
		if (verdict instanceof Verdict.Replace replace) {
			boolean message = frame.stage() != Stage.CONTROL && !frame.isFragment();
			return replace.frames().stream().map(message ? Frame::copy : VerdictFrames::read).toList();
		}
		if (verdict instanceof Verdict.Reply reply) {
			return reply.frames().stream().map(VerdictFrames::read).toList();
		}
		return List.of();
	}

	private static Frame read(Frame frame) {
		Frame copy = frame.copy();
		FrameAccess.payload(copy).bytes();
		return copy;
	}

}
