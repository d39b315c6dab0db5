package dev.wspolicy.relay;

import java.util.ArrayList;
import java.util.List;

import org.jspecify.annotations.Nullable;

import dev.wspolicy.frame.Direction;
import dev.wspolicy.frame.Frame;
import dev.wspolicy.policy.FrameContext;
import dev.wspolicy.policy.FramePolicy;
import dev.wspolicy.policy.IllegalVerdictException;
import dev.wspolicy.policy.Verdict;
import dev.wspolicy.policy.VerdictRules;
import dev.wspolicy.session.ObservedVerdict;
import dev.wspolicy.session.VerdictCounts.Kind;

/**
 * Expects of a policy that is observed what is recorded of it. Apart from that, it must
 * make no difference.
 */
final class ObservedModel implements FramePolicy {

	/** The most verdicts of one session that a policy may take its time for. */
	private static final int MAX_PENDING = 16;

	private final String name;

	private final FramePolicy policy;

	private final List<ObservedVerdict> expected = new ArrayList<>();

	private int pending;

	ObservedModel(String name, FramePolicy policy) {
		this.name = name;
		this.policy = policy;
	}

	/** What must have been recorded so far, in any order. */
	List<ObservedVerdict> expected() {
		return this.expected;
	}

	@Override
	public Verdict apply(Frame frame, FrameContext context) {
		try {
			Verdict verdict = this.policy.apply(frame, context);
			if (verdict instanceof Verdict.Later later) {
				expect(later, frame, context.direction());
			}
			else {
				expect(verdict, frame, context.direction());
			}
			return verdict;
		}
		catch (Throwable ex) {
			fail(context.direction());
			throw ex;
		}
	}

	private void expect(Verdict.Later later, Frame frame, Direction direction) {
		if (later.verdict().toCompletableFuture().isDone()) {
			expectDone(later, frame, direction);
		}
		else if (this.pending == MAX_PENDING) {
			fail(direction);
		}
		else {
			this.pending++;
			later.verdict().whenComplete((verdict, failure) -> {
				this.pending--;
				expectDone(later, frame, direction);
			});
		}
	}

	private void expectDone(Verdict.Later later, Frame frame, Direction direction) {
		if (later.verdict().toCompletableFuture().isCompletedExceptionally()) {
			fail(direction);
		}
		else {
			expect(later.verdict().toCompletableFuture().join(), frame, direction);
		}
	}

	private void expect(@Nullable Verdict verdict, Frame frame, Direction direction) {
		if (verdict == null) {
			fail(direction);
			return;
		}
		try {
			VerdictRules.check(frame, verdict);
		}
		catch (IllegalVerdictException ex) {
			fail(direction);
			return;
		}
		if (verdict != Verdict.forward()) {
			this.expected.add(new ObservedVerdict(this.name, direction, VerdictRules.kindOf(verdict),
					VerdictRules.statusOf(verdict, direction)));
		}
	}

	private void fail(Direction direction) {
		this.expected.add(new ObservedVerdict(this.name, direction, Kind.FAILED, null));
	}

}
