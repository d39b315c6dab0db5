package dev.wspolicy.pipeline;

import java.util.List;
import java.util.function.Supplier;

import org.jspecify.annotations.Nullable;

import dev.wspolicy.frame.Frame;
import dev.wspolicy.policy.FrameContext;
import dev.wspolicy.policy.FramePolicy;
import dev.wspolicy.policy.MaxDelay;
import dev.wspolicy.policy.Verdict;

/**
 * A placeholder, in the definition of a pipeline, for a policy that is created for each
 * session.
 *
 * @param source creates the policy of a session
 * @param prototype a policy with the same settings, which serves no session
 */
record PerSession(Supplier<FramePolicy> source, FramePolicy prototype) implements FramePolicy {

	@Override
	public @Nullable MaxDelay maxDelay(List<FramePolicy> listed) {
		return this.prototype.maxDelay(listed);
	}

	@Override
	public Verdict apply(Frame frame, FrameContext context) {
		throw new IllegalStateException("the session has not been given a policy of its own");
	}

}
