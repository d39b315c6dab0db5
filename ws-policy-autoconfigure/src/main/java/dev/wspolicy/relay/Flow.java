package dev.wspolicy.relay;

import java.util.List;
import java.util.Objects;

import org.jspecify.annotations.Nullable;

import dev.wspolicy.frame.CloseFrame;
import dev.wspolicy.frame.CloseStatus;
import dev.wspolicy.frame.Direction;
import dev.wspolicy.frame.Frame;
import dev.wspolicy.frame.FrameType;
import dev.wspolicy.frame.InvalidUtf8Exception;
import dev.wspolicy.frame.Payload;
import dev.wspolicy.pipeline.DirectionPipeline;
import dev.wspolicy.pipeline.Limits;
import dev.wspolicy.pipeline.SessionPipeline;
import dev.wspolicy.pipeline.Utf8Validation;
import dev.wspolicy.policy.FrameContext;
import dev.wspolicy.relay.Work.Stage;
import dev.wspolicy.session.FrameCounts;
import dev.wspolicy.session.SessionLimits;
import dev.wspolicy.session.TappedFrame.Origin;
import dev.wspolicy.session.TappedFrame.Outcome;
import dev.wspolicy.session.Termination.Cause;
import dev.wspolicy.session.TrafficCounts;
import dev.wspolicy.session.VerdictCounts;

/**
 * One direction of a session: frames come from a source, pass the policies in order, and
 * go to a target.
 * <p>
 * A flow is open until its source's close frame or loss, or until the session ends for
 * another reason; from then on it only looks for the source's close frame. As long as it
 * is open, its target can be written to.
 */
final class Flow {

	// An array cannot hold more.
	private static final long MAX_COLLECTED = Integer.MAX_VALUE - 8;

	/**
	 * Text that must be UTF-8 is held until its frame is whole, so that the other leg can
	 * be told if it is not. A longer frame is checked while it passes.
	 */
	private static final long MAX_HELD_TEXT = 64 * 1024;

	private final Relay relay;

	private final Direction direction;

	private final Leg source;

	private final Leg target;

	private final boolean validatesText;

	private final FrameSequence sequence;

	private final Judge judge;

	private DirectionPipeline policies;

	private VerdictTally tally;

	private Limits limits;

	private SessionLimits ownLimits = SessionLimits.DEFAULT;

	/** What is to serve once the message that is under way has ended. */
	private @Nullable SessionPipeline successor;

	private boolean open = true;

	/** {@link Relay#onControl} has not returned: the driver has the frame's bytes. */
	private boolean inControl;

	/** The last data frame is to pass or to be collected, and has not come to its end. */
	private boolean inFrame;

	// The message that the last data frame belongs to.

	private boolean readFrames;

	private boolean readMessage;

	/** A policy has dropped its first fragment: the others go the same way. */
	private boolean dropping;

	/** What the driver holds of it, as far as it has come. */
	private @Nullable Payload held;

	/** What it becomes, once a policy has changed one of its fragments. */
	private @Nullable Assembly assembly;

	Flow(Relay relay, Direction direction, Leg source, Leg target, SessionPipeline pipeline, FrameContext context) {
		this.relay = relay;
		this.direction = direction;
		this.source = source;
		this.target = target;
		this.policies = pipeline.policies(direction);
		this.tally = new VerdictTally(direction, this.policies);
		this.limits = pipeline.limits(direction);
		this.validatesText = pipeline.framing().validateUtf8() == Utf8Validation.ALWAYS;
		this.sequence = new FrameSequence(this.limits);
		this.judge = new Judge(relay, direction, this, context);
	}

	boolean isOpen() {
		return this.open;
	}

	/** Whether somebody is being shown a frame right now. */
	boolean isAsking() {
		return this.judge.isAsking();
	}

	TrafficCounts counts() {
		return this.sequence.counts();
	}

	FrameCounts counts(FrameType type) {
		return this.sequence.counts(type);
	}

	List<VerdictCounts> verdicts() {
		return this.tally.counts();
	}

	/** Set the limits of this session's own. */
	void limits(SessionLimits own) {
		this.ownLimits = own;
		this.sequence.limits(this.limits.with(own));
	}

	/** Have another pipeline serve, but not in the middle of a message. */
	void succeed(SessionPipeline pipeline) {
		this.successor = pipeline;
		messageMayHaveEnded();
	}

