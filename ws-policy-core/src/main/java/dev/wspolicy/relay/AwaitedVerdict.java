package dev.wspolicy.relay;

import java.util.Objects;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.BiConsumer;

import org.jspecify.annotations.Nullable;

import dev.wspolicy.frame.Direction;
import dev.wspolicy.policy.Verdict;

/**
 * A verdict that a policy has promised. Whoever is to give it may keep this object for
 * ever, so it refers to nothing of the session once nobody waits for the verdict.
 * Compared by identity.
 */
final class AwaitedVerdict implements BiConsumer<Verdict, Throwable> {

	private static final Runnable NOTHING = () -> {
	};

	private final Direction direction;

	private final long number;

	private final long since;

	/** Null once nobody waits. */
	private volatile @Nullable RelayOutput output;

	private @Nullable PendingFrame frame;

	private Runnable cancellation;

	// Written by the thread that gives the verdict, before it signals that it has come.

	private @Nullable Verdict verdict;

	private @Nullable Throwable failure;

	/**
	 * Creates a promise that nobody has kept yet.
	 * @param output is told when the verdict has come
	 * @param direction the direction of the frame
	 * @param number tells it from the others of that direction
	 * @param frame the frame
	 * @param cancellation tells the one who is to give the verdict that nobody waits
	 */
	AwaitedVerdict(RelayOutput output, Direction direction, long number, PendingFrame frame, Runnable cancellation) {
		this.output = output;
		this.direction = direction;
		this.number = number;
		this.frame = frame;
		this.cancellation = cancellation;
		this.since = output.nanoTime();
	}

	PendingFrame frame() {
		return Objects.requireNonNull(this.frame);
	}

	long number() {
		return this.number;
	}

	/** When the wait began, on the clock of the output. */
	long since() {
		return this.since;
	}

	/** Called on any thread: the verdict has come. */
	@Override
	public void accept(@Nullable Verdict verdict, @Nullable Throwable failure) {
		RelayOutput output = this.output;
		if (output != null) {
			this.verdict = verdict;
			this.failure = failure;
			output.signalVerdict(this.direction, this.number);
		}
	}

	/** The verdict is there already. */
	void take(CompletableFuture<Verdict> verdict) {
		try {
			this.verdict = verdict.join();
		}
		catch (CompletionException | CancellationException ex) {
			this.failure = ex;
		}
	}

	/** The verdict cannot be awaited. */
	void fail(Throwable failure) {
		abandon();
		this.failure = failure;
	}

	@Nullable Verdict verdict() {
		return this.verdict;
	}

	/** Returns what has been thrown in place of a verdict. */
	@Nullable Throwable failure() {
		Throwable failure = this.failure;
		Throwable cause = (failure instanceof CompletionException) ? failure.getCause() : null;
		return (cause != null) ? cause : failure;
	}

	/**
	 * Nobody waits any more.
	 * @return tells the one who is to give the verdict
	 */
	Runnable abandon() {
		Runnable cancellation = this.cancellation;
		this.output = null;
		this.frame = null;
		this.cancellation = NOTHING;
		return cancellation;
	}

}
