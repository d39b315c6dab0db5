package dev.wspolicy.netty;

import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;

import dev.wspolicy.frame.Direction;
import dev.wspolicy.session.PolicyTimingListener;
import dev.wspolicy.session.ProxiedSession;

/**
 * Protects sessions from failures of the listener that it wraps.
 */
final class SafePolicyTimer implements PolicyTimingListener {

	private static final Log logger = LogFactory.getLog(SafePolicyTimer.class);

	private final PolicyTimingListener timer;

	private volatile boolean failed;

	SafePolicyTimer(PolicyTimingListener timer) {
		this.timer = timer;
	}

	@Override
	public void onTimed(ProxiedSession session, Direction direction, String policy, long nanos) {
		try {
			this.timer.onTimed(session, direction, policy, nanos);
		}
		catch (Throwable ex) {
			// Logged once, because the next call follows soon.
			if (!this.failed) {
				this.failed = true;
				logger.warn("onTimed of " + this.timer.getClass().getName() + " failed", ex);
			}
		}
	}

}
