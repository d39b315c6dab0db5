package dev.wspolicy.relay;

import java.util.List;

import org.jspecify.annotations.Nullable;

import dev.wspolicy.frame.CloseFrame;
import dev.wspolicy.frame.CloseStatus;
import dev.wspolicy.frame.Direction;
import dev.wspolicy.frame.Frame;
import dev.wspolicy.frame.FrameAccess;
import dev.wspolicy.frame.FrameType;
import dev.wspolicy.pipeline.DirectionPipeline;
import dev.wspolicy.pipeline.SessionPipeline;
import dev.wspolicy.pipeline.Utf8Validation;
import dev.wspolicy.session.LimitOverrides;
import dev.wspolicy.session.ObservedVerdict;
import dev.wspolicy.session.TappedFrame.Origin;
import dev.wspolicy.session.TappedFrame.Outcome;
import dev.wspolicy.session.VerdictCounts;

/**
 * One direction of a session. A frame goes from its header through admission, the
 * policies on frames, the assembly of fragments and the policies on messages to the
 * target. Each stage returns what it has made of the frame. If the session has to end
 * because of that, this class returns an {@link Ending}.
 * <p>
 * A direction is open until its source's close frame or loss, or until the session ends
 * for another reason; from then on it only looks for the source's close frame. As long as
 * it is open, its target can be written to.
 */
final class DirectionRelay {

	/**
	 * Text that must be UTF-8 is held until its frame is whole, so that the other leg can
	 * be told if it is not. A longer frame is checked while it passes.
	 */
	private static final long MAX_HELD_TEXT = 64 * 1024;

	private final RelayEnvironment environment;

	private final SessionLifecycle lifecycle;

	private final Leg source;

	private final Leg target;

	private final boolean validatesText;

	private final AdmittedFrames sequence;

	private DirectionPipeline policies;

	/** Created with the first frame that is collected, or when the pipeline changes. */
	private @Nullable VerdictTally tally;

	/** Allocated with the first frame that is collected. */
	private @Nullable FrameStages stages;

	// The message that the last data frame belongs to

	/** Policies on frames want it. */
	private boolean readsFrames;

	/** Policies on messages want it. */
	private boolean readsMessages;

	/** Serves once the message that is under way has ended; null as a rule. */
	private @Nullable SessionPipeline nextPipeline;

	DirectionRelay(RelayEnvironment environment, SessionLifecycle lifecycle, Leg source, Leg target,
			AdmittedFrames sequence, SessionPipeline pipeline) {
		this.environment = environment;
		this.lifecycle = lifecycle;
		this.source = source;
		this.target = target;
		this.sequence = sequence;
		this.policies = pipeline.policies(direction());
		this.validatesText = pipeline.settings().wireOptions().validateUtf8() == Utf8Validation.ALWAYS;
	}

	FrameSequence sequence() {
		return this.sequence;
	}

	Leg source() {
		return this.source;
	}

	Leg target() {
		return this.target;
	}

	/** Returns what the policies have answered so far. */
	List<VerdictCounts> verdicts() {
		VerdictTally tally = this.tally;
		return ((tally != null) ? tally : new VerdictTally(this.policies)).counts(direction());
	}

	/** The name of the policy that is being shown a frame right now. */
	@Nullable String shownPolicy() {
		return (this.stages != null) ? this.stages.shown().policy() : null;
	}

	/** An observed policy would have done something with a frame. */
	boolean observed(Frame frame, ObservedVerdict verdict) {
		return this.stages != null && this.stages.shown().observed(frame, verdict);
	}

	/** Sets the limits of this session alone. */
	void limits(LimitOverrides own) {
		this.sequence.limits(own);
	}

	/** Has another pipeline serve, but not in the middle of a message. */
	void switchPipeline(SessionPipeline pipeline) {
		this.nextPipeline = pipeline;
		switchBetweenMessages();
	}

	/** No message is half way, if no frame is and policies have none. */
	private void switchBetweenMessages() {
		if (this.nextPipeline != null && this.sequence.isOpen() && !this.sequence.isInFrame()
				&& !this.sequence.inMessage() && (this.stages == null || this.stages.isIdle())) {
			switchNow(this.nextPipeline);
		}
	}

	private void switchNow(SessionPipeline pipeline) {
		this.nextPipeline = null;
		VerdictTally former = tally();
		this.policies = pipeline.policies(direction());
		VerdictTally tally = former.switchedTo(this.policies, direction());
		this.tally = tally;
		if (this.stages != null) {
			this.stages.switchTo(tally);
		}
		this.sequence.limits(pipeline.settings().limits(direction()));
		this.environment.observer.onPipelineSwitched(direction(), pipeline);
	}

	// Headers

	/**
	 * The header of a frame has been read.
	 * @return what to do with the frame's bytes; null if the frame is refused
	 */
	@Nullable Disposition onHeader(int firstByte, boolean masked, long length, boolean minimal) {
		if (!this.sequence.isOpen()) {
			return onHeaderWhenShut(firstByte, length);
		}
		FrameType type = this.sequence.admit(firstByte, masked, length, minimal);
		if (type == null) {
			return null;
		}
		if (type.isData()) {
			return onDataHeader(type, length);
		}
		this.sequence.count();
		if (type == FrameType.CLOSE || this.policies.control().wants(type) || isMaybeHeartbeat(type)) {
			return Disposition.CONTROL;
		}
		this.target.beginFrame();
		return Disposition.PASS;
	}

