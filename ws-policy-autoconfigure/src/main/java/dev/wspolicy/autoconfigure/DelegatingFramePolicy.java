package dev.wspolicy.autoconfigure;

import java.util.List;

import org.jspecify.annotations.Nullable;

import dev.wspolicy.policy.FramePolicy;
import dev.wspolicy.policy.MaxDelay;
import dev.wspolicy.rollout.Rollout;

/**
 * A policy that wraps another one.
 */
interface DelegatingFramePolicy extends FramePolicy {

	/** Return the wrapped policy. */
	FramePolicy delegate();

	/** Return the innermost policy. */
	static FramePolicy unwrap(FramePolicy policy) {
		FramePolicy complete = Rollout.unwrap(policy);
		return (complete instanceof DelegatingFramePolicy wrapper) ? unwrap(wrapper.delegate()) : complete;
	}

	@Override
	default boolean isObservable() {
		return delegate().isObservable();
	}

	@Override
	default @Nullable MaxDelay maxDelay(List<FramePolicy> listed) {
		return delegate().maxDelay(listed);
	}

}
