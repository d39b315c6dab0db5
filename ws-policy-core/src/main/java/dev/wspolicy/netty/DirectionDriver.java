package dev.wspolicy.netty;

import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

import dev.wspolicy.frame.Direction;
import dev.wspolicy.pipeline.SessionPipeline;
import dev.wspolicy.pipeline.TurnBudget;
import dev.wspolicy.relay.Relay;
import dev.wspolicy.relay.Uptake;
import dev.wspolicy.session.Side;

/**
 * Drives one direction of a session: reads the source, passes what it sends to the relay,
 * and tells the relay of the end of the source once all that came before has been
 * processed. Confined to the event loop, unless a method says otherwise.
 */
final class DirectionDriver {

	private final Direction direction;

	private final RelayDriver session;

	private final LegWriter source;

	private final FlowControl flow;

	private final FrameScanner scanner;

	private final LegReader reader;

	/** Inflates what the source sends; null if it does not compress. */
	private final @Nullable Inflation inflation;

	/** Created with the first frame that has to be awaited. */
	private @Nullable StallCheck stallCheck;

	/** Limits how long a loss holds up the session; created with the first loss. */
	private @Nullable LossDeadline lossDeadline;

	/** Begins the next turn; created when the first one is over. */
	private @Nullable Runnable nextTurn;

	/** Whether the source has ended its stream; it may still be written to. */
	private boolean sourceEnded;

	/** Whether the source's channel is closed. */
	private boolean sourceClosed;

	DirectionDriver(Direction direction, RelayDriver session, Relay relay, SessionPipeline pipeline, TurnBudget budget,
			LegWriter source, @Nullable PerMessageDeflate sourceDeflate, LegWriter target) {
		this.direction = direction;
		this.session = session;
		this.source = source;
		this.flow = new FlowControl(this, budget);
		this.scanner = new FrameScanner(direction, relay, this.flow, target, pipeline.settings().wireOptions());
		this.reader = new LegReader(this.scanner, this.flow, sourceDeflate != null);
		this.inflation = (sourceDeflate != null) ? new Inflation(direction, relay, this.scanner, this.reader, this.flow,
				sourceDeflate, source.allocator()) : null;
		target.feedBy(this.scanner);
	}

	RelayDriver session() {
		return this.session;
	}

	LegWriter source() {
		return this.source;
	}

	LegWriter target() {
		return this.scanner.target();
	}

	LegReader reader() {
		return this.reader;
	}

	FrameScanner scanner() {
		return this.scanner;
	}

	FlowControl flow() {
		return this.flow;
	}

	private Side sourceSide() {
		return Side.sourceOf(this.direction);
	}

	// Reading

	/** Takes bytes that the source has sent, and ownership of them. */
	void read(ByteBuf bytes) {
		boolean outermost = this.session.enter();
		try {
			long nanoTime = this.session.nanoTime();
			this.session.startReading(this, nanoTime);
			this.flow.onRead(nanoTime);
			this.session.relay().onRead(sourceSide(), nanoTime);
			if (this.inflation != null) {
				this.inflation.read(bytes);
				updateReading();
			}
			else {
				this.reader.read(bytes);
			}
			if (this.source.closer().hasFailed()) {
				updateReading();
			}
			if (this.sourceClosed || this.sourceEnded) {
				// While this was being read, so that it could not be reported at once.
				lose();
			}
		}
		catch (Throwable ex) {
			this.session.fail(ex);
		}
		finally {
			this.session.leave(outermost);
			if (outermost && this.source.closer().sharesReads()) {
				this.session.endReading(this);
			}
		}
	}

	/** Called when the channel has nothing more to read for now. */
	void onReadComplete() {
		boolean outermost = this.session.enter();
		try {
			if (this.source.closer().sharesReads()) {
				this.session.startReading(this, this.session.now());
			}
			this.flow.endReadLoop();
			this.session.flush();
			awaitFrame();
		}
		catch (Throwable ex) {
			this.session.fail(ex);
		}
		finally {
			this.session.leave(outermost);
			this.session.endReading(this);
		}
	}

	/** Lets the channel read, as far as the direction takes more. */
	void updateReading() {
		this.flow.update(this.scanner.isPassing(), unscanned());
	}

	/** Processes what has been kept, as far as the direction takes it, and reads on. */
	void proceed() {
		boolean full = this.flow.isPaused(Pause.TARGET_FULL);
		if (full || this.inflation != null) {
			if (full && this.flow.takesMore(this.scanner.isPassing())) {
				this.flow.end(Pause.TARGET_FULL);
				this.reader.scanBacklog();
			}
			if (this.inflation != null) {
				this.inflation.proceed();
			}
			reportLoss();
			// Last, as nobody else may flush what the loss has made the relay say.
			this.session.flush();
		}
		updateReading();
		awaitFrame();
	}

	/** Waits for the next turn. */
	void onTurnOver() {
		updateReading();
		Runnable turn = this.nextTurn;
		if (turn == null) {
			Runnable task = this::beginTurn;
			turn = () -> this.session.run(task);
			this.nextTurn = turn;
		}
		this.session.takeTurn(turn);
	}

