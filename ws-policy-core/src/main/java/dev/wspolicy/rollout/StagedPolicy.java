package dev.wspolicy.rollout;

import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

import org.jspecify.annotations.Nullable;

import dev.wspolicy.frame.Frame;
import dev.wspolicy.policy.FrameContext;
import dev.wspolicy.policy.FramePolicy;
import dev.wspolicy.policy.MaxDelay;
import dev.wspolicy.policy.PolicyMode;
import dev.wspolicy.policy.Verdict;
import dev.wspolicy.session.ProxiedSession;
import dev.wspolicy.session.Termination;

/**
 * A policy that is not enforced, or not for everybody. What serves a session is decided
 * when it opens.
 */
final class StagedPolicy implements FramePolicy {

	private final Rollout rollout;

	private final String name;

	private final FramePolicy policy;

	private final ObservedPolicy observed;

	/** What serves each session; a session that the policy skips is missing. */
	private final Map<ProxiedSession, FramePolicy> serving = new ConcurrentHashMap<>();

	StagedPolicy(Rollout rollout, String name, FramePolicy policy) {
		this.rollout = rollout;
		this.name = name;
		this.policy = policy;
		this.observed = new ObservedPolicy(name, policy);
	}

	Rollout rollout() {
		return this.rollout;
	}

	FramePolicy delegate() {
		return this.policy;
	}

	@Override
	public @Nullable MaxDelay maxDelay(List<FramePolicy> listed) {
		return this.rollout.enforces() ? this.policy.maxDelay(listed) : null;
	}

	@Override
	public boolean isObservable() {
		return this.policy.isObservable();
	}

	@Override
	public void onOpen(ProxiedSession session) {
		PolicyMode mode = modeFor(session);
		if (mode != PolicyMode.OFF) {
			FramePolicy serving = (mode == PolicyMode.OBSERVE) ? this.observed : this.policy;
			this.serving.put(session, serving);
			serving.onOpen(session);
		}
	}

	PolicyMode modeFor(ProxiedSession session) {
		return this.rollout.modeFor(session.upgrade(), this.name);
	}

	/** Goes on with a session that the policy has served in the same mode. */
	void takeOver(ProxiedSession session, FramePolicy former) {
		if (modeFor(session) == PolicyMode.OBSERVE) {
			if (former instanceof StagedPolicy staged) {
				this.observed.takeOver(session, staged.observed);
			}
			this.serving.put(session, this.observed);
		}
		else {
			this.serving.put(session, this.policy);
		}
	}

	/**
	 * Another stage of the policy goes on with the session, in another mode. This one
	 * still serves the message that is under way.
	 */
	void detach(ProxiedSession session) {
		FramePolicy serving = this.serving.get(session);
		if (serving != null) {
			serving.onDetached(session);
		}
	}

	/** The session is not served any more. */
	void forget(ProxiedSession session) {
		this.serving.remove(session);
		this.observed.forget(session);
	}

	@Override
	public Verdict apply(Frame frame, FrameContext context) {
		FramePolicy serving = this.serving.get(context.session());
		return (serving != null) ? serving.apply(frame, context) : Verdict.forward();
	}

	@Override
	public void onDetached(ProxiedSession session) {
		FramePolicy serving = this.serving.remove(session);
		if (serving != null) {
			serving.onDetached(session);
		}
	}

	@Override
	public void onClose(ProxiedSession session, Termination termination) {
		FramePolicy serving = this.serving.remove(session);
		if (serving != null) {
			serving.onClose(session, termination);
		}
	}

}
