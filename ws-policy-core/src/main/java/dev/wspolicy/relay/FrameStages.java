package dev.wspolicy.relay;

import java.util.List;

import org.jspecify.annotations.Nullable;

import dev.wspolicy.frame.CloseFrame;
import dev.wspolicy.frame.CloseStatus;
import dev.wspolicy.frame.Frame;
import dev.wspolicy.frame.FrameAccess;
import dev.wspolicy.frame.FrameType;
import dev.wspolicy.policy.FrameContext;
import dev.wspolicy.policy.VerdictRules;
import dev.wspolicy.session.TappedFrame.Origin;
import dev.wspolicy.session.TappedFrame.Outcome;
import dev.wspolicy.session.Termination.Cause;

/**
 * Takes the collected frames of one direction through the policies on frames, the
 * assembly of fragments and the policies on messages to the target, and carries out what
 * the policies decide.
 */
final class FrameStages {

	private final RelayEnvironment environment;

	private final SessionLifecycle lifecycle;

	private final Leg source;

	private final Leg target;

	private final FrameSequence sequence;

	private final PolicyRunner runner;

	/** Policies on messages want the message that is under way. */
	private boolean assembling;

	/** Created with the first fragment. */
	private @Nullable MessageAssembler assembler;

	/** The policies of each stage. */
	private VerdictTally tally;

	/** Whether a frame is on its way through the stages right now. */
	private boolean processing;

	FrameStages(RelayEnvironment environment, SessionLifecycle lifecycle, Leg source, Leg target,
			FrameSequence sequence, FrameContext context, VerdictTally tally) {
		this.environment = environment;
		this.lifecycle = lifecycle;
		this.source = source;
		this.target = target;
		this.sequence = sequence;
		this.runner = new PolicyRunner(environment, sequence, context);
		this.tally = tally;
	}

	/** Other policies serve from now on. */
	void switchTo(VerdictTally tally) {
		this.tally = tally;
	}

	/** A message begins, which policies on messages may want. */
	void beginMessage(boolean assembling) {
		this.assembling = assembling;
		if (this.assembler != null) {
			this.assembler.begin(assembling);
		}
	}

	/** Whether the rest of the message is dropped. */
	boolean isDropping() {
		return this.assembler != null && this.assembler.isDropping();
	}

	/** Whether no frame is between its policies. */
	boolean isIdle() {
		return !this.processing && this.runner.isIdle();
	}

	/** Returns the frame that a policy is being shown right now, if any. */
	ShownFrame shown() {
		return this.runner.shown();
	}

	/** A data frame has been collected. */
	@Nullable Ending onData(Frame frame, CollectedFrame collected, boolean readsFrames) {
		if (readsFrames) {
			return process(new PendingFrame(this.tally.frames(), frame, this.sequence.message(), collected), null);
		}
		if (isForMessages(frame)) {
			return process(toMessageStage(frame, collected), null);
		}
		// No policy wants it: it was collected only to be validated.
		if (passesTap(frame)) {
			write(frame, collected);
		}
		else {
			collected.drop();
		}
		return null;
	}

	/** Tells the tap, if there is one. Returns whether the frame still passes. */
	private boolean passesTap(Frame frame) {
		RelayTap tap = this.environment.tap;
		if (tap != null) {
			tap.onOutcome(this.source.side().sends(), Origin.PEER, frame, Outcome.NONE, null, List.of(), 0);
		}
		return this.sequence.isOpen();
	}

	/** A control frame has been collected. */
	@Nullable Ending onControl(Frame frame, CollectedFrame collected) {
		return process(new PendingFrame(this.tally.control(), frame, frame.type(), collected), null);
	}

	/** A verdict has come, which need not be one that is still awaited. */
	@Nullable Ending onVerdict(long number) {
		PendingFrame frame = this.runner.awaitedFrame();
		if (frame == null || !this.runner.isAwaited(number)) {
			return null;
		}
		this.processing = true;
		return process(frame, this.runner.resume(frame));
	}

