package dev.wspolicy.relay;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.TimeoutException;

import org.jspecify.annotations.Nullable;

import dev.wspolicy.frame.CloseStatus;
import dev.wspolicy.frame.Frame;
import dev.wspolicy.frame.FrameAccess;
import dev.wspolicy.frame.FrameType;
import dev.wspolicy.pipeline.PolicyBinding;
import dev.wspolicy.policy.FrameContext;
import dev.wspolicy.policy.IllegalVerdictException;
import dev.wspolicy.policy.OnError;
import dev.wspolicy.policy.Verdict;
import dev.wspolicy.policy.VerdictRules;
import dev.wspolicy.session.ObservedVerdict;
import dev.wspolicy.session.PolicyTimingListener;
import dev.wspolicy.session.TappedFrame.Origin;
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

	private final VerdictAwaiter awaiter;

	/** Frames that policies have created, in order; allocated with the first. */
	private @Nullable Deque<PendingFrame> queue;

	/** The frame that a policy, or the tap, is being shown right now. */
	private @Nullable PendingFrame shown;

	/** Whether the frame is being shown to the tap. */
	private boolean tapping;

	/** The last frame that observed policies would have treated differently, if any. */
	private @Nullable ObservedFrame observed;

	/** The number of frames up to the next one that is measured. */
	private byte untilMeasured = PolicyStopwatch.first();

	PolicyRunner(RelayEnvironment environment, RelaySide source, FrameSequence sequence, FrameContext context) {
		this.environment = environment;
		this.sequence = sequence;
		this.context = context;
		this.awaiter = new VerdictAwaiter(environment, source.verdictTimer, context.direction());
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

	/** Whether no frame is between its policies. */
	boolean isIdle() {
		return this.shown == null && this.awaiter.frame() == null && (this.queue == null || this.queue.isEmpty());
	}

	/** Returns the name of the policy that is being shown a frame right now. */
	@Nullable String shownPolicy() {
		PendingFrame frame = this.shown;
		return (frame != null && !this.tapping) ? frame.askedPolicy().name() : null;
	}

	/**
	 * An observed policy would have done something with a frame, of which the tap is told
	 * together with the outcome.
	 * @return {@code false} if the frame is not being shown to the policies right now
	 */
	boolean observed(Frame frame, ObservedVerdict verdict) {
		PendingFrame shown = this.shown;
		if (shown == null || this.tapping || !isSame(shown.frame, frame)) {
			return false;
		}
		ObservedFrame observed = this.observed;
		if (observed == null || !isSame(observed.frame(), frame)) {
			observed = new ObservedFrame(frame, new ArrayList<>(1));
			this.observed = observed;
		}
		observed.verdicts().add(verdict);
		return true;
	}

	/**
	 * Tells the tap what would have been done with a frame that it is not told of.
	 * @return {@code false} if the tap has closed the session meanwhile
	 */
	boolean tapObserved(Frame frame) {
		RelayTap tap = this.environment.tap;
		if (tap != null) {
			takeObserved(frame).forEach(tap::onObserved);
		}
		return this.sequence.isOpen();
	}

	private List<ObservedVerdict> takeObserved(Frame frame) {
		ObservedFrame observed = this.observed;
		this.observed = null;
		return (observed != null && isSame(observed.frame(), frame)) ? observed.verdicts() : List.of();
	}

	/** Frames with the same content are equal, but a verdict is on one of them. */
	@SuppressWarnings("ReferenceEquality")
	private static boolean isSame(Frame one, Frame other) {
		return one == other;
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
		this.shown = frame;
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
			this.shown = null;
			frame.stopwatch = null;
			return fail(frame, ex, Cause.POLICY_FAILURE);
		}
		this.shown = null;
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
			stopMeasuring(frame);
			this.awaiter.cancelLater(later.cancellation());
		}
		PolicyBinding maker = frame.maker;
		if (maker != null && this.sequence.isOpen()) {
			// The sender has not sent this text.
			return unreadable(frame, maker, new IllegalVerdictException("the text is not UTF-8"));
		}
		tap(frame, Outcome.NONE, null);
		return this.sequence.isOpen() ? StageOutcome.INVALID_TEXT : StageOutcome.DISCARD;
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

	/**
	 * Tells the tap what becomes of a frame, which can still be read.
	 * @return {@code false} if the session has been closed meanwhile
	 */
	private boolean tap(PendingFrame frame, Outcome outcome, @Nullable String policy) {
		RelayTap tap = this.environment.tap;
		if (tap == null) {
			return true;
		}
		List<ObservedVerdict> observed = takeObserved(frame.frame);
		long nanos = (frame.since != 0) ? this.environment.output.nanoTime() - frame.since : 0;
		this.shown = frame;
		this.tapping = true;
		try {
			tap.onOutcome(this.context.direction(), frame.isOriginal() ? Origin.PEER : Origin.POLICY, frame.frame,
					outcome, policy, observed, nanos);
		}
		finally {
			this.tapping = false;
			this.shown = null;
		}
		return this.sequence.isOpen();
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
		AwaitedVerdict kept = this.awaiter.await(frame, later);
		return (kept != null) ? take(frame, kept) : StageOutcome.WAIT;
	}

	private @Nullable StageOutcome take(PendingFrame frame, AwaitedVerdict awaited) {
		stopMeasuring(frame);
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

	/** Returns the frame whose verdict is awaited, or {@code null}. */
	@Nullable PendingFrame awaitedFrame() {
		return this.awaiter.frame();
	}

	/** Whether a verdict is the one that is awaited. */
	boolean isAwaited(long number) {
		return this.awaiter.isAwaited(number);
	}

	/** The verdict that is awaited has come. */
	StageOutcome resume(PendingFrame frame) {
		StageOutcome outcome = take(frame, this.awaiter.take());
		return (outcome != null) ? outcome : run(frame);
	}

	/** The verdict that is awaited has not come in time. */
	StageOutcome timeOut(PendingFrame frame) {
		this.awaiter.giveUp();
		stopMeasuring(frame);
		StageOutcome outcome = fail(frame,
				new TimeoutException("no verdict within " + this.environment.timeouts.verdict()),
				Cause.VERDICT_TIMEOUT);
		return (outcome != null) ? outcome : run(frame);
	}

	private static void stopMeasuring(PendingFrame frame) {
		PolicyStopwatch stopwatch = frame.stopwatch;
		if (stopwatch != null) {
			frame.stopwatch = null;
			stopwatch.stop();
		}
	}

	// The end

	/**
	 * The direction is shut: no verdict counts any more.
	 * @return the frame whose verdict was awaited, or {@code null}
	 */
	@Nullable PendingFrame stop() {
		this.queue = null;
		PendingFrame frame = this.awaiter.frame();
		if (frame != null) {
			this.awaiter.giveUp();
			stopMeasuring(frame);
			tap(frame, Outcome.NONE, null);
		}
		return frame;
	}

	/** The call of the relay returns. */
	void runDeferred() {
		this.awaiter.runDeferred();
	}

	/**
	 * What observed policies would have done with a frame.
	 *
	 * @param frame the frame
	 * @param verdicts their verdicts
	 */
	private record ObservedFrame(Frame frame, List<ObservedVerdict> verdicts) {

	}

}
