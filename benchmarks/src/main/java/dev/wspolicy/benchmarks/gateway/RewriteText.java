package dev.wspolicy.benchmarks.gateway;

import dev.wspolicy.frame.Frame;
import dev.wspolicy.frame.FrameType;
import dev.wspolicy.frame.TextFrame;
import dev.wspolicy.policy.FrameContext;
import dev.wspolicy.policy.FramePolicy;
import dev.wspolicy.policy.Verdict;
import dev.wspolicy.policy.WsPolicy;

/**
 * Replaces a word in each text of both directions.
 */
@WsPolicy(types = FrameType.TEXT)
public final class RewriteText implements FramePolicy {

	@Override
	public Verdict apply(Frame frame, FrameContext context) {
		return Verdict.replaceText(((TextFrame) frame).text().replace("original", "replaced"));
	}

}
