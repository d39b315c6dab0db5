package dev.wspolicy.netty;

import io.netty.channel.ChannelConfig;

import dev.wspolicy.pipeline.TurnBudget;

/**
 * Decides whether the bytes of one direction are scanned, and whether the source's
 * channel is read. Knows every reason for not doing so, and is the only class that sets
 * auto-read.
 */
final class FlowControl {

	/** Less in a turn would cost more for the turn than for what is done in it. */
	private static final int FEWEST_FRAMES = 64;

	/** What one read, or one piece of a compressed message, brings anyway. */
	private static final int FEWEST_BYTES = 64 * 1024;

	/** The time in nanoseconds after which a turn ends, however little was done in it. */
	private static final int MOST_NANOS = 5_000_000;

	private static final int FEWEST_NANOS = 1_000_000;

	/** How much work is done before the clock is read; a byte is one unit of it. */
	private static final int UNTIMED_WORK = 16 * 1024;

	/** The work of scanning a frame. */
	private static final int FRAME_WORK = UNTIMED_WORK / 64;

	/** The work, beyond that, of a frame that is aggregated for policies. */
	private static final int AGGREGATED_WORK = UNTIMED_WORK / 16 - FRAME_WORK;

	private final DirectionDriver driver;

	/** How much the direction may do in one turn of the event loop. */
	private final TurnBudget budget;

	/** The number of frames that may still begin in this turn. */
	private int frames;

	/** The number of bytes that may still be read in this turn. */
	private int readBytes;

	/** The number of bytes that may still be inflated in this turn. */
	private int inflatedBytes;

	/** The time that the turn may take in nanoseconds. */
	private int nanos;

	/** The work that may still be done before the clock is read. */
	private int untimedWork;

	/** The bits of the reasons why nothing is scanned. */
	private int pauses;

	/** Whether bytes that the source sends are taken, apart from those it has sent. */
	private boolean reading;

	/** Whether nothing is written to the target any more, so that it need not keep up. */
	private boolean discarding;

	/** Whether the source has ended its stream. */
	private boolean ended;

	/** The time at which bytes came last, or reading began again after a pause. */
	private long lastRead;

	/**
	 * Creates the flow control of a direction that is not being read yet.
	 * @param driver the driver of the direction
	 * @param budget how much the direction may do in one turn of the event loop
	 */
	FlowControl(DirectionDriver driver, TurnBudget budget) {
		this.driver = driver;
		this.budget = budget;
		refill();
	}

	// Scanning

	/** Whether nothing prevents the direction from being scanned. */
	boolean mayScan() {
		return this.pauses == 0;
	}

	boolean isPaused(Pause reason) {
		return (this.pauses & reason.bit()) != 0;
	}

	/** Stops scanning until {@link #end(Pause)}. */
	void begin(Pause reason) {
		this.pauses |= reason.bit();
	}

	void end(Pause reason) {
		this.pauses &= ~reason.bit();
	}

	// Turns

	/** Whether another frame may begin in this turn; counts it if so. */
	boolean takeFrame() {
		this.untimedWork -= FRAME_WORK;
		if (--this.frames >= 0 && (this.untimedWork >= 0 || isInTime())) {
			return true;
		}
		endTurn();
		return false;
	}

	/** Counts a frame that has begun as one that is aggregated for policies. */
	void countAggregated() {
		this.untimedWork -= AGGREGATED_WORK;
	}

	/** Counts bytes that the source has sent. */
	void countRead(int bytes) {
		this.readBytes -= bytes;
		countBytes(this.readBytes, bytes);
	}

	/** Counts bytes that have been inflated. */
	void countInflated(int bytes) {
		this.inflatedBytes -= bytes;
		countBytes(this.inflatedBytes, bytes);
	}

	private void countBytes(int left, int bytes) {
		this.untimedWork -= bytes;
		if (left <= 0 || (this.untimedWork < 0 && !isInTime())) {
			endTurn();
		}
	}

	private boolean isInTime() {
		this.untimedWork = UNTIMED_WORK;
		return this.driver.session().turnTime() < this.nanos;
	}

	private void endTurn() {
		if (!isPaused(Pause.TURN_OVER) && !isPaused(Pause.SESSION_ENDED)) {
			begin(Pause.TURN_OVER);
			TurnClock clock = this.driver.session().turnClock();
			if (clock != null) {
				clock.turnOver();
			}
			this.driver.onTurnOver();
		}
	}

