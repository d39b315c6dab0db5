package dev.wspolicy.relay;

import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.Executor;

import org.jspecify.annotations.Nullable;

import dev.wspolicy.frame.CloseFrame;
import dev.wspolicy.frame.CloseStatus;
import dev.wspolicy.frame.Direction;
import dev.wspolicy.frame.Frame;
import dev.wspolicy.frame.FrameType;
import dev.wspolicy.frame.Payload;
import dev.wspolicy.pipeline.SessionPipeline;
import dev.wspolicy.pipeline.Timeouts;
import dev.wspolicy.policy.FrameContext;
import dev.wspolicy.session.FrameCounts;
import dev.wspolicy.session.PolicyTimer;
import dev.wspolicy.session.SessionLimits;
import dev.wspolicy.session.Side;
import dev.wspolicy.session.TappedFrame.Origin;
import dev.wspolicy.session.Termination;
import dev.wspolicy.session.Termination.Cause;
import dev.wspolicy.session.Termination.Initiator;
import dev.wspolicy.session.TrafficCounts;
import dev.wspolicy.session.VerdictCounts;

/**
 * The relay of one session, from the moment both legs stand until both are gone.
 * <p>
 * For each direction a driver calls {@link #onHeader} once per frame and does what the
 * {@link Disposition} says. It tells of nothing more while a direction is
 * {@linkplain Outbox#suspend suspended}, the loss of the leg included. All calls come
 * from one thread, that of the executor. A session begins to end once; after that both
 * flows are shut, legs finish their closing handshakes, and a timer sees to it that they
 * do.
 */
public final class Relay {

	/**
	 * How many bytes may wait for a peer when the gateway has something to say itself.
	 */
	private static final long MAX_UNWRITTEN = 16 * 1024 * 1024;

	private final Outbox outbox;

	private final RelayObserver observer;

	private final Executor loop;

	private final Timeouts timeouts;

	private final CloseStatus lostUpstream;

	private final CloseStatus lostClient;

	private final Leg client;

	private final Leg upstream;

	private final Flow inbound;

	private final Flow outbound;

	private final Watch watch;

	/** Who is told of frames; null as a rule. */
	private @Nullable RelayTap tap;

	/** Who is told how long policies take. */
	private @Nullable PolicyTimer timer;

	/** Who began to end the session; null as long as nobody has. */
	private @Nullable Initiator initiator;

	private Cause cause = Cause.CLOSE_FRAME;

	/**
	 * A relay between two legs that stand.
	 * @param pipeline what serves the session
	 * @param inboundContext what policies are told of inbound frames
	 * @param outboundContext what policies are told of outbound frames
	 * @param outbox what carries out the actions
	 * @param observer who is told of failures and of the end
	 * @param loop runs tasks on the thread that calls this relay; at once, if it likes,
	 * when called on that thread
	 */
	public Relay(SessionPipeline pipeline, FrameContext inboundContext, FrameContext outboundContext, Outbox outbox,
			RelayObserver observer, Executor loop) {
		this.outbox = outbox;
		this.observer = observer;
		this.loop = loop;
		this.timeouts = pipeline.timeouts();
		this.lostUpstream = pipeline.lostUpstream();
		this.lostClient = pipeline.lostClient();
		this.client = new Leg(Side.CLIENT, outbox);
		this.upstream = new Leg(Side.UPSTREAM, outbox);
		this.inbound = new Flow(this, Direction.INBOUND, this.client, this.upstream, pipeline, inboundContext);
		this.outbound = new Flow(this, Direction.OUTBOUND, this.upstream, this.client, pipeline, outboundContext);
		this.watch = new Watch(this, this.timeouts, outbox, this.client, this.upstream);
	}

	/**
	 * Tell of the frames from the next one on.
	 * @param tap who is told, or {@code null} for nobody
	 */
	public void tap(@Nullable RelayTap tap) {
		this.tap = tap;
	}

	/**
	 * Tell how long policies take, of some of the frames from the next one on.
	 * @param timer who is told, or {@code null} for nobody
	 */
	public void timer(@Nullable PolicyTimer timer) {
		this.timer = timer;
	}

	/**
	 * The session is open: frames may come. Called once, before anything else.
	 */
	public void start() {
		this.watch.start();
	}

