package dev.wspolicy.test;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

import org.assertj.core.api.AbstractAssert;
import org.jspecify.annotations.Nullable;

import dev.wspolicy.frame.CloseStatus;
import dev.wspolicy.frame.Frame;
import dev.wspolicy.frame.TextFrame;
import dev.wspolicy.policy.Verdict;

/**
 * AssertJ assertions for a {@link Verdict}.
 *
 * @see WsPolicyAssertions
 */
public final class VerdictAssert extends AbstractAssert<VerdictAssert, Verdict> {

	/** How long a verdict that comes later may take, on the real clock. */
	private static final Duration PATIENCE = Duration.ofSeconds(5);

	VerdictAssert(@Nullable Verdict verdict) {
		super(verdict, VerdictAssert.class);
	}

	/**
	 * Verifies that the verdict forwards the frame.
	 * @return this assertion
	 */
	public VerdictAssert forwards() {
		return is(Verdict.forward());
	}

	/**
	 * Verifies that the verdict drops the frame.
	 * @return this assertion
	 */
	public VerdictAssert drops() {
		return is(Verdict.drop());
	}

	/**
	 * Verifies that the verdict replaces the frame with one text message.
	 * @param text the text
	 * @return this assertion
	 */
	public VerdictAssert replacesText(String text) {
		return replacesWith(TextFrame.of(text));
	}

	/**
	 * Verifies that the verdict replaces the frame with exactly these frames.
	 * @param frames the frames
	 * @return this assertion
	 */
	public VerdictAssert replacesWith(Frame... frames) {
		return is(new Verdict.Replace(List.of(frames)));
	}

	/**
	 * Verifies that the verdict replies with one text message.
	 * @param text the text
	 * @return this assertion
	 */
	public VerdictAssert repliesText(String text) {
		return repliesWith(TextFrame.of(text));
	}

	/**
	 * Verifies that the verdict replies with exactly these frames.
	 * @param frames the frames
	 * @return this assertion
	 */
	public VerdictAssert repliesWith(Frame... frames) {
		return is(new Verdict.Reply(List.of(frames)));
	}

	/**
	 * Verifies that the verdict closes both legs with the same status.
	 * @param status the status
	 * @return this assertion
	 */
	public VerdictAssert closes(CloseStatus status) {
		return closes(status, status);
	}

	/**
	 * Verifies that the verdict closes both legs, each with its own status.
	 * @param toClient the status for the client
	 * @param toUpstream the status for the upstream
	 * @return this assertion
	 */
	public VerdictAssert closes(CloseStatus toClient, CloseStatus toUpstream) {
		return is(new Verdict.Close(toClient, toUpstream));
	}

	/**
	 * Verifies that the verdict closes the sender's leg with a status, and the other leg
	 * with 1001.
	 * @param status the status for the sender
	 * @return this assertion
	 */
	public VerdictAssert closesSender(CloseStatus status) {
		return is(new Verdict.CloseSender(status));
	}

	/**
	 * Verifies that the verdict comes later, and waits for it, for at most 5 seconds.
	 * @return assertions for the verdict that has come
	 */
	public VerdictAssert later() {
		if (!(this.actual instanceof Verdict.Later later)) {
			throw failure("Expected a verdict that comes later, but it is: %s", describe(this.actual));
		}
		CompletableFuture<Verdict> verdict = later.verdict().toCompletableFuture();
		try {
			return new VerdictAssert(verdict.get(PATIENCE.toNanos(), TimeUnit.NANOSECONDS));
		}
		catch (ExecutionException ex) {
			AssertionError failure = failure("Expected a verdict, but it failed: %s", ex.getCause());
			failure.initCause(ex.getCause());
			throw failure;
		}
		catch (TimeoutException ex) {
			throw failure("Expected a verdict, but none has come within %s seconds", PATIENCE.toSeconds());
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			throw failure("Interrupted while waiting for a verdict");
		}
	}

	private VerdictAssert is(Verdict expected) {
		if (!expected.equals(this.actual)) {
			throw failureWithActualExpected(describe(this.actual), describe(expected),
					"Expected the verdict: %s%nbut it is: %s", describe(expected), describe(this.actual));
		}
		return this;
	}

	private static String describe(@Nullable Verdict verdict) {
		return (verdict != null) ? PolicyRecords.describe(verdict) : "null";
	}

}
