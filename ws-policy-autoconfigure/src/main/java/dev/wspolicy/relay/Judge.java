package dev.wspolicy.relay;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeoutException;

import org.jspecify.annotations.Nullable;

import dev.wspolicy.frame.CloseStatus;
import dev.wspolicy.frame.Direction;
import dev.wspolicy.frame.Frame;
import dev.wspolicy.frame.FrameType;
import dev.wspolicy.pipeline.PolicyBinding;
import dev.wspolicy.policy.FrameContext;
import dev.wspolicy.policy.OnError;
import dev.wspolicy.policy.Verdict;
import dev.wspolicy.relay.Work.Stage;
import dev.wspolicy.session.PolicyTimer;
import dev.wspolicy.session.TappedFrame.Origin;
import dev.wspolicy.session.TappedFrame.Outcome;
import dev.wspolicy.session.Termination.Cause;
import dev.wspolicy.session.VerdictCounts.Kind;

/**
 * Shows the frames of one direction to its policies, one frame at a time, and has their
 * verdicts carried out. While a verdict is awaited the direction is suspended.
 */
final class Judge {

	private final Relay relay;

	private final Direction direction;

	private final Flow flow;

	private final FrameContext context;

	/** Frames that policies have made, waiting for their turn; made with the first. */
	private @Nullable Deque<Work> queue;

	/** The frame that a policy, or a tap, is being shown right now. */
	private @Nullable Work asked;

	/** The frame whose verdict comes later. */
	private @Nullable Promise awaited;

	/** What was awaited when the flow was shut, until {@link #letGo()}. */
	private @Nullable Promise abandoned;

	/** The driver has been told to suspend the direction. */
	private boolean suspended;

	/** How many frames it takes to the next whose policies are timed. */
	private byte untilTimed = PolicyStopwatch.first();

	Judge(Relay relay, Direction direction, Flow flow, FrameContext context) {
		this.relay = relay;
		this.direction = direction;
		this.flow = flow;
		this.context = context;
	}

	/** Go on with the frames that policies have made, then with those that come. */
	void goOn() {
		while (this.awaited == null) {
			Work work = (this.queue != null) ? this.queue.pollFirst() : null;
			if (work == null) {
				this.flow.messageMayHaveEnded();
				resume();
				return;
			}
			ask(work);
		}
	}

	/** Put a frame in front of those that wait for their turn. */
	void queueFirst(Work work) {
		if (this.queue == null) {
			this.queue = new ArrayDeque<>();
		}
		this.queue.addFirst(work);
	}

	/** Whether a verdict is still to come. */
	boolean isAwaiting() {
		return this.awaited != null;
	}

	/** Whether no frame is between its policies. */
	boolean isIdle() {
		return this.asked == null && this.awaited == null && (this.queue == null || this.queue.isEmpty());
	}

	/** Whether somebody is being shown a frame right now. */
	boolean isAsking() {
		return this.asked != null;
	}

	/** Whether a policy may be reading bytes that the driver holds at this moment. */
	boolean isReadingHeld() {
		Work work = this.asked;
		return work != null && work.original && work.stage != Stage.CONTROL;
	}

	/** Show a frame to the policies of its stage that it has not passed yet. */
	void ask(Work work) {
		Verdict verdict;
		this.asked = work;
		if (this.relay.tap() != null && work.since == 0) {
			work.since = this.relay.outbox().nanoTime();
		}
		try {
			verdict = (--this.untilTimed != 0)
					? work.policies.run(work.frame, work.type, work, this.context, work.tally.forwarded) : time(work);
		}
		catch (Throwable ex) {
			// Whatever a policy throws, this session must end or go on in order.
			this.asked = null;
			fail(work, ex, Cause.POLICY_FAILURE);
			return;
		}
		this.asked = null;
		settle(work, verdict);
	}

	private @Nullable Verdict time(Work work) {
		this.untilTimed = PolicyStopwatch.next();
		PolicyTimer timer = this.relay.timer();
		if (timer == null) {
			return work.policies.run(work.frame, work.type, work, this.context, work.tally.forwarded);
		}
		return new PolicyStopwatch(timer, this.relay.outbox(), this.context).run(work);
	}

