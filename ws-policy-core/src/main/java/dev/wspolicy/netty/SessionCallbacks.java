package dev.wspolicy.netty;

import java.util.HashSet;
import java.util.List;
import java.util.Set;

import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

import dev.wspolicy.frame.Direction;
import dev.wspolicy.pipeline.PolicyBinding;
import dev.wspolicy.policy.Admission;
import dev.wspolicy.policy.FramePolicy;
import dev.wspolicy.rollout.Rollout;
import dev.wspolicy.session.ObservedVerdict;
import dev.wspolicy.session.SessionListener;
import dev.wspolicy.session.Side;
import dev.wspolicy.session.Termination;

/**
 * Calls the policies and the listeners of one session. Whatever one of them throws is
 * logged, and the others are called all the same. Confined to the event loop.
 */
final class SessionCallbacks {

	private static final Log logger = LogFactory.getLog(SessionCallbacks.class);

	private final NettySession session;

	private final List<SessionListener> listeners;

	/**
	 * The names of the policies whose failure has been logged; null if there are none.
	 */
	private @Nullable Set<String> failed;

	SessionCallbacks(NettySession session, List<SessionListener> listeners) {
		this.session = session;
		this.listeners = listeners;
	}

	void open(FramePolicy policy) {
		run("onOpen of " + nameOf(policy), () -> policy.onOpen(this.session));
	}

	/**
	 * A policy begins to serve a live session. If it did so before, in another stage of
	 * its rollout, it goes on with its state unless its mode for this session changes.
	 */
	void begin(PipelineSwitch.Beginning beginning) {
		FramePolicy policy = beginning.policy();
		FramePolicy former = beginning.former();
		if (former != null && Rollout.modeOf(former, this.session) == Rollout.modeOf(policy, this.session)) {
			Rollout.takeOver(former, policy, this.session);
			return;
		}
		if (former != null) {
			// First, or the policy would lose what it keeps for the session.
			run("onDetached of " + nameOf(former), () -> Rollout.detach(former, this.session));
		}
		open(policy);
	}

	void open() {
		for (SessionListener listener : this.listeners) {
			run("onOpen of " + listener.getClass().getName(), () -> listener.onOpen(this.session));
		}
	}

	void changed() {
		for (SessionListener listener : this.listeners) {
			run("onChange of " + listener.getClass().getName(), () -> listener.onChange(this.session));
		}
	}

	void heartbeatMissed(Side side) {
		for (SessionListener listener : this.listeners) {
			run("onHeartbeatMissed of " + listener.getClass().getName(),
					() -> listener.onHeartbeatMissed(this.session, side));
		}
	}

	void observed(ObservedVerdict verdict) {
		for (SessionListener listener : this.listeners) {
			run("onVerdictObserved of " + listener.getClass().getName(),
					() -> listener.onVerdictObserved(this.session, verdict));
		}
	}

	void detach(FramePolicy policy) {
		run("onDetached of " + nameOf(policy), () -> policy.onDetached(this.session));
	}

	void close(FramePolicy policy, Termination termination) {
		run("onClose of " + nameOf(policy), () -> policy.onClose(this.session, termination));
	}

	void close(Termination termination) {
		for (SessionListener listener : this.listeners) {
			run("onClose of " + listener.getClass().getName(), () -> listener.onClose(this.session, termination));
		}
	}

	void open(@Nullable Admission admission) {
		if (admission != null) {
			run("onOpen of an upgrade policy", () -> admission.onOpen(this.session));
		}
	}

	void principalSet(Admission admission) {
		run("onPrincipal of an upgrade policy", () -> admission.onPrincipal(this.session));
	}

	void end(@Nullable Admission admission) {
		if (admission != null) {
			run("onEnd of an upgrade policy", admission::onEnd);
		}
	}

	/** Returns the class of a policy, however far the policy is rolled out. */
	private static String nameOf(FramePolicy policy) {
		return Rollout.unwrap(policy).getClass().getName();
	}

	/** Logs the failure of a policy, the first time that it fails. */
	void policyFailed(Direction direction, PolicyBinding binding, Throwable failure) {
		if (this.failed == null) {
			this.failed = new HashSet<>(2);
		}
		if (this.failed.add(binding.name())) {
			warn("Policy '" + binding.name() + "' failed on an " + direction + " frame of session " + this.session.id()
					+ ", route '" + this.session.upgrade().routeId() + "' (on error: " + binding.onError() + ")",
					failure);
		}
	}

	/**
	 * Runs a callback. Whatever it throws, the session and the other callbacks go on.
	 * @param what the name of the callback, for the log
	 * @param callback the callback
	 */
	void run(String what, Runnable callback) {
		try {
			callback.run();
		}
		catch (Throwable ex) {
			warn(what + " failed for session " + this.session.id(), ex);
		}
	}

	/** Logs a failure, even one that cannot be printed. */
	private static void warn(String message, Throwable failure) {
		try {
			logger.warn(message, failure);
		}
		catch (Throwable ex) {
			logger.warn(message + " with an unprintable " + failure.getClass().getName());
		}
	}

}
