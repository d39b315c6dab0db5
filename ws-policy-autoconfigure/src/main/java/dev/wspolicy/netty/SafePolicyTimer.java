package dev.wspolicy.netty;

import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;

import dev.wspolicy.frame.Direction;
import dev.wspolicy.session.PolicyTimer;
import dev.wspolicy.session.ProxiedSession;

/**
 * Sees to it that no session ends because the time that a policy took could not be told.
 */
final class SafePolicyTimer implements PolicyTimer {

	private static final Log logger = LogFactory.getLog(SafePolicyTimer.class);

	private final PolicyTimer timer;

	private volatile boolean failed;

	SafePolicyTimer(PolicyTimer timer) {
		this.timer = timer;
	}

	@Override
	public void onJudged(ProxiedSession session, Direction direction, String policy, long nanos) {
		try {
			this.timer.onJudged(session, direction, policy, nanos);
		}
		catch (RuntimeException ex) {
			// Once: the next frame that is timed is not far away.
			if (!this.failed) {
				this.failed = true;
				logger.warn("onJudged of " + this.timer.getClass().getName() + " failed", ex);
			}
		}
	}

}