	/**
	 * Bytes have come from a side; what they are is told next.
	 * @param side the side
	 * @param nanoTime when they came, as {@link Outbox#nanoTime()} counts
	 */
	public void onRead(Side side, long nanoTime) {
		this.watch.onRead(side, nanoTime);
	}

	/**
	 * A side begins or ceases to take what is written to it. Only changes are told.
	 * @param side the side
	 * @param writable whether more can be written without it piling up
	 */
	public void onWritability(Side side, boolean writable) {
		if (isOpen()) {
			this.watch.onWritability(side, writable);
		}
	}

	/**
	 * The header of a frame has been read.
	 * @param direction where the frame travels
	 * @param firstByte the byte with FIN, RSV bits and opcode
	 * @param masked whether the mask bit is set
	 * @param length the payload length; negative if its most significant bit is set
	 * @param minimal whether the length has the shortest form it can have
	 * @return what to do with the frame's bytes
	 */
	public Disposition onHeader(Direction direction, int firstByte, boolean masked, long length, boolean minimal) {
		return flow(direction).onHeader(firstByte, masked, length, minimal);
	}

	/**
	 * A frame of {@link Disposition#PASS} has been written to its end.
	 * @param direction where the frame travels
	 */
	public void onPassed(Direction direction) {
		flow(direction).onPassed();
	}

	/**
	 * A frame of {@link Disposition#COLLECT} is whole.
	 * @param direction where the frame travels
	 * @param frame its payload
	 * @param held the payload of all frames that are held in this direction, this one the
	 * last; may be the same object, if the others have no bytes
	 */
	public void onCollected(Direction direction, Payload frame, Payload held) {
		flow(direction).onCollected(frame, held);
	}

	/**
	 * A frame of {@link Disposition#CONTROL} is whole.
	 * @param direction where the frame travels
	 * @param payload its payload
	 */
	public void onControl(Direction direction, Payload payload) {
		flow(direction).onControl(payload);
	}

	/**
	 * A socket is gone, and all that came from it has been told.
	 * @param side the side
	 */
	public void onLost(Side side) {
		Leg leg = leg(side);
		if (leg.isLost()) {
			return;
		}
		Leg other = leg(side.peer());
		boolean halfWritten = other.isFrameOpen();
		leg.lost();
		ends((side == Side.CLIENT) ? Initiator.CLIENT : Initiator.UPSTREAM, Cause.CONNECTION_LOST);
		this.inbound.shut();
		this.outbound.shut();
		if (other.isLost()) {
			terminate();
		}
		else if (halfWritten) {
			// No close frame can stand inside a frame.
			other.abort();
		}
		else if (other.receivedClose() != null) {
			// It has said good-bye; the one who should have answered is gone.
			close(other, other.receivedClose(), Origin.GATEWAY);
		}
		else {
			close(other, (side == Side.CLIENT) ? this.lostClient : this.lostUpstream, Origin.GATEWAY);
		}
		letGo();
	}

	/**
	 * An alarm that the outbox was asked for has gone off.
	 * @param timer which one
	 */
	public void onTimer(RelayTimer timer) {
		switch (timer) {
			case CLOSE -> {
				this.inbound.shut();
				this.outbound.shut();
				onCloseTimeout(this.client);
				onCloseTimeout(this.upstream);
				letGo();
			}
			case INBOUND_VERDICT -> this.inbound.onVerdictTimeout();
			case OUTBOUND_VERDICT -> this.outbound.onVerdictTimeout();
			default -> {
				// It may have been set after the session began to end.
				if (isOpen()) {
					this.watch.onTimer(timer);
				}
			}
		}
	}

	/**
	 * A frame that has begun does not go on.
	 * @param direction where the frame travels
	 */
	public void onStalled(Direction direction) {
		Leg target = leg(Side.sourceOf(direction).peer());
		boolean halfWritten = target.isFrameOpen();
		CloseStatus status = CloseStatus.GOING_AWAY.withReason("frame timeout");
		end(status, status, Cause.FRAME_TIMEOUT);
		if (halfWritten) {
			target.abort();
		}
	}