	/** Nothing passes any more: all that counts is a close frame. */
	Disposition onHeaderWhenShut(int firstByte, long length) {
		if (length < 0) {
			// Where this frame ends will never be known, nor will the peer's close frame.
			this.source.unreadable();
			return Disposition.DISCARD_ALL;
		}
		if (HeaderRules.isReadableClose(firstByte, length)) {
			this.sequence.lateClose();
			return Disposition.CONTROL;
		}
		return Disposition.DISCARD;
	}

	/** Returns how the session ends because of the frame that was refused last. */
	Ending refusal() {
		CloseStatus refusal = this.sequence.takeRefusal();
		return Ending.violation(this.source, this.target, refusal, AdmittedFrames.causeOf(refusal));
	}

	private boolean isMaybeHeartbeat(FrameType type) {
		return type == FrameType.PONG && this.lifecycle.watchdog().hasHeartbeat(this.source.side());
	}

	private @Nullable Disposition onDataHeader(FrameType type, long length) {
		this.lifecycle.watchdog().onData();
		if (type != FrameType.CONTINUATION) {
			beginMessage(type);
		}
		if (!this.sequence.admitLength(aggregatedLength(length))) {
			return null;
		}
		if (this.stages != null && this.stages.isDropping()) {
			this.sequence.countPayload();
			return Disposition.DISCARD;
		}
		this.sequence.beginFrame();
		if (this.readsFrames || this.readsMessages || isHeldText(length)) {
			return Disposition.AGGREGATE;
		}
		this.target.beginFrame();
		return Disposition.PASS;
	}

	private void beginMessage(FrameType type) {
		if (this.nextPipeline != null) {
			// The driver does not report the end of a discarded message.
			switchNow(this.nextPipeline);
		}
		this.readsFrames = this.policies.frames().wants(type);
		this.readsMessages = this.policies.messages().wants(type);
		if (this.stages != null) {
			this.stages.beginMessage(this.readsMessages);
		}
	}

	private boolean isHeldText(long length) {
		return this.validatesText && this.sequence.message() == FrameType.TEXT && length <= MAX_HELD_TEXT;
	}

	private long aggregatedLength(long length) {
		if (this.readsMessages) {
			return this.sequence.messageBytes();
		}
		return this.readsFrames ? length : 0;
	}

	// Frames

	/** A passing frame has been written to its end. */
	void onPassed() {
		this.sequence.countPayload();
		if (this.sequence.type().isData()) {
			this.sequence.endFrame();
			this.lifecycle.watchdog().onData();
			this.target.endFrame(!this.sequence.fin());
		}
		else {
			this.target.endControlFrame();
		}
		// Behind a control frame, as the driver does not report the end of a discarded
		// message.
		switchBetweenMessages();
	}

	/** A data frame has been collected. */
	@Nullable Ending onAggregated(CollectedFrame collected) {
		this.sequence.endFrame();
		this.lifecycle.watchdog().onData();
		if (!this.sequence.isOpen()) {
			collected.drop();
			return null;
		}
		this.sequence.countPayload();
		Frame frame = FrameAccess.frame(this.sequence.type(), this.sequence.fin(), collected);
		return afterStages(stages().onData(frame, collected, this.readsFrames));
	}

	/**
	 * Checks the payload of a control frame that has been collected.
	 * @return {@code false} if the session ends because of it
	 */
	boolean admitsControl(CollectedFrame collected) {
		return !this.sequence.isOpen() || this.sequence.type() != FrameType.CLOSE
				|| this.sequence.admitClose(collected, this.source.writtenClose());
	}

	/** A control frame has been collected. */
	@Nullable Ending onControl(CollectedFrame collected) {
		Frame frame = FrameAccess.frame(this.sequence.type(), true, collected);
		if (this.sequence.isOpen() && !isHeartbeatAnswer(frame)) {
			return afterStages(stages().onControl(frame, collected));
		}
		RelayTap tap = this.environment.tap;
		if (tap != null) {
			tap.onOutcome(direction(), Origin.PEER, frame, Outcome.NONE, null, List.of(), 0);
		}
		if (frame instanceof CloseFrame close) {
			this.source.closeReceived(close.received());
		}
		collected.drop();
		return null;
	}

	private boolean isHeartbeatAnswer(Frame frame) {
		return frame.type() == FrameType.PONG
				&& this.lifecycle.watchdog().isHeartbeatAnswer(this.source.side(), FrameAccess.payload(frame));
	}

	/** A verdict has come, which need not be one that is still awaited. */
	@Nullable Ending onVerdict(long number) {
		return afterStages(stages().onVerdict(number));
	}

	@Nullable Ending onVerdictTimeout() {
		return afterStages(stages().onVerdictTimeout());
	}

	private @Nullable Ending afterStages(@Nullable Ending ending) {
		if (ending == null) {
			switchBetweenMessages();
		}
		return ending;
	}

	private FrameStages stages() {
		FrameStages stages = this.stages;
		if (stages == null) {
			stages = new FrameStages(this.environment, this.lifecycle, this.source, this.target, this.sequence,
					this.environment.output.context(direction()), tally());
			stages.beginMessage(this.readsMessages);
			this.stages = stages;
		}
		return stages;
	}

	private VerdictTally tally() {
		VerdictTally tally = this.tally;
		if (tally == null) {
			tally = new VerdictTally(this.policies);
			this.tally = tally;
		}
		return tally;
	}

	// The end

	/** Lets nothing more pass. What is half written is still written to its end. */
	void shut() {
		if (this.stages != null) {
			this.stages.shut();
		}
		else if (this.sequence.isOpen()) {
			this.sequence.shut();
			this.environment.output.discardRest(direction());
		}
	}

	/** The call of the relay returns. */
	void runDeferred() {
		if (this.stages != null) {
			this.stages.runDeferred();
		}
	}

	private Direction direction() {
		return this.source.side().sends();
	}

}
