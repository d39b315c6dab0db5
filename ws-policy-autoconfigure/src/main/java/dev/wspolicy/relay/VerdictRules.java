package dev.wspolicy.relay;

import java.util.List;

import dev.wspolicy.frame.Frame;
import dev.wspolicy.frame.FrameType;
import dev.wspolicy.policy.Verdict;

/**
 * Which verdicts can be carried out on which frames.
 */
final class VerdictRules {

	private VerdictRules() {
	}

	static void check(Work work, Verdict verdict) {
		if (verdict instanceof Verdict.Reply reply) {
			reply.frames().forEach(VerdictRules::checkInjected);
		}
		if (verdict instanceof Verdict.Close) {
			return;
		}
		if (verdict instanceof Verdict.Replace replace) {
			checkReplacement(work, replace.frames());
		}
		else if (work.type == FrameType.CLOSE) {
			throw new IllegalVerdictException("a close frame cannot be dropped");
		}
	}

	/**
	 * Check a frame that the gateway is to send on its own.
	 * @param frame the frame
	 */
	static void checkInjected(Frame frame) {
		if (frame.type() == FrameType.CLOSE) {
			throw new IllegalVerdictException("a close frame cannot be sent; close the session instead");
		}
		if (frame.type() == FrameType.CONTINUATION || !frame.fin()) {
			throw new IllegalVerdictException("a fragment cannot be sent; send whole messages");
		}
	}

	private static void checkReplacement(Work work, List<Frame> frames) {
		if (work.type == FrameType.CLOSE) {
			if (frames.size() != 1 || frames.get(0).type() != FrameType.CLOSE) {
				throw new IllegalVerdictException("a close frame can be replaced by one close frame only");
			}
		}
		else if (work.isFragment()) {
			if (frames.size() != 1 || frames.get(0).type().isControl()) {
				throw new IllegalVerdictException("a fragment can be replaced by one data frame only");
			}
		}
		else {
			frames.forEach(VerdictRules::checkInjected);
		}
	}

}
