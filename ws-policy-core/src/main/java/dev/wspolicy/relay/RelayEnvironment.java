package dev.wspolicy.relay;

import org.jspecify.annotations.Nullable;

import dev.wspolicy.pipeline.Timeouts;
import dev.wspolicy.session.PolicyTimingListener;

/**
 * What all parts of one relay share: where actions go, and who is told what happens.
 */
final class RelayEnvironment {

	final RelayOutput output;

	final RelayObserver observer;

	final Timeouts timeouts;

	/** The tap that observes the frames; usually null. */
	@Nullable RelayTap tap;

	/** Is told how long policies take; null if nobody wants to know. */
	@Nullable PolicyTimingListener timer;

	/**
	 * Whether anything has been deferred until the current call of the relay returns,
	 * because the driver or a policy may call back.
	 */
	boolean hasDeferred;

	/** The number of verdicts that are awaited, of both directions. */
	int awaitedVerdicts;

	/** When a verdict that was awaited has come last, or has been given up. */
	long lastAwaited;

	RelayEnvironment(RelayOutput output, RelayObserver observer, Timeouts timeouts) {
		this.output = output;
		this.observer = observer;
		this.timeouts = timeouts;
		this.lastAwaited = output.nanoTime();
	}

}
