package dev.wspolicy.netty;

import java.time.Duration;
import java.util.Objects;

import io.netty.channel.ChannelHandlerContext;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

import dev.wspolicy.frame.CloseStatus;
import dev.wspolicy.frame.Direction;
import dev.wspolicy.frame.Frame;
import dev.wspolicy.frame.FrameAccess;
import dev.wspolicy.pipeline.SessionPipeline;
import dev.wspolicy.pipeline.SessionSettings;
import dev.wspolicy.pipeline.Timeouts;
import dev.wspolicy.pipeline.TurnBudget;
import dev.wspolicy.policy.FrameContext;
import dev.wspolicy.relay.Relay;
import dev.wspolicy.relay.RelayObserver;
import dev.wspolicy.relay.RelayOutput;
import dev.wspolicy.relay.RelayTimer;
import dev.wspolicy.relay.SendableFrames;
import dev.wspolicy.session.FrameTap;
import dev.wspolicy.session.LimitOverrides;
import dev.wspolicy.session.ObservedVerdict;
import dev.wspolicy.session.ProxiedSession;
import dev.wspolicy.session.Side;
import dev.wspolicy.session.Termination.Cause;

/**
 * Carries out what the relay of one session decides, on the two channels of the session.
 * Confined to their event loop, unless a method says otherwise.
 */
final class RelayDriver extends SessionLoop implements RelayOutput {

	private static final Log logger = LogFactory.getLog(RelayDriver.class);

	private final ProxiedSession session;

	private final Relay relay;

	private final SessionSettings settings;

	private final DirectionDriver inbound;

	private final DirectionDriver outbound;

	/** Null unless the session is tapped. */
	private @Nullable TapPoint tapPoint;

	/** Whether the client has begun or ceased to take more within a call. */
	private boolean clientChanged;

	/** Whether the upstream has. */
	private boolean upstreamChanged;

	/** Whether the session has ended and given back its memory. */
	private boolean disposed;

	/** Whether the session has ended because the gateway failed. */
	private boolean failed;

	RelayDriver(ProxiedSession session, SessionPipeline pipeline, TurnBudget budget, RelayObserver observer,
			ChannelHandlerContext clientContext, @Nullable PerMessageDeflate clientDeflate,
			ChannelHandlerContext upstreamContext, @Nullable PerMessageDeflate upstreamDeflate) {
		super(clientContext.channel().eventLoop());
		this.session = session;
		this.settings = pipeline.settings();
		this.relay = new Relay(pipeline, this, observer);
		LegWriter client = new LegWriter(Side.CLIENT, clientContext, clientDeflate);
		LegWriter upstream = new LegWriter(Side.UPSTREAM, upstreamContext, upstreamDeflate);
		this.inbound = new DirectionDriver(Direction.INBOUND, this, this.relay, pipeline, budget, client, clientDeflate,
				upstream);
		this.outbound = new DirectionDriver(Direction.OUTBOUND, this, this.relay, pipeline, budget, upstream,
				upstreamDeflate, client);
	}

	@Override
	public FrameContext context(Direction direction) {
		return new SessionFrameContext(direction, this.session, this.settings.contentType());
	}

	@Override
	String sessionId() {
		return this.session.id();
	}

	/** Returns the relay, whose counts may be read from any thread. */
	Relay relay() {
		return this.relay;
	}

	Timeouts timeouts() {
		return this.settings.timeouts();
	}

	/** Whether the session has ended, or is about to because the gateway has failed. */
	boolean isOver() {
		return this.disposed || this.failed;
	}

	private DirectionDriver driver(Direction direction) {
		return (direction == Direction.INBOUND) ? this.inbound : this.outbound;
	}

	/** Returns the driver of the direction in which a side sends. */
	DirectionDriver from(Side side) {
		return driver(side.sends());
	}

	/** Returns the driver of the direction in which a side receives. */
	DirectionDriver to(Side side) {
		return driver(side.sends().opposite());
	}

	private LegWriter writer(Side side) {
		return from(side).source();
	}

	/** Lets the channels read. */
	void start() {
		if (this.failed) {
			// While it was being opened
			return;
		}
		this.relay.start();
		this.inbound.updateReading();
		this.outbound.updateReading();
	}

	/**
	 * Resets both legs after a bug. The relay only learns of the end, and not before the
	 * outermost call returns: a policy may have led to this while it is being asked.
	 */
	@Override
	void fail(Throwable failure) {
		if (this.failed) {
			return;
		}
		this.failed = true;
		runAll(() -> logger.error("Session " + sessionId() + ": relaying failed, resetting both legs", failure),
				this.relay::stop, writer(Side.CLIENT).closer()::abort, writer(Side.UPSTREAM).closer()::abort);
	}

	@Override
	void beforeLeaving() {
		if (this.failed && !this.disposed) {
			runAll(this.relay::abandon);
		}
	}

	/** Runs all tasks, whatever one of them throws. */
	private static void runAll(Runnable... tasks) {
		for (Runnable task : tasks) {
			try {
				task.run();
			}
			catch (Throwable ex) {
				logger.debug("Failed while a session was ended that had failed", ex);
			}
		}
	}

	@Override
	void flush() {
		this.outbound.target().flush();
		this.inbound.target().flush();
	}

	/**
	 * Called when a side begins or ceases to take what is written to it. If that is
	 * within a call, what waits for the side is put off until the call ends: this may be
	 * the first of several writes, between which nothing else may be written.
	 */
	void onWritabilityChanged(Side side) {
		if (isEntered()) {
			this.clientChanged |= side == Side.CLIENT;
			this.upstreamChanged |= side == Side.UPSTREAM;
			flushLater();
			return;
		}
		boolean outermost = enter();
		long start = startTurn();
		try {
			checkWritability(side);
		}
		catch (Throwable ex) {
			fail(ex);
		}
		finally {
			leave(outermost);
			countTurn(start);
		}
	}