	/** A verdict has not come in time. */
	@Nullable Ending onVerdictTimeout() {
		PendingFrame frame = this.runner.awaitedFrame();
		if (frame == null) {
			return null;
		}
		this.processing = true;
		return process(frame, this.runner.timeOut(frame));
	}

	/**
	 * Takes a frame, and those that policies create in the meantime, through their
	 * stages. What its stage has made of it is null if that has not been decided yet.
	 * @return how the session ends because of one of them, or {@code null}
	 */
	private @Nullable Ending process(@Nullable PendingFrame first, @Nullable StageOutcome decided) {
		this.processing = true;
		Ending ending = processAll(first, decided);
		this.processing = false;
		return ending;
	}

	private @Nullable Ending processAll(@Nullable PendingFrame first, @Nullable StageOutcome decided) {
		PendingFrame frame = first;
		StageOutcome outcome = decided;
		while (frame != null) {
			if (outcome == null) {
				outcome = this.runner.run(frame);
			}
			if (outcome == StageOutcome.WAIT) {
				return null;
			}
			PendingFrame next = carryOut(frame, outcome);
			if (frame.ending != null) {
				return frame.ending;
			}
			frame = (next != null) ? next : this.runner.poll();
			outcome = null;
		}
		return null;
	}

	/** Returns the frame of the next stage, or {@code null}. */
	private @Nullable PendingFrame carryOut(PendingFrame frame, StageOutcome outcome) {
		switch (outcome) {
			case FORWARD -> {
				return forward(frame);
			}
			case REPLACE -> replace(frame);
			case DROP -> drop(frame);
			case INVALID_TEXT -> {
				discard(frame);
				frame.ending = Ending.violation(this.source, this.target,
						CloseStatus.INVALID_PAYLOAD.withReason("text is not UTF-8"), Cause.INVALID_PAYLOAD);
			}
			default -> discard(frame);
		}
		return null;
	}

	// What passes

	private @Nullable PendingFrame forward(PendingFrame frame) {
		if (frame.stage() == Stage.FRAME && isForMessages(frame.frame)) {
			if (frame.isFragment() && !shown().tapObserved(frame.frame)) {
				discard(frame);
				return null;
			}
			PendingFrame message = toMessageStage(frame.frame, frame.collected);
			if (message != null) {
				message.maker = frame.isFragment() ? assembler().changedBy() : frame.maker;
				message.since = frame.isFragment() ? 0 : frame.since;
			}
			return message;
		}
		StageOutcome outcome = this.runner.release(frame);
		if (outcome != StageOutcome.FORWARD) {
			return carryOut(frame, outcome);
		}
		if (frame.stage() == Stage.CONTROL) {
			forwardControl(frame);
		}
		else {
			write(frame.frame, frame.collected);
		}
		return null;
	}

	/** Whether policies on messages want a frame, or the message that it is part of. */
	private boolean isForMessages(Frame frame) {
		return VerdictRules.isFragment(frame) ? this.assembling : this.tally.policies().messages().wants(frame.type());
	}

	/** Returns the message that a frame is or completes, or {@code null}. */
	private @Nullable PendingFrame toMessageStage(Frame frame, @Nullable CollectedFrame collected) {
		if (!VerdictRules.isFragment(frame)) {
			return new PendingFrame(this.tally.messages(), frame, frame.type(), collected);
		}
		boolean changed = assembler().isChanged();
		Frame message = assembler().add(frame, collected, this.sequence.message());
		return (message != null) ? toMessageStage(message, changed ? null : collected) : null;
	}

	private MessageAssembler assembler() {
		if (this.assembler == null) {
			this.assembler = new MessageAssembler(this.assembling);
		}
		return this.assembler;
	}