	private void beginTurn() {
		if (!this.session.isOver()) {
			this.flow.beginTurn();
			scanBacklogAndProceed();
		}
	}

	private void scanBacklogAndProceed() {
		this.reader.scanBacklog();
		proceed();
		reportLoss();
	}

	// What the relay wants

	/** Stops scanning: a verdict is pending. */
	void suspend() {
		this.flow.begin(Pause.SUSPENDED);
		updateReading();
	}

	/** Continues with what has been kept. */
	void resume() {
		this.flow.end(Pause.SUSPENDED);
		scanBacklogAndProceed();
	}

	/** Reads on whether or not the target keeps up: nothing is written to it any more. */
	void discardRest() {
		this.flow.discardRest();
		this.scanner.discardRest();
		if (!this.flow.isReading() || this.inflation != null || this.flow.isPaused(Pause.TARGET_FULL)) {
			// Not at once: the relay is about to end the session, and a stream delivers
			// what waits to be read within the call that reads on.
			this.session.runSoon(this::proceed);
		}
	}

	/** Scanning has stopped: if it is in the middle of a frame, that has to continue. */
	private void awaitFrame() {
		if (this.stallCheck == null) {
			if (!isFrameAwaited()) {
				return;
			}
			this.stallCheck = new StallCheck(this);
		}
		this.stallCheck.scanningStopped();
	}

	/** Whether a frame of the source has begun and not ended. */
	boolean isFrameAwaited() {
		boolean midFrame = this.scanner.isMidFrame() || (this.inflation != null && this.inflation.isMidFrame());
		return midFrame && this.source.channel().isActive();
	}

	/** Called when a frame that has begun does not continue. */
	void onStalled() {
		this.session.relay().onStalled(this.direction);
	}

	// The end of the source

	/** Called when the source has ended its stream. */
	void onSourceEnded() {
		this.sourceEnded = true;
		this.flow.onInputEnded();
		this.source.closer().onInputEnded();
		if (!this.source.closer().hasFailed()) {
			lose();
		}
	}

	/**
	 * Called when nothing more can be written to the source. If writing has failed, what
	 * its socket holds is still read, as it is when the peer ends its stream: its close
	 * frame may be among it. The end of the stream follows, and closes the channel.
	 */
	void onSourceOutputEnded() {
		if (this.source.closer().onOutputEnded() && this.source.channel().isActive()) {
			this.session.run(() -> {
				this.source.closer().awaitNothing();
				this.session.onWritabilityChanged(sourceSide());
				updateReading();
				lossDeadline().outputFailed();
			});
		}
	}

	/** Called when the source's channel is closed. */
	void onSourceClosed() {
		this.sourceClosed = true;
		if (this.stallCheck != null) {
			this.stallCheck.end();
		}
		lose();
	}

	private void lose() {
		this.session.run(() -> {
			reportLoss();
			if (!this.session.isOver() && !isAllProcessed()) {
				lossDeadline().lost();
			}
		});
	}

	/** Tells the relay of the end of the source once all before it is processed. */
	private void reportLoss() {
		if ((this.sourceClosed || this.sourceEnded) && isAllProcessed()) {
			if (this.sourceClosed) {
				this.session.relay().onLost(sourceSide());
			}
			else {
				this.session.relay().onEnded(sourceSide());
			}
		}
	}

	private LossDeadline lossDeadline() {
		if (this.lossDeadline == null) {
			this.lossDeadline = new LossDeadline(this, new Uptake(this.session, sourceSide().peer()));
		}
		return this.lossDeadline;
	}

	/** Drops the unprocessed input of the source, which is no longer needed. */
	void forgetRest() {
		this.flow.end(Pause.TARGET_FULL);
		this.reader.clearBacklog();
		if (this.inflation != null) {
			this.inflation.dispose();
		}
		reportLoss();
	}

	/** Whether the relay knows of all that has been read from the source. */
	boolean isAllProcessed() {
		return this.reader.isIdle() && (this.inflation == null || this.inflation.isIdle());
	}

	/** Returns the number of bytes read and not written. From any thread. */
	long kept() {
		return unscanned() + this.scanner.heldBytes();
	}

	/** Returns the number of bytes that have been read and not scanned. */
	private long unscanned() {
		return this.reader.backlogBytes() + ((this.inflation != null) ? this.inflation.held() : 0);
	}

	/** Runs a task after the close timeout, unless the event loop has ended by then. */
	SessionLoop.@Nullable Alarm afterCloseTimeout(Runnable task) {
		return this.session.alarm(task, this.session.timeouts().close().toNanos());
	}

	/** Releases all memory that is held for the direction. */
	void dispose() {
		if (this.lossDeadline != null) {
			this.lossDeadline.end();
		}
		this.flow.endSession();
		try {
			this.reader.clearBacklog();
			this.scanner.dropHeld();
		}
		finally {
			if (this.inflation != null) {
				this.inflation.dispose();
			}
		}
	}

}
