package dev.wspolicy.test;

import java.util.List;
import java.util.concurrent.CompletionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import java.util.stream.Collectors;

import org.jspecify.annotations.Nullable;

import dev.wspolicy.frame.Frame;
import dev.wspolicy.policy.Verdict;

/**
 * What the policies of a session have returned and thrown. Safe from any thread.
 */
final class PolicyRecords {

	private final @Nullable Transcript transcript;

	private final Runnable signal;

	private final AtomicInteger pending = new AtomicInteger();

	private volatile @Nullable Verdict lastVerdict;

	private volatile @Nullable Throwable lastFailure;

	/**
	 * Creates empty records.
	 * @param transcript which gets a line for each record, or {@code null} if there is
	 * none
	 * @param signal called, on any thread, when a verdict is no longer pending
	 */
	PolicyRecords(@Nullable Transcript transcript, Runnable signal) {
		this.transcript = transcript;
		this.signal = signal;
	}

	void returned(String policy, @Nullable Verdict verdict) {
		this.lastVerdict = verdict;
		add(() -> policy + " returns " + ((verdict != null) ? describe(verdict) : "null"));
	}

	void failed(String policy, Throwable failure) {
		Throwable cause = (failure instanceof CompletionException && failure.getCause() != null) ? failure.getCause()
				: failure;
		this.lastFailure = cause;
		add(() -> policy + " throws " + cause);
	}

	void suspended(String policy) {
		this.pending.incrementAndGet();
		add(() -> policy + " returns a verdict later");
	}

	void abandoned(String policy) {
		add(() -> "the verdict of " + policy + " is no longer awaited");
	}

	private void add(Supplier<String> line) {
		if (this.transcript != null) {
			this.transcript.addDetail(line.get());
		}
	}

	void resumed() {
		this.pending.decrementAndGet();
		this.signal.run();
	}

	boolean isPending() {
		return this.pending.get() > 0;
	}

	/** Returns the last verdict, or null if there is none. */
	@Nullable Verdict lastVerdict() {
		return this.lastVerdict;
	}

	/** Returns what was thrown last and forgets it, or null if nothing was. */
	@Nullable Throwable takeFailure() {
		Throwable failure = this.lastFailure;
		this.lastFailure = null;
		return failure;
	}

	/** Returns what was thrown last, or null if nothing was. */
	@Nullable Throwable lastFailure() {
		return this.lastFailure;
	}

	static String describe(Verdict verdict) {
		if (verdict instanceof Verdict.Replace replace) {
			return "replace" + describe(replace.frames());
		}
		if (verdict instanceof Verdict.Reply reply) {
			return "reply" + describe(reply.frames());
		}
		if (verdict instanceof Verdict.Close close) {
			return "close (client: " + close.toClient() + ", upstream: " + close.toUpstream() + ")";
		}
		if (verdict instanceof Verdict.CloseSender close) {
			return "closeSender (" + close.status() + ")";
		}
		if (verdict instanceof Verdict.Later) {
			return "later";
		}
		return (verdict instanceof Verdict.Drop) ? "drop" : "forward";
	}

	private static String describe(List<Frame> frames) {
		return frames.stream().map(PolicyRecords::describe).collect(Collectors.joining(", ", " (", ")"));
	}

	private static String describe(Frame frame) {
		try {
			return WireFrame.of(frame).describe();
		}
		catch (RuntimeException ex) {
			// Kept for too long, or it cannot be encoded, which the engine finds out.
			return frame.toString();
		}
	}

}