	private void settle(Work work, @Nullable Verdict verdict) {
		if (!counts(work)) {
			overrule(work, verdict);
		}
		else if (verdict == Verdict.Forward.INSTANCE) {
			if (this.relay.tap() != null && this.flow.isLastStage(work)
					&& !tell(work, work.policies.wants(work.type) ? Outcome.FORWARD : Outcome.NONE, null)) {
				this.flow.discard(work);
				return;
			}
			this.flow.forwarded(work);
		}
		else if (verdict == null) {
			fail(work, new IllegalVerdictException("the policy answered null"), Cause.POLICY_FAILURE);
		}
		else if (verdict instanceof Verdict.Later later) {
			await(work, later.verdict());
		}
		else {
			carryOut(work, verdict);
		}
	}

	/**
	 * Whether it matters what a policy answers. It does not if the policy has closed the
	 * session while it was asked, or has found that the text is not UTF-8.
	 */
	private boolean counts(Work work) {
		return this.flow.isOpen() && !work.frame.isInvalidUtf8();
	}

	/**
	 * It is settled what becomes of a frame, which can still be read. Whether it is to be
	 * carried out: not if the tap that was told has closed the session.
	 */
	private boolean tell(Work work, Outcome outcome, @Nullable String policy) {
		RelayTap tap = this.relay.tap();
		if (tap == null) {
			return true;
		}
		long nanos = (work.since != 0) ? this.relay.outbox().nanoTime() - work.since : 0;
		// As with a policy: what the driver holds must not go while it is looked at.
		this.asked = work;
		tap.onJudged(this.direction, work.original ? Origin.PEER : Origin.POLICY, work.frame, outcome, policy, nanos);
		this.asked = null;
		return this.flow.isOpen();
	}

	private void overrule(Work work, @Nullable Verdict verdict) {
		tell(work, Outcome.NONE, null);
		this.flow.discard(work);
		if (verdict instanceof Verdict.Later later) {
			cancel(later.verdict());
		}
		if (this.flow.isOpen()) {
			this.flow.violated(CloseStatus.INVALID_PAYLOAD.withReason("text is not UTF-8"), Cause.INVALID_PAYLOAD);
		}
	}

	private void carryOut(Work work, Verdict verdict) {
		List<Frame> frames;
		try {
			VerdictRules.check(work, verdict);
			frames = framesOf(verdict);
		}
		catch (IllegalVerdictException | IllegalStateException ex) {
			fail(work, ex, Cause.POLICY_FAILURE);
			return;
		}
		String policy = work.policies.asked(work).name();
		work.tally.count(work, kindOf(verdict));
		if (!tell(work, outcomeOf(verdict), policy)) {
			this.flow.discard(work);
		}
		else if (verdict instanceof Verdict.Replace) {
			this.flow.replaced(work, frames);
		}
		else if (verdict instanceof Verdict.Close close) {
			this.flow.discard(work);
			this.relay.end(close.toClient(), close.toUpstream(), Cause.POLICY);
		}
		else {
			this.flow.dropped(work);
			frames.forEach((frame) -> this.flow.answer(frame, policy));
		}
	}

	private static Kind kindOf(Verdict verdict) {
		if (verdict instanceof Verdict.Replace) {
			return Kind.REPLACE;
		}
		if (verdict instanceof Verdict.Reply) {
			return Kind.REPLY;
		}
		return (verdict instanceof Verdict.Close) ? Kind.CLOSE : Kind.DROP;
	}

	private static Outcome outcomeOf(Verdict verdict) {
		if (verdict instanceof Verdict.Replace) {
			return Outcome.REPLACE;
		}
		if (verdict instanceof Verdict.Reply) {
			return Outcome.REPLY;
		}
		return (verdict instanceof Verdict.Close) ? Outcome.CLOSE : Outcome.DROP;
	}

	/** A policy may answer with the frame that it was shown, which ends with this. */
	private static List<Frame> framesOf(Verdict verdict) {
		if (verdict instanceof Verdict.Replace replace) {
			return replace.frames().stream().map(Frame::copy).toList();
		}
		if (verdict instanceof Verdict.Reply reply) {
			return reply.frames().stream().map(Frame::copy).toList();
		}
		return List.of();
	}

