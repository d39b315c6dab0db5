package dev.wspolicy.netty;

import java.time.Duration;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;

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
import dev.wspolicy.pipeline.SessionPipeline;
import dev.wspolicy.policy.FrameContext;
import dev.wspolicy.relay.Outbox;
import dev.wspolicy.relay.Relay;
import dev.wspolicy.relay.RelayObserver;
import dev.wspolicy.relay.RelayTimer;
import dev.wspolicy.session.ProxiedSession;
import dev.wspolicy.session.Side;
import dev.wspolicy.session.Termination.Cause;
import dev.wspolicy.session.TrafficCounts;

/**
 * Carries out what one session's relay decides, on the two channels of the session.
 * Confined to their event loop, but for the methods that say otherwise.
 */
final class RelayDriver implements Outbox, Executor {

	private static final Log logger = LogFactory.getLog(RelayDriver.class);

	private final String sessionId;

	private final EventLoop loop;

	private final Relay relay;

	private final LegWriter client;

	private final LegWriter upstream;

	private final LegReader fromClient;

	private final LegReader fromUpstream;

	private final long frameTimeoutNanos;

	private final @Nullable Future<?>[] timers = new Future<?>[RelayTimer.values().length];

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
		this.sessionId = session.id();
		this.loop = clientContext.channel().eventLoop();
		this.frameTimeoutNanos = pipeline.timeouts().frame().toNanos();
		this.relay = new Relay(pipeline, context(Direction.INBOUND, session, pipeline),
				context(Direction.OUTBOUND, session, pipeline), this, observer, this);
		this.client = new LegWriter(Side.CLIENT, clientContext);
		this.upstream = new LegWriter(Side.UPSTREAM, upstreamContext);
		this.fromClient = new LegReader(Direction.INBOUND, this.relay, this.upstream, pipeline.masking());
		this.fromUpstream = new LegReader(Direction.OUTBOUND, this.relay, this.client, pipeline.masking());
		this.upstream.feedBy(this.fromClient);
		this.client.feedBy(this.fromUpstream);
	}

	private static FrameContext context(Direction direction, ProxiedSession session, SessionPipeline pipeline) {
		return new SessionFrameContext(direction, session, pipeline.contentType());
	}

	String sessionId() {
		return this.sessionId;
	}

	long frameTimeoutNanos() {
		return this.frameTimeoutNanos;
	}

	LegReader reader(Side side) {
		return reader(side.sends());
	}

	/** Let the channels read. */
	void start() {
		this.relay.start();
		updateReading(Direction.INBOUND);
		updateReading(Direction.OUTBOUND);
	}

	/** A bug has shown: let both channels go without a word. */
	void fail(RuntimeException failure) {
		logger.error("Session " + this.sessionId + ": relaying failed, resetting both legs", failure);
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
	}

	void onStalled(Side side) {
		run(() -> this.relay.onStalled(side.sends()));
	}

	/** What came from a leg before its loss comes first. */
	private void tellLoss(Side side) {
		boolean gone = (side == Side.CLIENT) ? this.clientGone : this.upstreamGone;
		if (gone && reader(side).isIdle()) {
			this.relay.onLost(side);
		}
	}

	void onRead(Side side, long nanoTime) {
		reader(side).heard(nanoTime);
		this.relay.onRead(side, nanoTime);
	}

	void onWritabilityChanged(Side side) {
		updateReading(side.sends().opposite());
		LegWriter writer = writer(side);
		if (writer.writabilityHasChanged()) {
			this.relay.onWritability(side, writer.isWritable());
		}
	}

	private void updateReading(Direction direction) {
		LegReader reader = reader(direction);
		boolean drained = (direction == Direction.INBOUND) ? this.inboundDrained : this.outboundDrained;
		boolean writable = target(direction).canTakeMore() || (drained && !reader.isPassing());
		boolean read = writable && !reader.isSuspended();
		ChannelConfig source = source(direction).channel().config();
		if (read && !source.isAutoRead()) {
			reader.heard(nanoTime());
		}
		source.setAutoRead(read);
	}

	/** Give back all memory that is held for the session. */
	void dispose() {
		this.fromClient.dispose();
		this.fromUpstream.dispose();
	}

	// From any thread

	void inject(Side side, Frame frame) {
		Relay.checkSendable(frame);
		// The frame may be one that a policy is being shown, and gone when this runs.
		Frame kept = this.loop.inEventLoop() ? frame : frame.copy();
		execute(() -> this.relay.send(side, kept));
	}

	void close(CloseStatus toClient, CloseStatus toUpstream, Cause cause) {
		execute(() -> this.relay.close(toClient, toUpstream, cause));
	}

	/** Run a task on the event loop after a while. */
	void later(Runnable task, long nanos) {
		this.loop.schedule(task, nanos, TimeUnit.NANOSECONDS);
	}

	TrafficCounts counts(Direction direction) {
		return this.relay.counts(direction);
	}

	@Override
	public void execute(Runnable task) {
		if (this.loop.inEventLoop()) {
			run(task);
		}
		else if (!this.loop.isShuttingDown()) {
			this.loop.execute(() -> run(task));
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
	}

	@Override
	public void suspend(Direction direction) {
		reader(direction).suspend();
		updateReading(direction);
	}

	@Override
	public void resume(Direction direction) {
		reader(direction).resume();
		updateReading(direction);
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
	public long nanoTime() {
		return System.nanoTime();
	}

	@Override
	public void schedule(RelayTimer timer, Duration delay) {
		this.timers[timer.ordinal()] = this.loop.schedule(() -> run(() -> {
			this.timers[timer.ordinal()] = null;
			this.relay.onTimer(timer);
		}), delay.toNanos(), TimeUnit.NANOSECONDS);
	}

	@Override
	public void cancel(RelayTimer timer) {
		Future<?> future = this.timers[timer.ordinal()];
		if (future != null) {
			this.timers[timer.ordinal()] = null;
			future.cancel(false);
		}
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
