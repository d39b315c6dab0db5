package dev.wspolicy.rollout;

import java.time.Duration;

import org.jspecify.annotations.Nullable;

import dev.wspolicy.policy.Admission;
import dev.wspolicy.session.ProxiedSession;

/**
 * The admission of an upgrade that was not kept waiting for its policy. Once the policy
 * has accepted the upgrade, its own admission follows the session, without effect on it.
 */
final class LateAdmission implements Admission {

	private final String policy;

	/** Null until the policy has accepted. */
	private @Nullable Admission admission;

	/** Null until the session has opened, and after its end. */
	private @Nullable ObservedSession session;

	/** Whether {@code onOpen} of the policy's admission has been called. */
	private boolean opened;

	/** Whether it has not been told that the session has another principal. */
	private boolean principalMissed;

	private boolean ended;

	/**
	 * Creates an admission.
	 * @param policy the name of the policy
	 */
	LateAdmission(String policy) {
		this.policy = policy;
	}

	/** The policy has accepted the upgrade. Called on any thread. */
	synchronized void begin(Admission admission) {
		this.admission = admission;
		if (this.ended) {
			admission.onEnd();
		}
		else if (this.session != null) {
			// On the event loop, as an admission expects; never if the session ends
			// first.
			this.session.schedule(Duration.ZERO, this::open);
		}
	}

	private synchronized void open() {
		if (this.admission != null && this.session != null && !this.opened) {
			this.opened = true;
			this.admission.onOpen(this.session);
			if (this.principalMissed) {
				this.admission.onPrincipal(this.session);
			}
		}
	}

	@Override
	public synchronized void onOpen(ProxiedSession session) {
		this.session = new ObservedSession(this.policy, session);
		open();
	}

	@Override
	public synchronized void onPrincipal(ProxiedSession session) {
		if (this.admission != null && this.session != null && this.opened) {
			this.admission.onPrincipal(this.session);
		}
		else {
			this.principalMissed = true;
		}
	}

	@Override
	public synchronized void onEnd() {
		this.ended = true;
		this.session = null;
		if (this.admission != null) {
			this.admission.onEnd();
		}
	}

}