	/** No message is half way, if no frame is and no policy has one to judge. */
	void messageMayHaveEnded() {
		if (this.successor != null && this.open && !this.inFrame && !this.sequence.inMessage() && this.judge.isIdle()) {
			swap(this.successor);
		}
	}

	/** How many bytes a frame may have. */
	long frameLimit() {
		return this.sequence.frameLimit();
	}

	private void swap(SessionPipeline pipeline) {
		this.successor = null;
		this.policies = pipeline.policies(this.direction);
		this.tally = this.tally.succeededBy(this.policies);
		this.limits = pipeline.limits(this.direction);
		limits(this.ownLimits);
		this.relay.observer().onSucceeded(this.direction, pipeline);
	}

	// What the driver tells

	Disposition onHeader(int firstByte, boolean masked, long length, boolean minimal) {
		if (this.open) {
			String violation = HeaderRules.violation(this.source.side(), firstByte, masked, length, minimal,
					this.sequence.inMessage());
			if (violation == null) {
				return onHeader(HeaderRules.typeOf(firstByte), HeaderRules.isFin(firstByte), length);
			}
			violated(CloseStatus.PROTOCOL_ERROR.withReason(violation), Cause.PROTOCOL_VIOLATION);
		}
		if (length < 0) {
			// Where this frame ends will never be known, nor will the peer's close frame.
			this.source.unreadable();
			return Disposition.SKIP_ALL;
		}
		if (HeaderRules.isReadableClose(firstByte, length)) {
			this.sequence.lateClose();
			return Disposition.CONTROL;
		}
		return Disposition.SKIP;
	}

	private Disposition onHeader(FrameType type, boolean fin, long length) {
		this.sequence.next(type, fin, length);
		if (type.isData()) {
			return onDataHeader(type, length);
		}
		this.sequence.count();
		if (type == FrameType.CLOSE || this.policies.control().wants(type) || isMaybeHeartbeat(type)) {
			return Disposition.CONTROL;
		}
		this.target.frameBegins();
		return Disposition.PASS;
	}

	private boolean isMaybeHeartbeat(FrameType type) {
		return type == FrameType.PONG && this.relay.watch().hasHeartbeat(this.source.side());
	}

	private Disposition onDataHeader(FrameType type, long length) {
		this.relay.watch().onData();
		if (type != FrameType.CONTINUATION) {
			if (this.successor != null) {
				// The message before was skipped: its end is not told.
				swap(this.successor);
			}
			this.readFrames = this.policies.frames().wants(type);
			this.readMessage = this.policies.messages().wants(type);
			this.dropping = false;
			this.assembly = null;
		}
		String excess = this.sequence.excess();
		if (excess == null && collectedLength(length) > MAX_COLLECTED) {
			excess = "more than " + MAX_COLLECTED + " bytes";
		}
		if (excess != null) {
			violated(CloseStatus.TOO_BIG.withReason(excess), Cause.LIMIT_EXCEEDED);
			return Disposition.SKIP;
		}
		this.sequence.count();
		if (this.dropping) {
			this.sequence.ended();
			return Disposition.SKIP;
		}
		this.inFrame = true;
		if (this.readFrames || this.readMessage || isHeldText(length)) {
			return Disposition.COLLECT;
		}
		this.target.frameBegins();
		return Disposition.PASS;
	}

	private boolean isHeldText(long length) {
		return this.validatesText && this.sequence.message() == FrameType.TEXT && length <= MAX_HELD_TEXT;
	}

	private long collectedLength(long length) {
		if (this.readMessage) {
			return this.sequence.messageBytes();
		}
		return this.readFrames ? length : 0;
	}

	void onPassed() {
		this.sequence.ended();
		if (this.sequence.type().isData()) {
			this.inFrame = false;
			this.target.frameEnds(!this.sequence.fin());
			messageMayHaveEnded();
		}
		else {
			this.target.controlFrameEnds();
		}
	}

	void onCollected(Payload frame, Payload held) {
		this.inFrame = false;
		if (!this.open) {
			frame.release();
			held.release();
			this.relay.outbox().dropHeld(this.direction);
			return;
		}
		this.sequence.ended();
		this.held = held;
		Frame wireFrame = Frame.of(this.sequence.type(), this.sequence.fin(), frame);
		if (this.readFrames) {
			this.judge.ask(new Work(Stage.FRAME, this.tally.frames, wireFrame, this.sequence.message(), true));
		}
		else {
			toMessagePolicies(wireFrame, true, 0);
		}
		this.judge.goOn();
	}

