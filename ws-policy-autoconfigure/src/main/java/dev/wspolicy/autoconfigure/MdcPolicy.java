package dev.wspolicy.autoconfigure;

import org.slf4j.MDC;

import dev.wspolicy.frame.Frame;
import dev.wspolicy.policy.FrameContext;
import dev.wspolicy.policy.FramePolicy;
import dev.wspolicy.policy.Verdict;
import dev.wspolicy.session.ProxiedSession;
import dev.wspolicy.session.Termination;

/**
 * A policy whose log lines carry the id of the session. There is one around each policy
 * if that is wanted, and none if it is not, so that nobody pays who did not ask.
 */
final class MdcPolicy implements WrappedPolicy {

	/** The key of the session's id. */
	static final String KEY = "wsSessionId";

	private final FramePolicy policy;

	MdcPolicy(FramePolicy policy) {
		this.policy = policy;
	}

	@Override
	public FramePolicy policy() {
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
