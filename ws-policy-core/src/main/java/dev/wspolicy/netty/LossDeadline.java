package dev.wspolicy.netty;

import org.jspecify.annotations.Nullable;

import dev.wspolicy.relay.Uptake;

/**
 * Limits how long a leg that has failed or is lost holds up its session. Nothing is
 * scheduled as long as the leg is well.
 */
final class LossDeadline {

	private final DirectionDriver driver;

	/** What the target takes of what is left of the source. */
	private final Uptake uptake;

	private SessionLoop.@Nullable Alarm timer;

	private boolean lost;

	/** The time of the loss. */
	private long lostAt;

	LossDeadline(DirectionDriver driver, Uptake uptake) {
		this.driver = driver;
		this.uptake = uptake;
	}

	/**
	 * Nothing can be written to the peer any more. If it lives on, for whatever reason,
	 * it is not read for ever.
	 */
	void outputFailed() {
		schedule(() -> this.driver.source().closer().abort());
	}

	/**
	 * The leg is lost, and what is left of it waits for the target to take it, or for
	 * verdicts or further turns. If the target takes nothing for as long as a close frame
	 * may wait, the rest is given up, and also if verdicts have been waited for as long
	 * as for a slow peer, of which each may take its time: otherwise the session would
	 * live on with half of its legs.
	 */
	void lost() {
		if (!this.lost) {
			this.lost = true;
			this.lostAt = this.driver.session().nanoTime();
			this.uptake.lookSoon();
			checkLater();
		}
	}

	/** Cancels the timer, which would keep the session in memory. */
	void end() {
		if (this.timer != null) {
			this.timer.cancel();
			this.timer = null;
		}
	}

	private void checkLater() {
		if (!schedule(this::check)) {
			// The loop is about to end, and runs nothing later.
			this.driver.forgetRest();
		}
	}

	private void check() {
		if (this.driver.isAllProcessed()) {
			return;
		}
		// A next turn is no excuse: a policy may drop what takes many turns to inflate.
		if (this.driver.flow().isPaused(Pause.SUSPENDED) ? !isLate() : this.uptake.look()) {
			checkLater();
		}
		else {
			this.driver.forgetRest();
		}
	}

	private boolean isLate() {
		long limit = this.driver.session().timeouts().slowConsumer().toNanos();
		return limit > 0 && this.driver.session().nanoTime() - this.lostAt >= limit;
	}

	private boolean schedule(Runnable task) {
		end();
		this.timer = this.driver.afterCloseTimeout(task);
		return this.timer != null;
	}

}
