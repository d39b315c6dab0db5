package dev.wspolicy.autoconfigure;

import java.util.List;

import org.jspecify.annotations.Nullable;

import dev.wspolicy.policy.FramePolicy;
import dev.wspolicy.policy.Wait;

/**
 * A policy that stands around another one.
 */
interface WrappedPolicy extends FramePolicy {

	/** The other one. */
	FramePolicy policy();

	/** A policy without what stands around it. */
	static FramePolicy unwrap(FramePolicy policy) {
		return (policy instanceof WrappedPolicy wrapped) ? unwrap(wrapped.policy()) : policy;
	}

	@Override
	default @Nullable Wait longestWait(List<FramePolicy> listed) {
		return policy().longestWait(listed);
	}

}
