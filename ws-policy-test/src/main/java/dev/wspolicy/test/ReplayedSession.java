package dev.wspolicy.test;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;

import org.jspecify.annotations.Nullable;

import dev.wspolicy.frame.Direction;
import dev.wspolicy.frame.FrameType;
import dev.wspolicy.session.FrameTap;
import dev.wspolicy.session.ProxiedSession;
import dev.wspolicy.session.Side;
import dev.wspolicy.session.TappedFrame;
import dev.wspolicy.session.TappedFrame.Outcome;
import dev.wspolicy.session.Termination;
import dev.wspolicy.session.Termination.Cause;
import dev.wspolicy.session.Termination.Initiator;
import dev.wspolicy.test.Treatment.Kind;

/**
 * A recorded session in one pipeline. Finds out what becomes of each message from what a
 * tap is told, which is in order for each direction.
 */
final class ReplayedSession implements FrameTap {

	private final ReplayPeer client;

	private final ReplayPeer upstream;

	private final PolicyRecords records;

	/** Called when something has become known. */
	private final Consumer<ReplayedSession> onChange;

	/** Messages whose outcome is not known; control frames pass between fragments. */
	private final Map<Direction, Deque<ReplayedUnit>> data = new EnumMap<>(Direction.class);

	private final Map<Direction, Deque<ReplayedUnit>> control = new EnumMap<>(Direction.class);

	/** The message that the last frame of a peer belongs to. */
	private @Nullable ReplayedUnit current;

	private @Nullable ProxiedSession session;

	private @Nullable Termination termination;

	private @Nullable Integer toClient;

	private @Nullable Integer toUpstream;

	/** Whether the session was open after the last step. */
	private boolean open = true;

	private @Nullable Treatment end;

	/** Whether it was closed because of a message. */
	private boolean closedByMessage;

	/** Whether a pending verdict did not come although it was waited for. */
	private boolean waitedInVain;

	ReplayedSession(ReplayPeer client, ReplayPeer upstream, PolicyRecords records, Consumer<ReplayedSession> onChange) {
		this.client = client;
		this.upstream = upstream;
		this.records = records;
		this.onChange = onChange;
		for (Direction direction : Direction.values()) {
			this.data.put(direction, new ArrayDeque<>());
			this.control.put(direction, new ArrayDeque<>());
		}
	}

	void start(ProxiedSession session) {
		this.session = session;
		session.tap(this);
	}

	/** Returns the id in its lane. */
	String id() {
		return Objects.requireNonNull(this.session).id();
	}

	void ended(Termination termination) {
		this.termination = termination;
		this.onChange.accept(this);
	}

	/** Whether a verdict is pending that has not been waited for. */
	boolean isAwaiting() {
		if (!this.records.isPending()) {
			this.waitedInVain = false;
			return false;
		}
		return !this.waitedInVain;
	}

	void waitedInVain() {
		this.waitedInVain = true;
	}

	private ReplayPeer sender(Direction direction) {
		return (direction == Direction.INBOUND) ? this.client : this.upstream;
	}

	/**
	 * Has the sender send a message.
	 * @return what will be known of it, or {@code null} if the session has ended
	 */
	@Nullable ReplayedUnit send(ReplayedMessage message) {
		if (!this.open) {
			return null;
		}
		ReplayedUnit unit = new ReplayedUnit(message);
		Deque<ReplayedUnit> waiting = waiting(message.direction(), message.type());
		waiting.add(unit);
		for (WireFrame frame : message.frames()) {
			if (!sender(message.direction()).send(frame)) {
				waiting.remove(unit);
				return null;
			}
		}
		return unit;
	}

	private Deque<ReplayedUnit> waiting(Direction direction, FrameType type) {
		return Objects.requireNonNull((type.isData() ? this.data : this.control).get(direction));
	}

	/** Has a peer close the session, if it has not done so. */
	void close(Side side, WireFrame close) {
		if (this.open) {
			((side == Side.CLIENT) ? this.client : this.upstream).send(close);
		}
	}

	/** A peer has closed its connection. */
	void disconnect(Side side) {
		((side == Side.CLIENT) ? this.client : this.upstream).disconnect();
	}

	void disconnect() {
		this.client.disconnect();
		this.upstream.disconnect();
	}

	/** All that the last step led to has happened. */
	void settle() {
		if (this.open && !isOpen()) {
			this.open = false;
			closed();
		}
		if (!this.open || !this.records.isPending()) {
			settleTold();
		}
		if (!this.open) {
			forgetWaiting();
		}
	}

