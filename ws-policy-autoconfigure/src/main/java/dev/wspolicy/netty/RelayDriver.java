package dev.wspolicy.netty;

import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelConfig;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

import dev.wspolicy.frame.CloseStatus;
import dev.wspolicy.frame.Direction;
import dev.wspolicy.frame.Frame;
import dev.wspolicy.frame.FrameType;
import dev.wspolicy.pipeline.SessionPipeline;
import dev.wspolicy.pipeline.Timeouts;
import dev.wspolicy.policy.FrameContext;
import dev.wspolicy.relay.Outbox;
import dev.wspolicy.relay.Relay;
import dev.wspolicy.relay.RelayObserver;
import dev.wspolicy.relay.RelayTimer;
import dev.wspolicy.session.FrameCounts;
import dev.wspolicy.session.FrameTap;
import dev.wspolicy.session.PolicyTimer;
import dev.wspolicy.session.ProxiedSession;
import dev.wspolicy.session.SessionLimits;
import dev.wspolicy.session.Side;
import dev.wspolicy.session.Termination.Cause;
import dev.wspolicy.session.TrafficCounts;
import dev.wspolicy.session.VerdictCounts;

/**
 * Carries out what one session's relay decides, on the two channels of the session.
 * Confined to their event loop, but for the methods that say otherwise.
 */
final class RelayDriver implements Outbox, Executor {

	private static final Log logger = LogFactory.getLog(RelayDriver.class);

	private final EventLoop loop;

	private final Relay relay;

	private final LegWriter client;

	private final LegWriter upstream;

	private final LegReader fromClient;

	private final LegReader fromUpstream;

	private final @Nullable Inflation inflatedFromClient;

	private final @Nullable Inflation inflatedFromUpstream;

	private final Timeouts timeouts;

	/** The alarms that are set; made with the first. */
	private @Nullable Future<?> @Nullable [] timers;

	private final ProxiedSession session;

	/** Where the session is tapped; null as long as it is not. */
	private @Nullable TapPoint tapPoint;

	private boolean disposed;

	private boolean clientGone;

	private boolean upstreamGone;

	/**
	 * Nothing that comes in a direction is written any more, so the target need not keep
	 * up.
	 */
	private boolean inboundDrained;

	private boolean outboundDrained;

	RelayDriver(ProxiedSession session, SessionPipeline pipeline, RelayObserver observer,
			ChannelHandlerContext clientContext, ChannelHandlerContext upstreamContext) {
		this(session, pipeline, observer, clientContext, null, upstreamContext, null);
	}

	RelayDriver(ProxiedSession session, SessionPipeline pipeline, RelayObserver observer,
			ChannelHandlerContext clientContext, @Nullable PerMessageDeflate clientDeflate,
			ChannelHandlerContext upstreamContext, @Nullable PerMessageDeflate upstreamDeflate) {
		this.session = session;
		this.loop = clientContext.channel().eventLoop();
		this.timeouts = pipeline.timeouts();
		this.relay = new Relay(pipeline, context(Direction.INBOUND, session, pipeline),
				context(Direction.OUTBOUND, session, pipeline), this, observer, this);
		this.client = new LegWriter(Side.CLIENT, clientContext, clientDeflate);
		this.upstream = new LegWriter(Side.UPSTREAM, upstreamContext, upstreamDeflate);
		this.fromClient = new LegReader(Direction.INBOUND, this.relay, this.upstream, pipeline.framing());
		this.fromUpstream = new LegReader(Direction.OUTBOUND, this.relay, this.client, pipeline.framing());
		this.upstream.feedBy(this.fromClient);
		this.client.feedBy(this.fromUpstream);
		this.inflatedFromClient = inflation(Direction.INBOUND, clientDeflate);
		this.inflatedFromUpstream = inflation(Direction.OUTBOUND, upstreamDeflate);
	}

	private @Nullable Inflation inflation(Direction direction, @Nullable PerMessageDeflate agreement) {
		if (agreement == null) {
			return null;
		}
		return new Inflation(direction, this.relay, reader(direction), agreement, source(direction).channel().alloc(),
				() -> takesMore(direction));
	}

	private static FrameContext context(Direction direction, ProxiedSession session, SessionPipeline pipeline) {
		return new SessionFrameContext(direction, session, pipeline.contentType());
	}

	String sessionId() {
		return this.session.id();
	}

	long frameTimeoutNanos() {
		return this.timeouts.frame().toNanos();
	}

	/** Take bytes that a leg has sent, which are owned from now on. */
	void read(Side side, ByteBuf bytes) {
		Inflation inflation = inflation(side.sends());
		if (inflation != null) {
			inflation.read(bytes);
			updateReading(side.sends());
		}
		else {
			reader(side).read(bytes);
		}
	}

	/** Whether a frame from a leg has begun and not ended. */
	boolean isMidFrame(Side side) {
		Inflation inflation = inflation(side.sends());
		return reader(side).isMidFrame() || (inflation != null && inflation.isMidFrame());
	}

	/** When a leg has last said something, or could. */
	long lastHeard(Side side) {
		return reader(side).lastHeard();
	}