	private void write(Frame frame, @Nullable CollectedFrame collected) {
		if (collected != null) {
			collected.forward();
			this.target.forwarded(!frame.fin());
		}
		else if (frame.type().isData()) {
			this.target.relay(frame);
		}
		else {
			this.target.insert(frame);
		}
	}

	private void forwardControl(PendingFrame frame) {
		if (frame.frame instanceof CloseFrame close) {
			relayClose(close, frame.collected);
		}
		else if (frame.collected != null) {
			frame.collected.forward();
		}
		else {
			// A message that takes a ping's place may have to wait for another one's end.
			frame.ending = this.lifecycle.insert(this.target, frame.frame);
		}
	}

	private void relayClose(CloseFrame close, @Nullable CollectedFrame collected) {
		CloseStatus status = close.status();
		boolean verbatim = collected != null && FrameAccess.isVerbatim(close);
		this.lifecycle.beginClosing(this.source.traits().initiator, Cause.CLOSE_FRAME, null);
		shut();
		if (collected != null && verbatim) {
			collected.forward();
			this.target.closeWritten(status);
		}
		else {
			if (collected != null) {
				collected.drop();
			}
			this.target.close(status);
		}
		this.source.closeReceived(status);
	}

	// What does not pass

	/** Other frames take the place of one. */
	private void replace(PendingFrame replaced) {
		List<Frame> frames = replaced.frames;
		if (replaced.isFragment()) {
			assembler().copyBefore(replaced.frame, replaced.collected, replaced.askedPolicy());
			discard(replaced);
			// The new payload takes the place of the fragment, which keeps its bits.
			Frame fragment = FrameAccess.frame(replaced.frame.type(), replaced.frame.fin(),
					FrameAccess.payload(frames.get(0)));
			this.runner.queueFirst(replaced.replacedBy(fragment, replaced.type));
			return;
		}
		discard(replaced);
		for (int i = frames.size() - 1; i >= 0; i--) {
			Frame frame = frames.get(i);
			this.runner.queueFirst(replaced.replacedBy(frame, frame.type()));
		}
	}

	/** Nothing takes the place of a frame. There may be replies to its sender. */
	private void drop(PendingFrame frame) {
		if (frame.isFragment()) {
			dropFragment(frame);
		}
		discard(frame);
		for (Frame reply : frame.frames) {
			this.source.tapInserted(Origin.POLICY, frame.askedPolicy().name(), reply);
			frame.ending = this.lifecycle.insert(this.source, reply);
			if (frame.ending != null) {
				return;
			}
		}
	}

	private void dropFragment(PendingFrame dropped) {
		if (dropped.frame.type() != FrameType.CONTINUATION) {
			assembler().dropRest();
			return;
		}
		assembler().copyBefore(dropped.frame, dropped.collected, dropped.askedPolicy());
		if (!dropped.frame.fin()) {
			return;
		}
		if (assembler().isChanged()) {
			Frame message = assembler().takeChanged(this.sequence.message());
			PendingFrame pending = new PendingFrame(this.tally.messages(), message, message.type(), null);
			pending.maker = dropped.askedPolicy();
			this.runner.queueFirst(pending);
		}
		else {
			this.target.relay(MessageAssembler.end());
		}
	}

	/** Nothing is left to do for this frame itself. */
	private void discard(PendingFrame frame) {
		if (frame.collected != null) {
			if (frame.frame instanceof CloseFrame close) {
				this.source.closeReceived(close.status());
			}
			frame.collected.drop();
		}
	}

	// The end

	/** Lets nothing more pass. What is half written is still written to its end. */
	void shut() {
		if (!this.sequence.isOpen()) {
			return;
		}
		this.sequence.shut();
		this.assembler = null;
		PendingFrame awaited = this.runner.stop();
		if (awaited != null) {
			discard(awaited);
		}
		this.environment.output.discardRest(this.source.side().sends());
	}

	/** The call of the relay returns. */
	void runDeferred() {
		this.runner.runDeferred();
	}

}
