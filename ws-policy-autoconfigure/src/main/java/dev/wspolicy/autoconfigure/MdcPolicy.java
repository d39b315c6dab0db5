package dev.wspolicy.autoconfigure;

import org.slf4j.MDC;

import dev.wspolicy.frame.Frame;
import dev.wspolicy.policy.FrameContext;
import dev.wspolicy.policy.FramePolicy;
import dev.wspolicy.policy.Verdict;
import dev.wspolicy.session.ProxiedSession;
import dev.wspolicy.session.Termination;

/**
 * A policy that adds the id of the session to the MDC while the wrapped policy is called.
 * Policies are only wrapped if the MDC is enabled, so that it costs nothing otherwise.
 */
final class MdcPolicy implements DelegatingFramePolicy {

	/** The MDC key of the session id. */
	static final String KEY = "wsSessionId";

	private final FramePolicy policy;

	MdcPolicy(FramePolicy policy) {
		this.policy = policy;
	}

	@Override
	public FramePolicy delegate() {
		return this.policy;
	}

	@Override
	public void onOpen(ProxiedSession session) {
		MDC.put(KEY, session.id());
		try {
			this.policy.onOpen(session);
		}
		finally {
			MDC.remove(KEY);
		}
	}

	@Override
	public Verdict apply(Frame frame, FrameContext context) {
		MDC.put(KEY, context.session().id());
		try {
			return this.policy.apply(frame, context);
		}
		finally {
			MDC.remove(KEY);
		}
	}

	@Override
	public void onDetached(ProxiedSession session) {
		MDC.put(KEY, session.id());
		try {
			this.policy.onDetached(session);
		}
		finally {
			MDC.remove(KEY);
		}
	}

	@Override
	public void onClose(ProxiedSession session, Termination termination) {
		MDC.put(KEY, session.id());
		try {
			this.policy.onClose(session, termination);
		}
		finally {
			MDC.remove(KEY);
		}
	}

}