	LegReader reader(Side side) {
		return reader(side.sends());
	}

	void timer(@Nullable PolicyTimer timer) {
		this.relay.timer(timer);
	}

	/** Let the channels read. */
	void start() {
		this.relay.start();
		updateReading(Direction.INBOUND);
		updateReading(Direction.OUTBOUND);
	}

	/** A bug has shown: let both channels go without a word. */
	void fail(RuntimeException failure) {
		logger.error("Session " + sessionId() + ": relaying failed, resetting both legs", failure);
		this.client.abort();
		this.upstream.abort();
	}

	void flush() {
		this.client.flush();
		this.upstream.flush();
	}

	void onInactive(Side side) {
		if (side == Side.CLIENT) {
			this.clientGone = true;
		}
		else {
			this.upstreamGone = true;
		}
		run(() -> tellLoss(side));
		if (!this.disposed && !isAllTold(side)) {
			giveUpLater(side);
		}
	}

	/**
	 * What is left of a leg that is lost waits for the other leg to take it, but no
	 * longer than a close frame would: else the session would live on with half its legs.
	 */
	private void giveUpLater(Side side) {
		later(() -> run(() -> {
			if (this.disposed || isAllTold(side)) {
				return;
			}
			if (reader(side).isSuspended()) {
				// The verdict has a timeout of its own.
				giveUpLater(side);
				return;
			}
			reader(side).forgetStash();
			Inflation inflation = inflation(side.sends());
			if (inflation != null) {
				inflation.dispose();
			}
			tellLoss(side);
		}), this.timeouts.close().toNanos());
	}

	void onStalled(Side side) {
		run(() -> this.relay.onStalled(side.sends()));
	}

	/** What came from a leg before its loss comes first. */
	private void tellLoss(Side side) {
		boolean gone = (side == Side.CLIENT) ? this.clientGone : this.upstreamGone;
		if (gone && isAllTold(side)) {
			this.relay.onLost(side);
		}
	}

	/** Whether the relay knows of all that has been read from a leg. */
	private boolean isAllTold(Side side) {
		Inflation inflation = inflation(side.sends());
		return reader(side).isIdle() && (inflation == null || inflation.isIdle());
	}

	void onRead(Side side, long nanoTime) {
		reader(side).heard(nanoTime);
		this.relay.onRead(side, nanoTime);
	}

	void onWritabilityChanged(Side side) {
		goOn(side.sends().opposite());
		LegWriter writer = writer(side);
		if (writer.writabilityHasChanged()) {
			this.relay.onWritability(side, writer.isWritable());
		}
	}

	/** Go on with what has been kept, and read on, as far as the direction takes it. */
	private void goOn(Direction direction) {
		LegReader reader = reader(direction);
		Inflation inflation = inflation(direction);
		if (reader.isPaused() || inflation != null) {
			if (reader.isPaused() && takesMore(direction)) {
				reader.goOn();
			}
			if (inflation != null) {
				inflation.goOn();
			}
			flush();
			tellLoss(Side.sourceOf(direction));
		}
		updateReading(direction);
	}

	private void updateReading(Direction direction) {
		boolean read = takesMore(direction);
		ChannelConfig source = source(direction).channel().config();
		if (read && !source.isAutoRead()) {
			reader(direction).heard(nanoTime());
		}
		source.setAutoRead(read);
	}

	private boolean takesMore(Direction direction) {
		LegReader reader = reader(direction);
		boolean writable = target(direction).canTakeMore()
				|| (isDrained(direction) && (!reader.isPassing() || !target(direction).channel().isActive()));
		return writable && !reader.isSuspended();
	}

	private boolean isDrained(Direction direction) {
		return (direction == Direction.INBOUND) ? this.inboundDrained : this.outboundDrained;
	}

	/** Give back all memory that is held for the session. */
	void dispose() {
		this.disposed = true;
		tapAt(null);
		this.fromClient.dispose();
		this.fromUpstream.dispose();
		if (this.inflatedFromClient != null) {
			this.inflatedFromClient.dispose();
		}
		if (this.inflatedFromUpstream != null) {
			this.inflatedFromUpstream.dispose();
		}
		this.client.dispose();
		this.upstream.dispose();
	}

	// From any thread

	void inject(Side side, Frame frame) {
		Relay.checkSendable(frame);
		if (this.loop.inEventLoop()) {
			// Who has kept a frame that can be read no more hears of it here.
			frame.source().bytes();
			run(() -> this.relay.send(side, frame));
			return;
		}
		// The frame may be one that a policy is being shown, and gone when this runs.
		Frame kept = frame.copy();
		execute(() -> this.relay.send(side, kept));
	}

	void limits(Direction direction, SessionLimits limits) {
		execute(() -> this.relay.limits(direction, limits));
	}

	/** Called on the event loop. */
	void succeed(SessionPipeline pipeline) {
		this.relay.succeed(pipeline);
	}

	void close(CloseStatus toClient, CloseStatus toUpstream, Cause cause) {
		execute(() -> this.relay.close(toClient, toUpstream, cause));
	}