	/**
	 * The payload of a frame is not what it must be. Of a frame that is being passed a
	 * part may have been written already; then the other leg cannot be told in words.
	 * @param direction where the frame travels
	 * @param status what its sender is told
	 * @param cause why the session ends
	 */
	public void onInvalid(Direction direction, CloseStatus status, Cause cause) {
		Leg target = leg(Side.sourceOf(direction).peer());
		boolean halfWritten = target.isFrameOpen();
		flow(direction).violated(status, cause);
		if (halfWritten) {
			target.abort();
		}
	}

	/**
	 * Send a frame of the gateway's own, as soon as it can stand between others.
	 * @param side who gets it
	 * @param frame a whole message, a ping or a pong
	 */
	public void send(Side side, Frame frame) {
		tellMade(leg(side), Origin.GATEWAY, null, frame);
		inject(leg(side), frame);
	}

	/**
	 * Set the limits of this session's own.
	 * @param direction the direction
	 * @param limits its limits
	 */
	public void limits(Direction direction, SessionLimits limits) {
		flow(direction).limits(limits);
	}

	/**
	 * How many bytes a frame may have, for a driver that knows better than the headers
	 * that it tells: one that makes several frames of one.
	 * @param direction where the frame travels
	 * @return its limit
	 */
	public long frameLimit(Direction direction) {
		return flow(direction).frameLimit();
	}

	/**
	 * Have the policies and limits of another pipeline serve: at once, and in a direction
	 * that has a message under way, once that has ended. All else stays as it was when
	 * the session opened.
	 * @param pipeline the other pipeline
	 */
	public void succeed(SessionPipeline pipeline) {
		this.inbound.succeed(pipeline);
		this.outbound.succeed(pipeline);
	}

	/**
	 * End the session, if nothing has begun to end it yet.
	 * @param toClient the status for the client
	 * @param toUpstream the status for the upstream
	 * @param cause why
	 */
	public void close(CloseStatus toClient, CloseStatus toUpstream, Cause cause) {
		if (isOpen()) {
			end(toClient, toUpstream, cause);
		}
	}

	/**
	 * When a data frame came last, from any thread.
	 * @return the time as {@link Outbox#nanoTime()} counts, maybe a little old; that of
	 * the start if there was none
	 */
	public long lastData() {
		return this.watch.lastData();
	}

	/**
	 * How many bytes of frames that came from nobody wait for the end of another frame or
	 * message. Safe from any thread.
	 * @param side who is to get them
	 * @return the number, maybe a little old
	 */
	public long waiting(Side side) {
		return leg(side).waitingBytes();
	}

	/**
	 * What has travelled in a direction. Safe from any thread.
	 * @param direction the direction
	 * @return the counts, maybe a little old
	 */
	public TrafficCounts counts(Direction direction) {
		return flow(direction).counts();
	}

	/**
	 * What frames of a type have travelled in a direction. Safe from any thread.
	 * @param direction the direction
	 * @param type the type
	 * @return the counts, maybe a little old
	 */
	public FrameCounts counts(Direction direction, FrameType type) {
		return flow(direction).counts(type);
	}

	/**
	 * Whether a side is pinged when it is silent.
	 * @param side the side
	 * @return {@code true} if so
	 */
	public boolean hasHeartbeat(Side side) {
		return this.watch.hasHeartbeat(side);
	}

	/**
	 * Since when a sign of life is awaited from a side. Safe from any thread.
	 * @param side the side
	 * @return when it was pinged, as {@link Outbox#nanoTime()} counts; empty if it was
	 * not, or has been heard of since
	 */
	public OptionalLong pingedAt(Side side) {
		return this.watch.pingedAt(side);
	}

	/**
	 * What the policies of a direction have answered. Safe from any thread.
	 * @param direction the direction
	 * @return the counts of each policy, maybe a little old
	 */
	public List<VerdictCounts> verdicts(Direction direction) {
		return flow(direction).verdicts();
	}

	/**
	 * Whether nothing has begun to end the session.
	 * @return {@code true} if so
	 */
	public boolean isOpen() {
		return this.initiator == null;
	}

	/**
	 * Whether frames of a direction still pass. If not, all that counts of them is a
	 * close frame.
	 * @param direction the direction
	 * @return {@code true} if so
	 */
	public boolean isOpen(Direction direction) {
		return flow(direction).isOpen();
	}

