package dev.wspolicy.relay;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.TimeoutException;

import org.jspecify.annotations.Nullable;

import dev.wspolicy.frame.CloseStatus;
import dev.wspolicy.frame.Direction;
import dev.wspolicy.frame.Frame;
import dev.wspolicy.frame.FrameAccess;
import dev.wspolicy.frame.FrameType;
import dev.wspolicy.pipeline.PolicyBinding;
import dev.wspolicy.policy.FrameContext;
import dev.wspolicy.policy.IllegalVerdictException;
import dev.wspolicy.policy.OnError;
import dev.wspolicy.policy.Verdict;
import dev.wspolicy.policy.VerdictRules;
import dev.wspolicy.session.PolicyTimingListener;
import dev.wspolicy.session.Side;
import dev.wspolicy.session.TappedFrame.Outcome;
import dev.wspolicy.session.Termination.Cause;
import dev.wspolicy.session.VerdictCounts.Kind;

/**
 * Shows the frames of one direction to the policies of a stage, one frame at a time, and
 * returns what they have made of it. While a verdict is awaited the direction is
 * suspended.
 */
final class PolicyRunner {

	private final RelayEnvironment environment;

	private final FrameSequence sequence;

	private final FrameContext context;

	/** Created with the first verdict that comes later. */
	private @Nullable VerdictAwaiter awaiter;

	/** Frames that policies have created, in order; allocated with the first. */
	private @Nullable Deque<PendingFrame> queue;

	private final ShownFrame shown;

	/** The number of frames up to the next one that is measured. */
	private byte untilMeasured = PolicyStopwatch.first();

	PolicyRunner(RelayEnvironment environment, FrameSequence sequence, FrameContext context) {
		this.environment = environment;
		this.sequence = sequence;
		this.context = context;
		this.shown = new ShownFrame(environment, sequence);
	}

	/** Puts a frame in front of those that wait for their turn. */
	void queueFirst(PendingFrame frame) {
		if (this.queue == null) {
			this.queue = new ArrayDeque<>();
		}
		this.queue.addFirst(frame);
	}

	/** Returns the frame whose turn it is, or {@code null}. */
	@Nullable PendingFrame poll() {
		return (this.queue != null) ? this.queue.pollFirst() : null;
	}

	/** Whether no frame waits for a verdict, or for its turn. */
	boolean isIdle() {
		return awaitedFrame() == null && (this.queue == null || this.queue.isEmpty());
	}

	/** Returns the frame that a policy is being shown right now, if any. */
	ShownFrame shown() {
		return this.shown;
	}

	/** Shows a frame to the policies of its stage that have not seen it yet. */
	StageOutcome run(PendingFrame frame) {
		StageOutcome outcome;
		do {
			outcome = show(frame);
		}
		while (outcome == null);
		return outcome;
	}

	/** Returns null if the policies that follow are to be shown the frame. */
	private @Nullable StageOutcome show(PendingFrame frame) {
		Verdict verdict;
		this.shown.begin(frame);
		if (this.environment.tap != null && frame.since == 0) {
			frame.since = this.environment.output.nanoTime();
		}
		try {
			PolicyStopwatch stopwatch = (--this.untilMeasured != 0) ? null : stopwatch(frame);
			verdict = frame.policies()
				.run(frame.frame, frame.type, frame, this.context, frame.tally.forwarded, stopwatch);
		}
		catch (Throwable ex) {
			// Whatever a policy throws, this session must end or go on in order.
			this.shown.end();
			frame.stopwatch = null;
			return fail(frame, ex, Cause.POLICY_FAILURE);
		}
		this.shown.end();
		if (!(verdict instanceof Verdict.Later)) {
			frame.stopwatch = null;
		}
		return decide(frame, verdict);
	}

	private @Nullable PolicyStopwatch stopwatch(PendingFrame frame) {
		this.untilMeasured = PolicyStopwatch.next();
		PolicyTimingListener timer = this.environment.timer;
		if (timer != null) {
			frame.stopwatch = new PolicyStopwatch(timer, this.environment.output, this.context);
		}
		return frame.stopwatch;
	}

