package dev.wspolicy.benchmarks.gateway;

import dev.wspolicy.frame.Frame;
import dev.wspolicy.frame.FrameType;
import dev.wspolicy.frame.TextFrame;
import dev.wspolicy.policy.FrameContext;
import dev.wspolicy.policy.FramePolicy;
import dev.wspolicy.policy.Verdict;
import dev.wspolicy.policy.WsPolicy;

/**
 * Searches each text of both directions for a word that never comes.
 */
@WsPolicy(types = FrameType.TEXT)
public final class ReadText implements FramePolicy {

	private final String word;

	/**
	 * A policy.
	 * @param word the word
	 */
	public ReadText(String word) {
		this.word = word;
	}

	@Override
	public Verdict apply(Frame frame, FrameContext context) {
		return ((TextFrame) frame).text().contains(this.word) ? Verdict.drop() : Verdict.forward();
	}

}