	void onControl(Payload payload) {
		this.inControl = true;
		Frame frame = Frame.of(this.sequence.type(), true, payload);
		if (frame instanceof CloseFrame close) {
			onClose(close);
		}
		else if (this.open) {
			if (isHeartbeatAnswer(frame)) {
				tellUnjudged(frame);
			}
			else {
				judgeControl(frame);
			}
		}
		if (!this.judge.isAwaiting()) {
			payload.release();
		}
		this.inControl = false;
	}

	private boolean isHeartbeatAnswer(Frame frame) {
		return frame.type() == FrameType.PONG
				&& this.relay.watch().isHeartbeatAnswer(this.source.side(), frame.source());
	}

	private void onClose(CloseFrame close) {
		CloseStatus status = CloseStatus.EMPTY;
		try {
			status = close.status();
		}
		catch (InvalidUtf8Exception ex) {
			violated(CloseStatus.INVALID_PAYLOAD.withReason("close reason is not UTF-8"), Cause.INVALID_PAYLOAD);
		}
		catch (IllegalArgumentException ex) {
			violated(CloseStatus.PROTOCOL_ERROR.withReason("bad close payload"), Cause.PROTOCOL_VIOLATION);
		}
		if (this.open) {
			judgeControl(close);
		}
		else {
			tellUnjudged(close);
			this.source.closeReceived(status);
		}
	}

	/** A frame that goes no further. */
	private void tellUnjudged(Frame frame) {
		RelayTap tap = this.relay.tap();
		if (tap != null) {
			tap.onJudged(this.direction, Origin.PEER, frame, Outcome.NONE, null, 0);
		}
	}

	private void judgeControl(Frame frame) {
		this.judge.ask(new Work(Stage.CONTROL, this.tally.control, frame, frame.type(), true));
		this.judge.goOn();
	}

	void onVerdictTimeout() {
		this.judge.onTimeout();
	}

	/** The source has sent what it must not. */
	void violated(CloseStatus status, Cause cause) {
		if (this.open) {
			this.relay.violated(this.source, status, cause);
		}
	}

	// What the judge decides

	/** All policies of the frame's stage have let it pass. */
	void forwarded(Work work) {
		switch (work.stage) {
			case FRAME -> toMessagePolicies(work.frame, work.original, work.since);
			case MESSAGE -> write(work.frame, work.original);
			case CONTROL -> forwardControl(work);
		}
	}

	/** Whether no policies of another stage are shown a frame. */
	boolean isLastStage(Work work) {
		if (work.stage != Stage.FRAME) {
			return true;
		}
		return work.isFragment() ? !this.readMessage : !this.policies.messages().wants(work.frame.type());
	}

	private void toMessagePolicies(Frame frame, boolean original, long since) {
		boolean fragment = Work.isFragment(frame);
		if (fragment && this.readMessage) {
			assemble(frame, original);
		}
		else if (!fragment && this.policies.messages().wants(frame.type())) {
			Work work = new Work(Stage.MESSAGE, this.tally.messages, frame, frame.type(), original);
			work.since = since;
			this.judge.ask(work);
		}
		else {
			write(frame, original);
		}
	}

	private void assemble(Frame fragment, boolean original) {
		if (this.assembly != null) {
			this.assembly.append(fragment);
			if (original) {
				dropHeld(fragment);
			}
			if (fragment.fin()) {
				this.judge.ask(assembled(this.assembly));
			}
		}
		else if (fragment.fin()) {
			// No policy has changed a fragment: the driver's bytes serve.
			Payload held = Objects.requireNonNull(this.held);
			if (fragment.source() != held) {
				fragment.source().release();
			}
			Frame message = Frame.of(this.sequence.message(), true, held);
			this.judge.ask(new Work(Stage.MESSAGE, this.tally.messages, message, message.type(), true));
		}
		else {
			fragment.source().release();
		}
	}

	private Work assembled(Assembly assembly) {
		this.assembly = null;
		Frame message = assembly.toMessage(this.sequence.message());
		return new Work(Stage.MESSAGE, this.tally.messages, message, message.type(), false);
	}