	private @Nullable StageOutcome decide(PendingFrame frame, @Nullable Verdict verdict) {
		if (!counts(frame)) {
			return overrule(frame, verdict);
		}
		if (verdict == Verdict.Forward.INSTANCE) {
			return StageOutcome.FORWARD;
		}
		if (verdict == null) {
			return fail(frame, new IllegalVerdictException("the policy answered null"), Cause.POLICY_FAILURE);
		}
		if (verdict instanceof Verdict.CloseSender closing) {
			return apply(frame, closing.in(this.context.direction()));
		}
		return (verdict instanceof Verdict.Later later) ? await(frame, later) : apply(frame, verdict);
	}

	/**
	 * Whether the verdict counts. It does not if the policy has closed the session while
	 * it was shown the frame, or has found that the text is not UTF-8.
	 */
	private boolean counts(PendingFrame frame) {
		return this.sequence.isOpen() && !FrameAccess.isInvalidUtf8(frame.frame);
	}

	private StageOutcome overrule(PendingFrame frame, @Nullable Verdict verdict) {
		if (verdict instanceof Verdict.Later later) {
			frame.stopMeasuring();
			awaiter().cancelLater(later.cancellation());
		}
		PolicyBinding maker = frame.maker;
		if (maker != null && this.sequence.isOpen()) {
			// The sender has not sent this text.
			return unreadable(frame, maker, new IllegalVerdictException("the text is not UTF-8"));
		}
		tap(frame, Outcome.NONE, null);
		return this.sequence.isOpen() ? StageOutcome.INVALID_TEXT : StageOutcome.DISCARD;
	}

	private boolean tap(PendingFrame frame, Outcome outcome, @Nullable String policy) {
		return this.shown.tap(this.context.direction(), frame, outcome, policy);
	}

	/**
	 * A policy has created a frame that cannot be read, too late to let the original
	 * pass.
	 */
	private StageOutcome unreadable(PendingFrame frame, PolicyBinding maker, Throwable failure) {
		this.environment.observer.onPolicyFailure(this.context.direction(), maker, failure);
		return failed(frame, maker, maker.onError() == OnError.DROP, Cause.POLICY_FAILURE);
	}

	private @Nullable StageOutcome apply(PendingFrame frame, Verdict verdict) {
		List<Frame> frames;
		try {
			VerdictRules.check(frame.frame, verdict);
			frames = VerdictFrames.of(frame, verdict);
		}
		catch (Throwable ex) {
			// The frames of a verdict are a policy's own, and so is what is thrown when
			// they are read.
			return fail(frame, ex, Cause.POLICY_FAILURE);
		}
		String policy = frame.askedPolicy().name();
		Kind kind = VerdictRules.kindOf(verdict);
		frame.tally.count(frame.asked(), kind);
		if (!tap(frame, Outcome.valueOf(kind.name()), policy)) {
			return StageOutcome.DISCARD;
		}
		frame.frames = frames;
		if (verdict instanceof Verdict.Close close) {
			frame.ending = new Ending(Cause.POLICY, close.toClient(), close.toUpstream(), policy);
			return StageOutcome.END;
		}
		return (kind == Kind.REPLACE) ? StageOutcome.REPLACE : StageOutcome.DROP;
	}

	/**
	 * A frame has passed the policies of its last stage, and is about to be written.
	 * @return {@link StageOutcome#FORWARD}, unless a policy has created the frame and it
	 * cannot be read, or the tap has closed the session
	 */
	StageOutcome release(PendingFrame frame) {
		PolicyBinding maker = frame.maker;
		if (maker != null) {
			try {
				FrameAccess.payload(frame.frame).bytes();
			}
			catch (Throwable ex) {
				return unreadable(frame, maker, ex);
			}
		}
		if (this.environment.tap == null) {
			return StageOutcome.FORWARD;
		}
		Outcome outcome = frame.policies().wants(frame.type) ? Outcome.FORWARD : Outcome.NONE;
		return tap(frame, outcome, null) ? StageOutcome.FORWARD : StageOutcome.DISCARD;
	}