	/**
	 * Check a frame for {@link #send}.
	 * @param frame the frame
	 * @throws IllegalArgumentException if it is a fragment or a close frame
	 */
	public static void checkSendable(Frame frame) {
		try {
			VerdictRules.checkInjected(frame);
		}
		catch (IllegalVerdictException ex) {
			throw new IllegalArgumentException(ex.getMessage(), ex);
		}
	}

	// For the flows

	Outbox outbox() {
		return this.outbox;
	}

	RelayObserver observer() {
		return this.observer;
	}

	Executor loop() {
		return this.loop;
	}

	Timeouts timeouts() {
		return this.timeouts;
	}

	/** Whether a policy or a tap is being shown a frame right now. */
	boolean isAsking() {
		return this.inbound.isAsking() || this.outbound.isAsking();
	}

	Watch watch() {
		return this.watch;
	}

	@Nullable RelayTap tap() {
		return this.tap;
	}

	@Nullable PolicyTimer timer() {
		return this.timer;
	}

	/** A frame that came from nobody is about to be written to a leg. */
	void tellMade(Leg leg, Origin origin, @Nullable String policy, Frame frame) {
		if (this.tap != null && leg.canWrite()) {
			this.tap.onMade(leg.side(), origin, policy, frame);
		}
	}

	/** Send a frame of the gateway's own, unless too many of them wait already. */
	void inject(Leg leg, Frame frame) {
		if (isOpen() && leg.waitingMemory() + this.outbox.unwritten(leg.side()) > MAX_UNWRITTEN) {
			this.watch.slow(leg.side());
		}
		else {
			leg.inject(frame);
		}
	}

	/** A peer has sent what it must not; the other one is not to blame. */
	void violated(Leg offender, CloseStatus status, Cause cause) {
		boolean client = offender.side() == Side.CLIENT;
		end(client ? status : CloseStatus.GOING_AWAY, client ? CloseStatus.GOING_AWAY : status, cause);
	}

	/** Let nothing more pass, and close the legs that are not closing yet. */
	void end(CloseStatus toClient, CloseStatus toUpstream, Cause cause) {
		ends(Initiator.GATEWAY, cause);
		this.inbound.shut();
		this.outbound.shut();
		Origin origin = (cause == Cause.POLICY) ? Origin.POLICY : Origin.GATEWAY;
		close(this.client, toClient, origin);
		close(this.upstream, toUpstream, origin);
		letGo();
	}

	private void close(Leg leg, CloseStatus status, Origin origin) {
		if (this.tap != null) {
			tellMade(leg, origin, null, CloseFrame.of(status));
		}
		leg.close(status);
	}

	void ends(Side side) {
		ends((side == Side.CLIENT) ? Initiator.CLIENT : Initiator.UPSTREAM, Cause.CLOSE_FRAME);
	}

	private void ends(Initiator initiator, Cause cause) {
		if (this.initiator == null) {
			this.initiator = initiator;
			this.cause = cause;
			this.watch.stop();
			this.outbox.schedule(RelayTimer.CLOSE, this.timeouts.close());
			this.observer.onEnding();
		}
	}

	/** Last of all, since the driver may call back at once. */
	private void letGo() {
		this.inbound.letGo();
		this.outbound.letGo();
	}

	private void onCloseTimeout(Leg leg) {
		if (leg.isFrameOpen()) {
			leg.abort();
			return;
		}
		CloseStatus received = leg.receivedClose();
		close(leg, (received != null) ? received : CloseStatus.GOING_AWAY, Origin.GATEWAY);
		leg.hangUp();
	}

	private void terminate() {
		for (RelayTimer timer : RelayTimer.values()) {
			this.outbox.cancel(timer);
		}
		Initiator initiator = (this.initiator != null) ? this.initiator : Initiator.GATEWAY;
		this.observer.onTerminated(new Termination(initiator, this.cause, this.client.receivedClose(),
				this.client.sentClose(), this.upstream.receivedClose(), this.upstream.sentClose()));
	}

	private Leg leg(Side side) {
		return (side == Side.CLIENT) ? this.client : this.upstream;
	}

	private Flow flow(Direction direction) {
		return (direction == Direction.INBOUND) ? this.inbound : this.outbound;
	}

}
