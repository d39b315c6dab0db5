package dev.wspolicy.autoconfigure;

import java.time.Duration;
import java.util.List;

import dev.wspolicy.policy.FramePolicy;

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
	default Duration longestWait() {
		return policy().longestWait();
	}

	@Override
	default Duration longestWait(List<FramePolicy> listed) {
		return policy().longestWait(listed);
	}

}