	/** Run a task on the event loop after a while, unless that loop has ended by then. */
	@Nullable Future<?> later(Runnable task, long nanos) {
		return this.loop.isShuttingDown() ? null : this.loop.schedule(task, nanos, TimeUnit.NANOSECONDS);
	}

	long lastData() {
		return this.relay.lastData();
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

	private void tapAt(@Nullable TapPoint point) {
		this.tapPoint = point;
		this.relay.tap(point);
		this.fromClient.tap((point != null) ? new PassingTap(point, Direction.INBOUND) : null);
		this.fromUpstream.tap((point != null) ? new PassingTap(point, Direction.OUTBOUND) : null);
	}

	TrafficCounts counts(Direction direction) {
		return this.relay.counts(direction);
	}

	FrameCounts counts(Direction direction, FrameType type) {
		return this.relay.counts(direction, type);
	}

	boolean hasHeartbeat(Side side) {
		return this.relay.hasHeartbeat(side);
	}

	OptionalLong pingedAt(Side side) {
		return this.relay.pingedAt(side);
	}

	List<VerdictCounts> verdicts(Direction direction) {
		return this.relay.verdicts(direction);
	}

	/** Bytes on their way to a side. From any thread. */
	long buffered(Side side) {
		Direction direction = side.sends().opposite();
		Inflation inflation = inflation(direction);
		long inflating = (inflation != null) ? inflation.held() : 0;
		return inflating + reader(direction).kept() + this.relay.waiting(side) + writer(side).held()
				+ writer(side).unwritten();
	}

	@Override
	public void execute(Runnable task) {
		if (this.loop.inEventLoop()) {
			run(task);
		}
		else if (!this.loop.isShuttingDown()) {
			runSoon(task);
		}
	}

	/** Whatever goes wrong in here, no session may be left half alive. */
	private void run(Runnable task) {
		try {
			task.run();
			flush();
		}
		catch (RuntimeException ex) {
			fail(ex);
		}
	}

	// Outbox

	@Override
	public void forwardHeld(Direction direction) {
		reader(direction).forwardHeld();
	}

	@Override
	public void dropHeld(Direction direction) {
		reader(direction).dropHeld();
	}

	@Override
	public void forwardControl(Direction direction) {
		reader(direction).forwardControl();
	}

	@Override
	public void send(Side side, Frame frame) {
		writer(side).send(frame);
		// What came of one read is bounded, but not what policies make of it.
		Direction direction = side.sends().opposite();
		if (!writer(side).isWritable() && !isDrained(direction)) {
			reader(direction).pause();
		}
	}

	@Override
	public void suspend(Direction direction) {
		reader(direction).suspend();
		updateReading(direction);
	}

	@Override
	public void resume(Direction direction) {
		reader(direction).resume();
		goOn(direction);
		tellLoss(Side.sourceOf(direction));
	}

	@Override
	public void drain(Direction direction) {
		if (direction == Direction.INBOUND) {
			this.inboundDrained = true;
		}
		else {
			this.outboundDrained = true;
		}
		updateReading(direction);
		if (inflation(direction) != null || reader(direction).isPaused()) {
			// Not at once: the relay is about to end the session.
			runSoon(() -> goOn(direction));
		}
	}

	@Override
	public void finish(Side side) {
		writer(side).finish();
	}

	@Override
	public void close(Side side) {
		writer(side).close();
	}

	@Override
	public void abort(Side side) {
		writer(side).abort();
	}

	@Override
	public boolean isReading(Direction direction) {
		return source(direction).channel().config().isAutoRead();
	}

	@Override
	public long unwritten(Side side) {
		return writer(side).unwritten();
	}

	@Override
	public void runSoon(Runnable task) {
		this.loop.execute(() -> run(task));
	}

	@Override
	public long nanoTime() {
		return System.nanoTime();
	}

	@Override
	public void schedule(RelayTimer timer, Duration delay) {
		if (this.timers == null) {
			this.timers = new Future<?>[RelayTimer.values().length];
		}
		this.timers[timer.ordinal()] = this.loop.schedule(() -> run(() -> {
			forget(timer);
			this.relay.onTimer(timer);
		}), delay.toNanos(), TimeUnit.NANOSECONDS);
	}

	@Override
	public void cancel(RelayTimer timer) {
		Future<?> future = forget(timer);
		if (future != null) {
			future.cancel(false);
		}
	}

	private @Nullable Future<?> forget(RelayTimer timer) {
		if (this.timers == null) {
			return null;
		}
		Future<?> future = this.timers[timer.ordinal()];
		this.timers[timer.ordinal()] = null;
		return future;
	}

	private @Nullable Inflation inflation(Direction direction) {
		return (direction == Direction.INBOUND) ? this.inflatedFromClient : this.inflatedFromUpstream;
	}

	private LegReader reader(Direction direction) {
		return (direction == Direction.INBOUND) ? this.fromClient : this.fromUpstream;
	}

	private LegWriter source(Direction direction) {
		return writer(Side.sourceOf(direction));
	}

	private LegWriter target(Direction direction) {
		return writer(Side.sourceOf(direction).peer());
	}

	private LegWriter writer(Side side) {
		return (side == Side.CLIENT) ? this.client : this.upstream;
	}

}
