package dev.wspolicy.pipeline;

import java.util.List;
import java.util.function.Supplier;

import org.jspecify.annotations.Nullable;

import dev.wspolicy.frame.Frame;
import dev.wspolicy.policy.FrameContext;
import dev.wspolicy.policy.FramePolicy;
import dev.wspolicy.policy.Verdict;
import dev.wspolicy.policy.Wait;

/**
 * Stands in a pipeline's definition for a policy of which each session has its own.
 *
 * @param source makes the policy of a session
 * @param prototype one like them, which no session gets
 */
record PerSession(Supplier<FramePolicy> source, FramePolicy prototype) implements FramePolicy {

	@Override
	public @Nullable Wait longestWait(List<FramePolicy> listed) {
		return this.prototype.longestWait(listed);
	}

	@Override
	public Verdict apply(Frame frame, FrameContext context) {
		throw new IllegalStateException("the session has not been given a policy of its own");
	}

}