	private boolean isOpen() {
		return this.termination == null && this.session != null && this.session.isOpen();
	}

	/** Finds the message that the session has been closed for, if there is one. */
	private void closed() {
		Termination known = this.termination;
		boolean byGateway = known == null || known.initiator() == Initiator.GATEWAY;
		String policy = (known != null) ? known.policy() : null;
		Cause cause = (known != null) ? known.cause() : null;
		this.end = byGateway ? new Treatment(Kind.CLOSED, policy, cause, this.toClient, this.toUpstream)
				: Treatment.OPEN;
		if (!byGateway) {
			return;
		}
		ReplayedUnit unit = this.current;
		if (unit == null || !unit.isClosed()) {
			unit = firstWaiting(unit);
		}
		this.closedByMessage = unit != null;
		if (unit != null) {
			String decided = (unit.policy() != null) ? unit.policy() : policy;
			unit.settle(new Treatment(Kind.CLOSED, decided, cause, this.toClient, this.toUpstream));
		}
	}

	/**
	 * A frame beyond a limit is not told at all; one that is invalid, without outcome.
	 */
	private @Nullable ReplayedUnit firstWaiting(@Nullable ReplayedUnit last) {
		if (last != null && last.treatment() == null && last.isForwarded()) {
			return last;
		}
		for (Direction direction : Direction.values()) {
			ReplayedUnit unit = waiting(direction, FrameType.TEXT).peek();
			if (unit != null) {
				return unit;
			}
		}
		return null;
	}

	private void settleTold() {
		settleTold(this.data);
		settleTold(this.control);
	}

	private static void settleTold(Map<Direction, Deque<ReplayedUnit>> all) {
		for (Deque<ReplayedUnit> waiting : all.values()) {
			for (ReplayedUnit unit = waiting.peek(); unit != null && unit.isTold(); unit = waiting.peek()) {
				waiting.poll();
				unit.settle();
			}
		}
	}

	/** The rest will never be told. */
	void forgetWaiting() {
		Treatment held = new Treatment(Kind.HELD, null, null, null, null);
		for (Map<Direction, Deque<ReplayedUnit>> all : List.of(this.data, this.control)) {
			all.values().forEach((waiting) -> {
				waiting.forEach((unit) -> unit.settle(held));
				waiting.clear();
			});
		}
	}

	boolean hasEnded() {
		return !this.open;
	}

	boolean isClosedByMessage() {
		return this.closedByMessage;
	}

	/** Returns how the gateway has ended the session, or that it has not. */
	Treatment end() {
		return (this.end != null) ? this.end : Treatment.OPEN;
	}

	@Override
	public boolean wantsNext() {
		return true;
	}

	@Override
	public int payloadLimit() {
		return Integer.MAX_VALUE;
	}

	@Override
	public void onFrame(ProxiedSession session, TappedFrame frame) {
		this.onChange.accept(this);
		switch (frame.origin()) {
			case PEER -> onPeer(frame);
			case POLICY -> onPolicy(frame);
			case GATEWAY -> onGateway(frame);
		}
	}

	private void onPeer(TappedFrame frame) {
		Deque<ReplayedUnit> waiting = waiting(frame.direction(), frame.type());
		ReplayedUnit unit = waiting.peek();
		if (unit != null && unit.isTold()) {
			waiting.poll();
			unit.settle();
			unit = waiting.peek();
		}
		if (unit != null) {
			unit.onFrame(frame);
			this.current = unit;
		}
	}

	private void onPolicy(TappedFrame frame) {
		if (frame.type() == FrameType.CLOSE) {
			onClose(frame);
			return;
		}
		ReplayedUnit unit = this.current;
		if (unit != null) {
			boolean same = unit.message().direction() == frame.direction();
			if (same || (unit.isReplied() && frame.outcome() == Outcome.NONE)) {
				unit.onMade(frame);
			}
		}
	}

	private void onGateway(TappedFrame frame) {
		if (frame.type() == FrameType.CLOSE) {
			onClose(frame);
		}
		else if (frame.type() == FrameType.PING) {
			sender(frame.direction().opposite()).expectHeartbeat(frame.payload());
		}
	}

	private void onClose(TappedFrame frame) {
		byte[] payload = frame.payload();
		Integer code = (payload.length < 2) ? Integer.valueOf(1005) : (payload[0] & 0xFF) << 8 | (payload[1] & 0xFF);
		if (frame.direction() == Direction.OUTBOUND) {
			this.toClient = code;
		}
		else {
			this.toUpstream = code;
		}
	}

}
