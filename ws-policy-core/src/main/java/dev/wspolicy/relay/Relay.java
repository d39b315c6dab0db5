package dev.wspolicy.relay;

import dev.wspolicy.frame.CloseStatus;
import dev.wspolicy.frame.Direction;
import dev.wspolicy.pipeline.SessionPipeline;
import dev.wspolicy.session.Side;
import dev.wspolicy.session.Termination.Cause;

/**
 * The relay of one session, from the moment both legs stand until both are gone.
 * <p>
 * For each direction a driver calls {@link #onHeader} once per frame and does what the
 * {@link Disposition} says. It reports nothing more while a direction is
 * {@linkplain RelayOutput#suspend suspended}, not even the loss of the leg. All calls
 * come from one thread. A policy that is being shown a frame may call within a call; what
 * lets the driver call back is put off until the outermost call returns. If a call
 * throws, the driver calls {@link #stop()}, and {@link #abandon()} when the outermost
 * call returns.
 */
public final class Relay extends RelayControl {

	/**
	 * Creates a relay between two legs that stand.
	 * @param pipeline the policies and settings of the session
	 * @param output carries out the actions
	 * @param observer notified of failures and of the end of the session
	 */
	public Relay(SessionPipeline pipeline, RelayOutput output, RelayObserver observer) {
		super(pipeline, output, observer);
	}

	/**
	 * Opens the session: frames may come. Called once, before anything else.
	 */
	public void start() {
		this.lifecycle.watchdog().start();
	}

	/**
	 * Bytes have come from a side; what they are is reported next.
	 * @param side the side
	 * @param nanoTime when they came, on the clock of {@link RelayOutput#nanoTime()}
	 */
	public void onRead(Side side, long nanoTime) {
		leg(side).read(nanoTime);
		this.lifecycle.watchdog().onRead(side, nanoTime);
	}

	/**
	 * A side begins or ceases to take what is written to it. Only changes are reported.
	 * @param side the side
	 * @param writable whether more can be written without piling up
	 */
	public void onWritability(Side side, boolean writable) {
		if (isOpen()) {
			this.lifecycle.watchdog().onWritability(side, writable);
		}
	}

	/**
	 * Bytes of a data frame have come of which the driver makes frames that it reports
	 * later.
	 */
	public void onData() {
		this.lifecycle.watchdog().onData();
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
		DirectionRelay relay = direction(direction);
		Disposition disposition = relay.onHeader(firstByte, masked, length, minimal);
		if (disposition != null) {
			return disposition;
		}
		end(relay.refusal());
		return relay.onHeaderWhenShut(firstByte, length);
	}

	/**
	 * A frame of {@link Disposition#PASS} has been written to its end.
	 * @param direction where the frame travels
	 */
	public void onPassed(Direction direction) {
		direction(direction).onPassed();
	}

	/**
	 * A frame of {@link Disposition#AGGREGATE} is whole.
	 * @param direction where the frame travels
	 * @param frame the frame, which the relay forwards, drops or keeps
	 */
	public void onAggregated(Direction direction, CollectedFrame frame) {
		enter();
		end(direction(direction).onAggregated(frame));
		leave();
	}

	/**
	 * A frame of {@link Disposition#CONTROL} is whole.
	 * @param direction where the frame travels
	 * @param frame the frame, which the relay forwards or drops
	 */
	public void onControl(Direction direction, CollectedFrame frame) {
		DirectionRelay relay = direction(direction);
		enter();
		if (!relay.admitsControl(frame)) {
			end(relay.refusal());
		}
		end(relay.onControl(frame));
		leave();
	}

	/**
	 * A verdict has come, as {@link RelayOutput#signalVerdict} asked to be told.
	 * @param direction the direction of the frame
	 * @param number tells which verdict it is
	 */
	public void onVerdict(Direction direction, long number) {
		enter();
		end(direction(direction).onVerdict(number));
		leave();
	}

	/**
	 * A peer has ended its stream, and all that came in it has been reported. Its socket
	 * can still be written to. After a close frame that is in order; otherwise the peer
	 * is lost, and the other one is told.
	 * @param side the side
	 */
	public void onEnded(Side side) {
		Leg leg = leg(side);
		if (leg.isLost() || leg.isEnded()) {
			return;
		}
		leg.ended();
		if (leg.receivedClose() == null) {
			lose(leg, leg(side.peer()));
		}
	}

	/**
	 * A socket is gone, and all that came from it has been reported.
	 * @param side the side
	 */
	public void onLost(Side side) {
		Leg leg = leg(side);
		if (!leg.isLost()) {
			leg.lost();
			lose(leg, leg(side.peer()));
		}
	}

	/**
	 * The socket of a side has taken its close frame, as {@link RelayOutput#confirmClose}
	 * asked to be told.
	 * @param side the side
	 */
	public void onCloseWritten(Side side) {
		long nanos = leg(side).closeTaken();
		CloseDeadline deadline = this.lifecycle.deadline();
		if (deadline != null) {
			deadline.extend(nanos);
		}
	}

	/**
	 * A timer that the output was asked for has gone off.
	 * @param timer which one
	 */
	public void onTimer(RelayTimer timer) {
		enter();
		switch (timer) {
			case CLOSE -> onCloseTimeout();
			case INBOUND_VERDICT -> end(direction(Direction.INBOUND).onVerdictTimeout());
			case OUTBOUND_VERDICT -> end(direction(Direction.OUTBOUND).onVerdictTimeout());
			default -> {
				// It may have been set after the session began to close.
				if (isOpen()) {
					onWatchdog(timer);
				}
			}
		}
		leave();
	}

	/**
	 * A frame that has begun does not go on.
	 * @param direction where the frame travels
	 */
	public void onStalled(Direction direction) {
		DirectionRelay relay = direction(direction);
		CloseStatus status = CloseStatus.GOING_AWAY.withReason("frame timeout");
		end(Ending.causedBy(relay.source().side(), status, relay.target().ownStatusOr(status), Cause.FRAME_TIMEOUT));
		relay.target().resetIfHalfWritten();
	}

	/**
	 * The payload of a frame is invalid. If it is being passed, a part of it may have
	 * been written already; then the other leg is reset.
	 * @param direction where the frame travels
	 * @param status what its sender is told
	 * @param cause why the session ends
	 */
	public void onInvalid(Direction direction, CloseStatus status, Cause cause) {
		DirectionRelay relay = direction(direction);
		if (relay.sequence().isOpen()) {
			end(Ending.violation(relay.source(), relay.target(), status, cause));
		}
		relay.target().resetIfHalfWritten();
	}

	/**
	 * Lets nothing more pass, since something has failed in this relay or its driver. A
	 * policy may be in the middle of a call: {@link #abandon()} follows when the
	 * outermost call returns.
	 */
	@Override
	public void stop() {
		super.stop();
	}

	/**
	 * Ends the session at once, since something has failed in this relay or its driver,
	 * and nobody knows how far it had come. The driver sees to the sockets.
	 */
	@Override
	public void abandon() {
		super.abandon();
	}

	/**
	 * Whether frames of a direction still pass. If not, all that counts of them is a
	 * close frame.
	 * @param direction the direction
	 * @return {@code true} if so
	 */
	public boolean isOpen(Direction direction) {
		return direction(direction).sequence().isOpen();
	}

	/**
	 * Returns how many bytes a frame may have, for a driver that makes several frames of
	 * one, so that the headers that it reports do not tell.
	 * @param direction where the frame travels
	 * @return the limit
	 */
	public long frameLimit(Direction direction) {
		return direction(direction).sequence().frameLimit();
	}

}