	@Override
	void checkLegs() {
		if (this.upstreamChanged) {
			this.upstreamChanged = false;
			checkWritability(Side.UPSTREAM);
		}
		if (this.clientChanged) {
			this.clientChanged = false;
			checkWritability(Side.CLIENT);
		}
	}

	/** Proceeds with what waits for a side, and tells the relay if it is slow. */
	private void checkWritability(Side side) {
		to(side).proceed();
		LegWriter writer = writer(side);
		if (writer.writabilityHasChanged()) {
			this.relay.onWritability(side, writer.isWritable());
		}
	}

	/** Called when the channel of a side is closed. */
	void onInactive(Side side) {
		from(side).onSourceClosed();
		// What waited for this side to take it waits no longer.
		run(() -> checkWritability(side));
	}

	/** Releases all memory that is held for the session. */
	void dispose() {
		this.disposed = true;
		tapAt(null);
		runAll(this.inbound::dispose, this.outbound::dispose, writer(Side.CLIENT)::dispose,
				writer(Side.UPSTREAM)::dispose);
	}

	void inject(Side side, Frame frame) {
		SendableFrames.check(frame);
		// Fails here for a frame that was kept for too long and can no longer be read.
		FrameAccess.payload(frame).bytes();
		if (isEntered()) {
			runWithin(() -> this.relay.send(side, frame));
		}
		else {
			// A policy may be judging the frame, which may be gone when this runs.
			Frame kept = frame.copy();
			execute(() -> this.relay.send(side, kept));
		}
	}

	void limits(Direction direction, LimitOverrides limits) {
		execute(() -> this.relay.limits(direction, limits));
	}

	void close(CloseStatus toClient, CloseStatus toUpstream, Cause cause) {
		execute(() -> this.relay.close(toClient, toUpstream, cause));
	}

	void close(CloseStatus toClient, CloseStatus toUpstream, String policy) {
		execute(() -> this.relay.close(toClient, toUpstream, policy));
	}

	/** Tells a client that shares a connection with others to use another one. */
	void announceDrain() {
		if (writer(Side.CLIENT).closer() instanceof StreamCloser stream) {
			execute(stream::announceDrain);
		}
	}

	void tap(FrameTap tap) {
		execute(() -> {
			if (!this.disposed) {
				if (this.tapPoint == null) {
					tapAt(new TapPoint(this.session, this));
				}
				Objects.requireNonNull(this.tapPoint).add(tap);
			}
		});
	}

	void untap(FrameTap tap) {
		execute(() -> {
			if (this.tapPoint != null) {
				this.tapPoint.remove(tap);
				if (this.tapPoint.isEmpty()) {
					tapAt(null);
				}
			}
		});
	}

	/**
	 * Tells the taps what an observed policy would have done, together with the frame if
	 * that is still between its policies. Called on the event loop.
	 */
	void tapObserved(ObservedVerdict verdict, @Nullable Frame frame) {
		TapPoint point = this.tapPoint;
		if (point != null && (frame == null || !this.relay.observed(verdict, frame))) {
			point.onObserved(verdict);
		}
	}

	private void tapAt(@Nullable TapPoint point) {
		this.tapPoint = point;
		this.relay.tap(point);
		this.inbound.scanner().tap((point != null) ? new PassingTap(point, Direction.INBOUND) : null);
		this.outbound.scanner().tap((point != null) ? new PassingTap(point, Direction.OUTBOUND) : null);
	}

	/** Returns the number of bytes on their way to a side. */
	long buffered(Side side) {
		LegWriter writer = writer(side);
		return to(side).kept() + this.relay.status().waiting(side) + writer.held() + writer.unwritten();
	}

	@Override
	public void send(Side side, Frame frame) {
		writer(side).send(frame);
		to(side).flow().onWrite();
	}

	@Override
	public void suspend(Direction direction) {
		driver(direction).suspend();
	}

	@Override
	public void resume(Direction direction) {
		if (!this.failed) {
			driver(direction).resume();
		}
	}

	@Override
	public void discardRest(Direction direction) {
		driver(direction).discardRest();
	}

	@Override
	public void confirmClose(Side side) {
		writer(side).whenWritten(() -> run(() -> this.relay.onCloseWritten(side)));
	}

	@Override
	public void finish(Side side) {
		writer(side).closer().finish();
	}

	@Override
	public void end(Side side) {
		writer(side).closer().end();
	}

	@Override
	public void close(Side side) {
		writer(side).closer().close();
	}

	@Override
	public void abort(Side side) {
		writer(side).closer().abort();
	}

	@Override
	public boolean isReading(Direction direction) {
		return driver(direction).flow().isReading();
	}

	@Override
	public void flush(Side side) {
		writer(side).flush();
	}

	@Override
	public long unwritten(Side side) {
		return writer(side).unwritten();
	}

	@Override
	public long taken(Side side) {
		return writer(side).taken();
	}

	@Override
	public void signalVerdict(Direction direction, long number) {
		runSoon(() -> this.relay.onVerdict(direction, number));
	}

	@Override
	public boolean hasWaitingCalls() {
		return areCallsWaiting();
	}

	@Override
	public void runSoon(Runnable task) {
		enqueue(task);
	}

	@Override
	public long nanoTime() {
		return now();
	}

	@Override
	public void schedule(RelayTimer timer, Duration delay) {
		if (!this.disposed) {
			setAlarm(timer, () -> this.relay.onTimer(timer), delay);
		}
	}

	@Override
	public void cancel(RelayTimer timer) {
		cancelAlarm(timer);
	}

}