	/** Starts a new turn after the end of a read loop, unless the next one is due. */
	void endReadLoop() {
		if (!isPaused(Pause.TURN_OVER)) {
			refill();
		}
	}

	/** Starts the next turn. */
	void beginTurn() {
		refill();
		stopWaiting();
		end(Pause.TURN_OVER);
	}

	/** Scans nothing any more: the session has ended. */
	void endSession() {
		if (!isPaused(Pause.SESSION_ENDED)) {
			stopWaiting();
			begin(Pause.SESSION_ENDED);
		}
	}

	private void stopWaiting() {
		TurnClock clock = this.driver.session().turnClock();
		if (isPaused(Pause.TURN_OVER) && clock != null) {
			clock.turnResumed();
		}
	}

	/**
	 * Fills up the budget of the next turn, which all directions share that want more
	 * than their turn: however many they are, the others of the event loop wait for about
	 * as long.
	 */
	private void refill() {
		TurnClock clock = this.driver.session().turnClock();
		int sharing = (clock != null) ? Math.max(1, clock.waiting()) : 1;
		this.frames = share(this.budget.frames(), sharing, FEWEST_FRAMES);
		this.readBytes = share(this.budget.readBytes(), sharing, FEWEST_BYTES);
		this.inflatedBytes = share(this.budget.inflatedBytes(), sharing, FEWEST_BYTES);
		this.nanos = share(MOST_NANOS, sharing, FEWEST_NANOS);
		this.untimedWork = UNTIMED_WORK;
	}

	private static int share(int budget, int sharing, int fewest) {
		return Math.min(budget, Math.max(fewest, budget / sharing));
	}

	// Reading

	/** Records that bytes have come. */
	void onRead(long nanoTime) {
		this.lastRead = nanoTime;
		if (isPaused(Pause.SUSPENDED) && !this.ended && !this.driver.source().closer().hasFailed()) {
			source().setAutoRead(false);
		}
	}

	/** Returns the time at which bytes came last, or reading began again. */
	long lastRead() {
		return this.lastRead;
	}

	/** Whether the peer is read, so that its silence is its own. */
	boolean isReading() {
		return this.reading;
	}

	/**
	 * Starts or stops reading, as the pauses and the target require. While the direction
	 * is suspended, auto-read stays as it is until bytes come: a peer that waits for the
	 * verdict and sends nothing costs no system call.
	 * @param passing whether what is read next is written to the target as it comes
	 * @param unscanned the number of bytes that have been read and not scanned
	 */
	void update(boolean passing, long unscanned) {
		if (this.ended) {
			// epoll would fail if it were asked for more from a peer that has ended.
			return;
		}
		boolean failed = this.driver.source().closer().hasFailed();
		if (isPaused(Pause.SUSPENDED) && !isPaused(Pause.TURN_OVER) && !failed) {
			this.reading = false;
			return;
		}
		// After a failed write, the last bytes of the peer may still be in the socket.
		// They are read even if the target is full; the receive buffer bounds them.
		boolean read = takesMore(passing) || (failed && unscanned < this.driver.source().closer().receiveBuffer());
		if (read && !this.reading) {
			this.lastRead = this.driver.session().nanoTime();
		}
		this.reading = read;
		if (source().isAutoRead() != read) {
			source().setAutoRead(read);
		}
	}

	/**
	 * Whether the direction takes more bytes.
	 * @param passing whether they are written to the target as they come
	 */
	boolean takesMore(boolean passing) {
		return !isHeldUp() && (this.driver.target().canTakeMore() || (this.discarding && !passing));
	}

	/** Whether the direction waits for something that does not depend on its target. */
	boolean isHeldUp() {
		return isPaused(Pause.SUSPENDED) || isPaused(Pause.TURN_OVER);
	}

	/** Stops waiting for the target: nothing is written to it any more. */
	void discardRest() {
		this.discarding = true;
	}

	/** Pauses if a frame of the gateway has filled the target. */
	void onWrite() {
		// The frames of one read are bounded, but not what policies make of them.
		if (!this.discarding && !this.driver.target().isWritable()) {
			begin(Pause.TARGET_FULL);
		}
	}

	/** Leaves auto-read alone: the source has ended its stream. */
	void onInputEnded() {
		this.ended = true;
	}

	private ChannelConfig source() {
		return this.driver.source().channel().config();
	}

}
