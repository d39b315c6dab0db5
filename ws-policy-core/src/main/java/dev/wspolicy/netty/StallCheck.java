package dev.wspolicy.netty;

import org.jspecify.annotations.Nullable;

/**
 * Ends the session if a frame of one leg has begun and does not continue. No timer is set
 * as long as frames end where scanning stops.
 */
final class StallCheck {

	private final DirectionDriver driver;

	/** Set as long as a frame waits for its next byte. */
	private SessionLoop.@Nullable Alarm check;

	StallCheck(DirectionDriver driver) {
		this.driver = driver;
	}

	/** Called when scanning has stopped, for whatever reason. */
	void scanningStopped() {
		if (this.check == null && this.driver.isFrameAwaited()) {
			checkIn(timeoutNanos());
		}
	}

	/** Cancels the timer, which would keep the session in memory. */
	void end() {
		if (this.check != null) {
			this.check.cancel();
			this.check = null;
		}
	}

	private void checkIn(long nanos) {
		this.check = this.driver.session().alarm(this::check, nanos);
	}

	private void check() {
		this.check = null;
		if (!this.driver.isFrameAwaited()) {
			return;
		}
		long timeout = timeoutNanos();
		long silence = silenceNanos();
		if (silence < timeout) {
			checkIn(timeout - silence);
		}
		else {
			this.driver.onStalled();
		}
	}

	private long timeoutNanos() {
		return this.driver.session().timeouts().frame().toNanos();
	}

	/** Returns for how long the source has been silent although it was read. */
	private long silenceNanos() {
		FlowControl flow = this.driver.flow();
		return flow.isReading() ? this.driver.session().nanoTime() - flow.lastRead() : 0;
	}

}