	private void fail(Work work, Throwable failure, Cause cause) {
		if (!counts(work)) {
			overrule(work, null);
			return;
		}
		PolicyBinding binding = work.policies.asked(work);
		work.tally.count(work, Kind.FAILED);
		this.relay.observer().onPolicyFailure(this.direction, binding, failure);
		OnError onError = binding.onError();
		if (onError == OnError.CLOSE) {
			tell(work, Outcome.CLOSE, binding.name());
			this.flow.discard(work);
			this.relay.end(CloseStatus.INTERNAL_ERROR, CloseStatus.INTERNAL_ERROR, cause);
		}
		else if (onError == OnError.DROP && work.type != FrameType.CLOSE) {
			if (tell(work, Outcome.DROP, binding.name())) {
				this.flow.dropped(work);
			}
			else {
				this.flow.discard(work);
			}
		}
		else {
			ask(work);
		}
	}

	// Verdicts that come later

	private void await(Work work, CompletionStage<Verdict> verdict) {
		CompletableFuture<Verdict> future;
		try {
			future = verdict.toCompletableFuture();
		}
		catch (RuntimeException ex) {
			fail(work, ex, Cause.POLICY_FAILURE);
			return;
		}
		if (future.isDone()) {
			settle(work, future);
			return;
		}
		Promise promise = new Promise(work, future);
		this.awaited = promise;
		if (!this.suspended) {
			this.suspended = true;
			this.relay.outbox().suspend(this.direction);
		}
		this.relay.outbox().schedule(RelayTimer.verdict(this.direction), this.relay.timeouts().verdict());
		future.whenComplete((answer, failure) -> this.relay.loop().execute(() -> onVerdict(promise)));
	}

	private static void cancel(CompletionStage<Verdict> verdict) {
		try {
			verdict.toCompletableFuture().cancel(false);
		}
		catch (RuntimeException ex) {
			// It is of a kind that cannot be cancelled.
		}
	}

	private void settle(Work work, CompletableFuture<Verdict> done) {
		Verdict verdict;
		try {
			verdict = done.join();
		}
		catch (CompletionException | CancellationException ex) {
			fail(work, (ex.getCause() != null) ? ex.getCause() : ex, Cause.POLICY_FAILURE);
			return;
		}
		if (verdict == null) {
			fail(work, new IllegalVerdictException("the verdict that was to come later is null, or its Mono was empty"),
					Cause.POLICY_FAILURE);
		}
		else if (verdict == Verdict.Forward.INSTANCE && counts(work)) {
			work.tally.count(work, Kind.FORWARD);
			// The policies that follow have not seen the frame yet.
			ask(work);
		}
		else {
			settle(work, verdict);
		}
	}

	private void onVerdict(Promise promise) {
		if (this.relay.isAsking()) {
			// A policy has given it that is being asked itself: one call at a time.
			this.relay.outbox().runSoon(() -> onVerdict(promise));
			return;
		}
		// It may be too late.
		if (this.awaited == promise) {
			this.awaited = null;
			this.relay.outbox().cancel(RelayTimer.verdict(this.direction));
			settle(promise.work, promise.verdict);
			goOn();
		}
	}

	void onTimeout() {
		Promise promise = this.awaited;
		if (promise != null) {
			this.awaited = null;
			fail(promise.work, new TimeoutException("no verdict within " + this.relay.timeouts().verdict()),
					Cause.VERDICT_TIMEOUT);
			promise.verdict.cancel(false);
			goOn();
		}
	}

	private void resume() {
		if (this.suspended && this.awaited == null && this.asked == null) {
			this.suspended = false;
			this.relay.outbox().resume(this.direction);
		}
	}

	// The end

	/** The flow is shut: no verdict counts any more. */
	void shut() {
		this.queue = null;
		Promise promise = this.awaited;
		if (promise != null) {
			this.awaited = null;
			this.abandoned = promise;
			this.relay.outbox().cancel(RelayTimer.verdict(this.direction));
			tell(promise.work, Outcome.NONE, null);
			this.flow.discard(promise.work);
		}
	}

	/**
	 * The legs know that the flow is shut: now policies and driver, who may call back at
	 * once, may know too.
	 */
	void letGo() {
		Promise promise = this.abandoned;
		if (promise != null) {
			this.abandoned = null;
			promise.verdict.cancel(false);
		}
		resume();
	}

	/**
	 * A frame, and the verdict on it that is still to come. Compared by identity.
	 */
	private static final class Promise {

		private final Work work;

		private final CompletableFuture<Verdict> verdict;

		Promise(Work work, CompletableFuture<Verdict> verdict) {
			this.work = work;
			this.verdict = verdict;
		}

	}

}