	private void write(Frame frame, boolean original) {
		if (original) {
			release(frame);
			this.relay.outbox().forwardHeld(this.direction);
			this.target.heldWritten(!frame.fin());
		}
		else if (frame.type().isData()) {
			this.target.relay(frame);
		}
		else {
			this.target.inject(frame);
		}
	}

	private void forwardControl(Work work) {
		boolean asItCame = work.original && this.inControl;
		if (work.frame instanceof CloseFrame close) {
			relayClose(close, asItCame);
		}
		else if (asItCame) {
			this.relay.outbox().forwardControl(this.direction);
		}
		else {
			// A message that takes a ping's place may have to wait for another one's end.
			this.relay.inject(this.target, work.frame);
		}
		if (!asItCame) {
			work.frame.source().release();
		}
	}

	private void relayClose(CloseFrame frame, boolean asItCame) {
		CloseStatus status = frame.status();
		this.relay.ends(this.source.side());
		shut();
		if (asItCame) {
			this.relay.outbox().forwardControl(this.direction);
			this.target.closeSent(status);
		}
		else {
			this.target.close(status);
		}
		this.source.closeReceived(status);
	}

	/** Other frames take the place of one. */
	void replaced(Work work, List<Frame> frames) {
		if (work.isFragment()) {
			keepEarlierFragments(work);
			discard(work);
			// The new payload takes the place of the fragment, which keeps its bits.
			Frame fragment = Frame.of(work.frame.type(), work.frame.fin(), frames.get(0).source());
			this.judge.queueFirst(work.replacedBy(fragment, work.type));
			return;
		}
		discard(work);
		for (int i = frames.size() - 1; i >= 0; i--) {
			Frame frame = frames.get(i);
			this.judge.queueFirst(work.replacedBy(frame, frame.type()));
		}
	}

	/** Nothing takes the place of a frame. */
	void dropped(Work work) {
		if (work.isFragment()) {
			dropFragment(work);
		}
		discard(work);
	}

	private void dropFragment(Work work) {
		if (work.frame.type() != FrameType.CONTINUATION) {
			this.dropping = true;
			return;
		}
		keepEarlierFragments(work);
		if (!work.frame.fin()) {
			return;
		}
		if (this.assembly != null) {
			this.judge.queueFirst(assembled(this.assembly));
		}
		else {
			this.target.relay(Assembly.end());
		}
	}

	/** The message is no longer what the driver holds: take over what came so far. */
	private void keepEarlierFragments(Work latest) {
		if (this.readMessage && this.assembly == null) {
			Payload held = Objects.requireNonNull(this.held);
			this.assembly = new Assembly();
			this.assembly.append(held, held.length() - latest.frame.length());
		}
	}

	/** Send a frame back to where the one that was judged came from. */
	void answer(Frame frame, String policy) {
		this.relay.tellMade(this.source, Origin.POLICY, policy, frame);
		this.relay.inject(this.source, frame);
	}

	/** Nothing is left to do for this frame itself. */
	void discard(Work work) {
		if (!work.original) {
			return;
		}
		if (work.stage != Stage.CONTROL) {
			dropHeld(work.frame);
			return;
		}
		if (work.frame instanceof CloseFrame close) {
			this.source.closeReceived(close.status());
		}
		work.frame.source().release();
	}

	private void dropHeld(Frame frame) {
		release(frame);
		this.relay.outbox().dropHeld(this.direction);
	}

	private void release(Frame frame) {
		frame.source().release();
		releaseHeld();
	}

	private void releaseHeld() {
		if (this.held != null) {
			this.held.release();
			this.held = null;
		}
	}

	// The end

	/**
	 * Let nothing more pass. What is half written goes on to its end all the same. To be
	 * followed by {@link #letGo()}.
	 */
	void shut() {
		if (!this.open) {
			return;
		}
		this.open = false;
		this.assembly = null;
		this.judge.shut();
		if (!this.judge.isReadingHeld()) {
			releaseHeld();
			this.relay.outbox().dropHeld(this.direction);
		}
		this.relay.outbox().drain(this.direction);
	}

	/** Let the driver go on, if it waits for a verdict that no longer counts. */
	void letGo() {
		this.judge.letGo();
	}

}
