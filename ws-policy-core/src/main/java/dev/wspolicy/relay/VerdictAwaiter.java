package dev.wspolicy.relay;

import java.util.Objects;
import java.util.concurrent.CompletableFuture;

import org.jspecify.annotations.Nullable;

import dev.wspolicy.frame.Direction;
import dev.wspolicy.policy.Verdict;

/**
 * Waits for the verdicts that the policies of one direction have promised, one at a time.
 * The direction is suspended meanwhile.
 */
final class VerdictAwaiter {

	private final RelayEnvironment environment;

	private final RelayTimer timer;

	private final Direction direction;

	private @Nullable AwaitedVerdict awaited;

	/** How many verdicts have been promised. */
	private long promised;

	/** Tells policies that nobody waits for their verdicts, when the call returns. */
	private @Nullable Runnable cancellation;

	/** Whether the driver has been told to suspend the direction. */
	private boolean suspended;

	VerdictAwaiter(RelayEnvironment environment, RelayTimer timer, Direction direction) {
		this.environment = environment;
		this.timer = timer;
		this.direction = direction;
	}

	/**
	 * Waits for a verdict, unless it is there already or cannot be awaited.
	 * @return what there is in place of a wait; {@code null} if the verdict is awaited
	 */
	@Nullable AwaitedVerdict await(PendingFrame frame, Verdict.Later later) {
		AwaitedVerdict awaited = new AwaitedVerdict(this.environment.output, this.direction, ++this.promised, frame,
				later.cancellation());
		CompletableFuture<Verdict> verdict;
		try {
			verdict = later.verdict().toCompletableFuture();
			if (verdict.isDone() && !this.environment.output.hasWaitingCalls()) {
				awaited.take(verdict);
				return awaited;
			}
		}
		catch (Throwable ex) {
			// A stage that cannot be awaited; it may be of a kind of the user's own.
			awaited.fail(ex);
			return awaited;
		}
		// What fails here is not the policy's fault.
		suspend(awaited);
		try {
			verdict.whenComplete(awaited);
			return null;
		}
		catch (Throwable ex) {
			stopWaiting();
			awaited.fail(ex);
			return awaited;
		}
	}

	private void suspend(AwaitedVerdict awaited) {
		this.awaited = awaited;
		this.environment.awaitedVerdicts++;
		if (!this.suspended) {
			this.suspended = true;
			this.environment.output.suspend(this.direction);
		}
		this.environment.output.schedule(this.timer, this.environment.timeouts.verdict());
	}

	private void stopWaiting() {
		this.awaited = null;
		this.environment.awaitedVerdicts--;
		this.environment.lastAwaited = this.environment.output.nanoTime();
		this.environment.output.cancel(this.timer);
		this.environment.hasDeferred = true;
	}

	/** Returns the frame whose verdict is awaited, or {@code null}. */
	@Nullable PendingFrame frame() {
		return (this.awaited != null) ? this.awaited.frame() : null;
	}

	/** Whether a verdict is the one that is awaited. */
	boolean isAwaited(long number) {
		return this.awaited != null && this.awaited.number() == number;
	}

	/** Ends the wait, and returns what has come. */
	AwaitedVerdict take() {
		AwaitedVerdict awaited = Objects.requireNonNull(this.awaited);
		stopWaiting();
		PendingFrame frame = awaited.frame();
		frame.tally.waited(frame.asked(), this.environment.output.nanoTime() - awaited.since());
		return awaited;
	}

	/** Ends the wait without a verdict. */
	void giveUp() {
		cancelLater(take().abandon());
	}

	/** Cancels the verdict, once the current call returns. */
	void cancelLater(Runnable cancellation) {
		this.environment.hasDeferred = true;
		Runnable earlier = this.cancellation;
		this.cancellation = cancellation;
		if (earlier != null) {
			this.cancellation = () -> {
				cancel(earlier);
				cancel(cancellation);
			};
		}
	}

	private static void cancel(Runnable cancellation) {
		try {
			cancellation.run();
		}
		catch (Throwable ex) {
			// Nobody waits for the verdict: whether it can be cancelled does not matter.
		}
	}

	/**
	 * The call of the relay returns, and its state is consistent: now policies and the
	 * driver may know, who may call back at once.
	 */
	void runDeferred() {
		Runnable cancellation = this.cancellation;
		if (cancellation != null) {
			this.cancellation = null;
			cancel(cancellation);
		}
		if (this.suspended && this.awaited == null) {
			this.suspended = false;
			this.environment.output.resume(this.direction);
		}
	}

}
