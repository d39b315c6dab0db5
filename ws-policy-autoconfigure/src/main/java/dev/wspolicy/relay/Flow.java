package dev.wspolicy.relay;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Future;
import java.util.concurrent.TimeoutException;

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
import dev.wspolicy.pipeline.PolicyBinding;
import dev.wspolicy.policy.FrameContext;
import dev.wspolicy.policy.OnError;
import dev.wspolicy.policy.Verdict;
import dev.wspolicy.relay.Work.Stage;
import dev.wspolicy.session.Termination.Cause;
import dev.wspolicy.session.TrafficCounts;

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

	private final Relay relay;

	private final Direction direction;

	private final Leg source;

	private final Leg target;

	private final DirectionPipeline policies;

	private final Limits limits;

	private final FrameContext context;

	/** Frames that policies have made, waiting for their turn. */
	private final Deque<Work> queue = new ArrayDeque<>(0);

	/** The frame whose verdict comes later; the direction is suspended meanwhile. */
	private @Nullable Pending pending;

	private boolean open = true;

	// The frame whose header was seen last.

	private FrameType type = FrameType.TEXT;

	private boolean fin;

	/** {@link Relay#onControl} has not returned: the driver has the frame's bytes. */
	private boolean inControl;

	// The message that the last data frame belongs to.

	private FrameType message = FrameType.TEXT;

	/** Its last fragment is still to come. */
	private boolean inMessage;

	private long messageBytes;

	private long fragments;

	private boolean readFrames;

	private boolean readMessage;

	/** A policy has dropped its first fragment: the others go the same way. */
	private boolean dropping;

	/** What the driver holds of it, as far as it has come. */
	private @Nullable Payload held;

	/** What it becomes, once a policy has changed one of its fragments. */
	private @Nullable Assembly assembly;

	// Written on the event loop; other threads may see them late.

	private long frameCount;

	private long messageCount;

	private long byteCount;

	Flow(Relay relay, Direction direction, Leg source, Leg target, DirectionPipeline policies, Limits limits,
			FrameContext context) {
		this.relay = relay;
		this.direction = direction;
		this.source = source;
		this.target = target;
		this.policies = policies;
		this.limits = limits;
		this.context = context;
	}

	boolean isOpen() {
		return this.open;
	}

	TrafficCounts counts() {
		return new TrafficCounts(this.frameCount, this.messageCount, this.byteCount);
	}

	Disposition onHeader(int firstByte, boolean masked, long length, boolean minimal) {
		if (this.open) {
			String violation = HeaderRules.violation(this.source.side(), firstByte, masked, length, minimal,
					this.inMessage);
			if (violation == null) {
				return onHeader(HeaderRules.typeOf(firstByte), HeaderRules.isFin(firstByte), length);
			}
			this.relay.violated(this.source, CloseStatus.PROTOCOL_ERROR.withReason(violation),
					Cause.PROTOCOL_VIOLATION);
		}
		if (length < 0) {
			// Where this frame ends will never be known, nor will the peer's close frame.
			this.source.finish();
			return Disposition.SKIP_ALL;
		}
		if (HeaderRules.isReadableClose(firstByte, length)) {
			this.type = FrameType.CLOSE;
			return Disposition.CONTROL;
		}
		return Disposition.SKIP;
	}

	private Disposition onHeader(FrameType type, boolean fin, long length) {
		this.type = type;
		this.fin = fin;
		this.frameCount++;
		this.byteCount += length;
		if (type.isData()) {
			return onDataHeader(length);
		}
		if (type == FrameType.CLOSE || this.policies.control().wants(type)) {
			return Disposition.CONTROL;
		}
		this.target.frameBegins();
		return Disposition.PASS;
	}

	private Disposition onDataHeader(long length) {
		if (this.type != FrameType.CONTINUATION) {
			beginMessage();
		}
		this.inMessage = !this.fin;
		if (this.fin) {
			this.messageCount++;
		}
		this.fragments++;
		// Saturates: a long cannot hold every sum of two lengths.
		this.messageBytes = (length > Long.MAX_VALUE - this.messageBytes) ? Long.MAX_VALUE : this.messageBytes + length;
		String excess = excess(length);
		if (excess != null) {
			this.relay.violated(this.source, CloseStatus.TOO_BIG.withReason(excess), Cause.LIMIT_EXCEEDED);
			return Disposition.SKIP;
		}
		if (this.dropping) {
			return Disposition.SKIP;
		}
		if (this.readFrames || this.readMessage) {
			return Disposition.COLLECT;
		}
		this.target.frameBegins();
		return Disposition.PASS;
	}

	private void beginMessage() {
		this.message = this.type;
		this.messageBytes = 0;
		this.fragments = 0;
		this.dropping = false;
		this.assembly = null;
		this.readFrames = this.policies.frames().wants(this.type);
		this.readMessage = this.policies.messages().wants(this.type);
	}

	private @Nullable String excess(long length) {
		if (length > this.limits.frame()) {
			return "frame over " + this.limits.frame() + " bytes";
		}
		if (this.messageBytes > this.limits.message()) {
			return "message over " + this.limits.message() + " bytes";
		}
		if (this.fragments > this.limits.fragments()) {
			return "message over " + this.limits.fragments() + " fragments";
		}
		if ((this.readFrames || this.readMessage) && this.messageBytes > MAX_COLLECTED) {
			return "message over " + MAX_COLLECTED + " bytes";
		}
		return null;
	}

	void onPassed() {
		if (this.type.isData()) {
			this.target.frameEnds(!this.fin);
		}
		else {
			this.target.controlFrameEnds();
		}
	}

	void onCollected(Payload frame, Payload message) {
		if (!this.open) {
			frame.release();
			message.release();
			this.relay.outbox().dropHeld(this.direction);
			return;
		}
		this.held = message;
		Frame wireFrame = Frame.of(this.type, this.fin, frame);
		if (this.readFrames) {
			process(new Work(Stage.FRAME, this.policies.frames(), wireFrame, this.message, true));
		}
		else {
			assemble(wireFrame, true);
		}
		drain();
	}

	void onControl(Payload payload) {
		this.inControl = true;
		Frame frame = Frame.of(this.type, true, payload);
		if (frame instanceof CloseFrame close) {
			onClose(close);
		}
		else if (this.open) {
			processControl(frame);
		}
		if (this.pending == null) {
			payload.release();
		}
		this.inControl = false;
	}

	private void onClose(CloseFrame close) {
		CloseStatus status = CloseStatus.EMPTY;
		try {
			status = close.status();
		}
		catch (InvalidUtf8Exception ex) {
			this.relay.violated(this.source, CloseStatus.INVALID_PAYLOAD.withReason("close reason is not UTF-8"),
					Cause.INVALID_PAYLOAD);
		}
		catch (IllegalArgumentException ex) {
			this.relay.violated(this.source, CloseStatus.PROTOCOL_ERROR.withReason("bad close payload"),
					Cause.PROTOCOL_VIOLATION);
		}
		if (this.open) {
			processControl(close);
		}
		else {
			this.source.closeReceived(status);
		}
	}

	private void processControl(Frame frame) {
		process(new Work(Stage.CONTROL, this.policies.control(), frame, frame.type(), true));
		drain();
	}

	// The way of a frame through the policies

	/** Show a frame to the policies that it has not passed yet. */
	private void process(Work work) {
		Verdict verdict;
		try {
			verdict = work.policies.run(work.frame, work.type, work, this.context);
		}
		catch (Throwable ex) {
			// Whatever a policy throws, this session must end or go on in order.
			fail(work, ex, Cause.POLICY_FAILURE);
			return;
		}
		settle(work, verdict);
	}

	private void drain() {
		while (this.pending == null) {
			Work work = this.queue.pollFirst();
			if (work == null) {
				return;
			}
			process(work);
		}
	}

	private void settle(Work work, @Nullable Verdict verdict) {
		if (!this.open) {
			// The policy has closed the session while it was asked.
			discard(work);
		}
		else if (work.frame.isInvalidUtf8()) {
			discard(work);
			this.relay.violated(this.source, CloseStatus.INVALID_PAYLOAD.withReason("text is not UTF-8"),
					Cause.INVALID_PAYLOAD);
		}
		else if (verdict == null) {
			fail(work, new IllegalVerdictException("the policy answered null"), Cause.POLICY_FAILURE);
		}
		else if (verdict instanceof Verdict.Forward) {
			forwarded(work);
		}
		else if (verdict instanceof Verdict.Later later) {
			suspend(work, later.verdict());
		}
		else {
			carryOut(work, verdict);
		}
	}

	private void carryOut(Work work, Verdict verdict) {
		try {
			VerdictRules.check(work, verdict);
		}
		catch (IllegalVerdictException ex) {
			fail(work, ex, Cause.POLICY_FAILURE);
			return;
		}
		if (verdict instanceof Verdict.Replace replace) {
			replaced(work, replace.frames());
		}
		else if (verdict instanceof Verdict.Reply reply) {
			dropped(work);
			reply.frames().forEach(this.source::inject);
		}
		else if (verdict instanceof Verdict.Close close) {
			discard(work);
			this.relay.close(close.toClient(), close.toUpstream(), Cause.POLICY);
		}
		else {
			dropped(work);
		}
	}

	private void fail(Work work, Throwable failure, Cause cause) {
		if (!this.open || work.frame.isInvalidUtf8()) {
			settle(work, Verdict.forward());
			return;
		}
		PolicyBinding binding = work.policies.asked(work);
		this.relay.observer().onPolicyFailure(this.direction, binding, failure);
		OnError onError = binding.onError();
		if (onError == OnError.CLOSE) {
			discard(work);
			this.relay.close(CloseStatus.INTERNAL_ERROR, CloseStatus.INTERNAL_ERROR, cause);
		}
		else if (onError == OnError.DROP && work.type != FrameType.CLOSE) {
			dropped(work);
		}
		else {
			process(work);
		}
	}

	/** All policies of the frame's stage have let it pass. */
	private void forwarded(Work work) {
		switch (work.stage) {
			case FRAME -> {
				if (work.frame.type().isData()) {
					assemble(work.frame, work.original);
				}
				else {
					this.target.inject(work.frame);
				}
			}
			case MESSAGE -> {
				if (work.original) {
					forwardHeld(work.frame, false);
				}
				else if (work.frame.type().isData()) {
					this.target.relay(work.frame);
				}
				else {
					this.target.inject(work.frame);
				}
			}
			case CONTROL -> forwardControl(work);
		}
	}

	/** A data frame goes from the policies on wire frames to those on messages. */
	private void assemble(Frame frame, boolean original) {
		boolean fragment = isFragment(frame);
		if (!fragment && this.policies.messages().wants(frame.type())) {
			process(new Work(Stage.MESSAGE, this.policies.messages(), frame, frame.type(), original));
		}
		else if (fragment && this.readMessage) {
			assembleFragment(frame, original);
		}
		else if (original) {
			forwardHeld(frame, !frame.fin());
		}
		else {
			this.target.relay(frame);
		}
	}

	private void assembleFragment(Frame frame, boolean original) {
		if (this.assembly == null && original) {
			frame.source().release();
			if (frame.fin() && this.held != null) {
				Frame whole = Frame.of(this.message, true, this.held);
				process(new Work(Stage.MESSAGE, this.policies.messages(), whole, this.message, true));
			}
			return;
		}
		Assembly assembly = this.assembly;
		if (assembly == null) {
			assembly = beginAssembly();
		}
		assembly.append(frame);
		if (original) {
			dropHeld(frame);
		}
		if (frame.fin()) {
			this.assembly = null;
			process(new Work(Stage.MESSAGE, this.policies.messages(), assembly.toMessage(this.message), this.message,
					false));
		}
	}

	private Assembly beginAssembly() {
		Assembly assembly = new Assembly();
		this.assembly = assembly;
		return assembly;
	}

	private void forwardHeld(Frame frame, boolean messageOpen) {
		release(frame);
		this.relay.outbox().forwardHeld(this.direction);
		this.target.heldWritten(messageOpen);
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
			this.target.inject(work.frame);
		}
		if (work.original && !this.inControl) {
			release(work.frame);
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

	private void replaced(Work work, List<Frame> frames) {
		if (work.isFragment()) {
			// The new payload takes the place of the fragment, which keeps its bits.
			Frame fragment = Frame.of(work.frame.type(), work.frame.fin(), frames.get(0).source());
			if (work.original && this.readMessage && this.assembly == null) {
				keepEarlierFragments(work.frame);
			}
			discard(work);
			this.queue.addFirst(work.replacedBy(fragment, this.message));
			return;
		}
		discard(work);
		for (int i = frames.size() - 1; i >= 0; i--) {
			Frame frame = frames.get(i);
			this.queue.addFirst(work.replacedBy(frame, frame.type()));
		}
	}

	private void dropped(Work work) {
		if (work.isFragment()) {
			dropFragment(work.frame, work.original);
		}
		discard(work);
	}

	private void dropFragment(Frame frame, boolean original) {
		if (frame.type() != FrameType.CONTINUATION) {
			this.dropping = true;
			return;
		}
		if (!this.readMessage) {
			if (frame.fin()) {
				this.target.relay(Assembly.end());
			}
			return;
		}
		if (this.assembly == null && original) {
			keepEarlierFragments(frame);
		}
		if (frame.fin()) {
			Assembly assembly = (this.assembly != null) ? this.assembly : beginAssembly();
			this.assembly = null;
			this.queue.addFirst(new Work(Stage.MESSAGE, this.policies.messages(), assembly.toMessage(this.message),
					this.message, false));
		}
	}

	/** The message is no longer what the driver holds: take over what came so far. */
	private void keepEarlierFragments(Frame latest) {
		Assembly assembly = beginAssembly();
		if (this.held != null) {
			assembly.append(this.held, this.held.length() - latest.length());
		}
	}

	/** Nothing is left to do for this frame itself. */
	private void discard(Work work) {
		if (!work.original) {
			return;
		}
		if (work.stage == Stage.CONTROL) {
			closeReceived(work.frame);
			release(work.frame);
		}
		else {
			dropHeld(work.frame);
		}
	}

	private void closeReceived(Frame frame) {
		if (frame instanceof CloseFrame close) {
			this.source.closeReceived(close.status());
		}
	}

	private void dropHeld(Frame frame) {
		release(frame);
		this.relay.outbox().dropHeld(this.direction);
	}

	private void release(Frame frame) {
		frame.source().release();
		if (this.held != null) {
			this.held.release();
			this.held = null;
		}
	}

	private static boolean isFragment(Frame frame) {
		return frame.type() == FrameType.CONTINUATION || !frame.fin();
	}

	// Verdicts that come later

	private void suspend(Work work, CompletionStage<Verdict> verdict) {
		if (verdict instanceof CompletableFuture<Verdict> future && future.isDone()
				&& !future.isCompletedExceptionally()) {
			settle(work, future.join());
			return;
		}
		Pending pending = new Pending(work, verdict);
		this.pending = pending;
		this.relay.outbox().suspend(this.direction);
		this.relay.outbox().schedule(RelayTimer.verdict(this.direction), this.relay.timeouts().verdict());
		verdict.whenComplete((answer, failure) -> this.relay.loop().execute(() -> onVerdict(pending, answer, failure)));
	}

	private void onVerdict(Pending pending, @Nullable Verdict verdict, @Nullable Throwable failure) {
		if (this.pending != pending) {
			return;
		}
		this.pending = null;
		this.relay.outbox().cancel(RelayTimer.verdict(this.direction));
		if (failure != null) {
			fail(pending.work, (failure instanceof CompletionException && failure.getCause() != null)
					? failure.getCause() : failure, Cause.POLICY_FAILURE);
		}
		else {
			settle(pending.work, verdict);
		}
		goOn();
	}

	void onVerdictTimeout() {
		Pending pending = this.pending;
		if (pending == null) {
			return;
		}
		this.pending = null;
		pending.cancel();
		fail(pending.work, new TimeoutException("no verdict within " + this.relay.timeouts().verdict()),
				Cause.VERDICT_TIMEOUT);
		goOn();
	}

	private void goOn() {
		drain();
		if (this.pending == null) {
			this.relay.outbox().resume(this.direction);
		}
	}

	/** Let nothing more pass. What is half written goes on to its end all the same. */
	void shut() {
		if (!this.open) {
			return;
		}
		this.open = false;
		this.queue.clear();
		this.assembly = null;
		Pending pending = this.pending;
		this.pending = null;
		if (pending != null) {
			pending.cancel();
			closeReceived(pending.work.frame);
			release(pending.work.frame);
			this.relay.outbox().cancel(RelayTimer.verdict(this.direction));
		}
		if (this.held != null) {
			this.held.release();
			this.held = null;
		}
		this.relay.outbox().dropHeld(this.direction);
		this.relay.outbox().drain(this.direction);
		if (pending != null) {
			this.relay.outbox().resume(this.direction);
		}
	}

	/**
	 * A frame whose verdict is still to come. Compared by identity.
	 */
	private static final class Pending {

		private final Work work;

		private final CompletionStage<Verdict> verdict;

		Pending(Work work, CompletionStage<Verdict> verdict) {
			this.work = work;
			this.verdict = verdict;
		}

		void cancel() {
			if (this.verdict instanceof Future<?> future) {
				future.cancel(false);
			}
		}

	}

}