	private @Nullable StageOutcome fail(PendingFrame frame, Throwable failure, Cause cause) {
		if (!counts(frame)) {
			return overrule(frame, null);
		}
		PolicyBinding binding = frame.askedPolicy();
		frame.tally.count(frame.asked(), Kind.FAILED);
		this.environment.observer.onPolicyFailure(this.context.direction(), binding, failure);
		OnError onError = binding.onError();
		boolean drop = onError == OnError.DROP && frame.type != FrameType.CLOSE;
		return (drop || onError == OnError.CLOSE) ? failed(frame, binding, drop, cause) : null;
	}

	private StageOutcome failed(PendingFrame frame, PolicyBinding binding, boolean drop, Cause cause) {
		String policy = binding.name();
		boolean open = tap(frame, drop ? Outcome.DROP : Outcome.CLOSE, policy);
		if (!open) {
			return StageOutcome.DISCARD;
		}
		if (drop) {
			return StageOutcome.DROP;
		}
		frame.ending = new Ending(cause, CloseStatus.INTERNAL_ERROR, CloseStatus.INTERNAL_ERROR, policy);
		return StageOutcome.END;
	}

	// Verdicts that come later

	private @Nullable StageOutcome await(PendingFrame frame, Verdict.Later later) {
		AwaitedVerdict kept = awaiter().await(frame, later);
		return (kept != null) ? take(frame, kept) : StageOutcome.WAIT;
	}

	private @Nullable StageOutcome take(PendingFrame frame, AwaitedVerdict awaited) {
		frame.stopMeasuring();
		Throwable failure = awaited.failure();
		Verdict verdict = awaited.verdict();
		if (failure != null) {
			return fail(frame, failure, Cause.POLICY_FAILURE);
		}
		if (verdict == null) {
			return fail(frame,
					new IllegalVerdictException("the verdict that was to come later is null, or its Mono was empty"),
					Cause.POLICY_FAILURE);
		}
		if (verdict == Verdict.Forward.INSTANCE && counts(frame)) {
			frame.tally.count(frame.asked(), Kind.FORWARD);
			// The policies that follow have not seen the frame yet.
			return null;
		}
		return decide(frame, verdict);
	}

	private VerdictAwaiter awaiter() {
		VerdictAwaiter awaiter = this.awaiter;
		if (awaiter == null) {
			Direction direction = this.context.direction();
			awaiter = new VerdictAwaiter(this.environment, RelaySide.of(Side.sourceOf(direction)).verdictTimer,
					direction);
			this.awaiter = awaiter;
		}
		return awaiter;
	}

	/** Returns the frame whose verdict is awaited, or {@code null}. */
	@Nullable PendingFrame awaitedFrame() {
		return (this.awaiter != null) ? this.awaiter.frame() : null;
	}

	/** Whether a verdict is the one that is awaited. */
	boolean isAwaited(long number) {
		return this.awaiter != null && this.awaiter.isAwaited(number);
	}

	/** The verdict that is awaited has come. */
	StageOutcome resume(PendingFrame frame) {
		StageOutcome outcome = take(frame, awaiter().take());
		return (outcome != null) ? outcome : run(frame);
	}

	/** The verdict that is awaited has not come in time. */
	StageOutcome timeOut(PendingFrame frame) {
		awaiter().giveUp();
		frame.stopMeasuring();
		StageOutcome outcome = fail(frame,
				new TimeoutException("no verdict within " + this.environment.timeouts.verdict()),
				Cause.VERDICT_TIMEOUT);
		return (outcome != null) ? outcome : run(frame);
	}

	// The end

	/**
	 * The direction is shut: no verdict counts any more.
	 * @return the frame whose verdict was awaited, or {@code null}
	 */
	@Nullable PendingFrame stop() {
		this.queue = null;
		PendingFrame frame = awaitedFrame();
		if (frame != null) {
			awaiter().giveUp();
			frame.stopMeasuring();
			tap(frame, Outcome.NONE, null);
		}
		return frame;
	}

	/** The call of the relay returns. */
	void runDeferred() {
		if (this.awaiter != null) {
			this.awaiter.runDeferred();
		}
	}

}
