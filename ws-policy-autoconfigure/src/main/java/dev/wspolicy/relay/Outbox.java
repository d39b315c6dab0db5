package dev.wspolicy.relay;

import java.time.Duration;

import dev.wspolicy.frame.Direction;
import dev.wspolicy.frame.Frame;
import dev.wspolicy.session.Side;

/**
 * What a relay can have done. Actions take effect in the order in which they are given.
 * An action on a leg that is gone is ignored.
 */
public interface Outbox {

	/**
	 * Write on the bytes that are held in a direction, as they came.
	 * @param direction the direction
	 */
	void forwardHeld(Direction direction);

	/**
	 * Forget the bytes that are held in a direction. If the frame that they belong to is
	 * not whole yet, skip the rest of it.
	 * @param direction the direction
	 */
	void dropHeld(Direction direction);

	/**
	 * Write on the control frame that {@link Relay#onControl} is being told of, as it
	 * came. Only given before that call returns.
	 * @param direction the direction
	 */
	void forwardControl(Direction direction);

	/**
	 * Encode a frame and write it, with a fresh mask if it goes to the upstream.
	 * @param side who gets it
	 * @param frame the frame; its payload may be released once this returns
	 */
	void send(Side side, Frame frame);

	/**
	 * Tell the relay of nothing more from this direction until {@link #resume}. What has
	 * been read already is kept, and reading stops.
	 * @param direction the direction
	 */
	void suspend(Direction direction);

	/**
	 * Go on with a direction that was suspended; what was kept comes first.
	 * @param direction the direction
	 */
	void resume(Direction direction);

	/**
	 * Reading goes on whether or not the other leg can be written to: nothing of this
	 * direction is written any more.
	 * @param direction the direction
	 */
	void drain(Direction direction);

	/**
	 * The closing handshake with a side is complete: write what is left, then let the
	 * socket end in peace. Bytes that still come are read over.
	 * @param side the side
	 */
	void finish(Side side);

	/**
	 * Write what is left, then close the socket at once.
	 * @param side the side
	 */
	void close(Side side);

	/**
	 * Reset the connection: a frame stands half written, and nothing true can follow it.
	 * @param side the side
	 */
	void abort(Side side);

	/**
	 * Whether the driver reads what comes in a direction. It does not while the direction
	 * is suspended, or the other leg cannot be written to.
	 * @param direction the direction
	 * @return {@code true} if bytes that come are told of
	 */
	boolean isReading(Direction direction);

	/**
	 * How much is waiting to be written to a side.
	 * @param side the side
	 * @return the number of bytes
	 */
	long unwritten(Side side);

	/**
	 * Run a task soon, on the thread that calls the relay: not at once, and only when no
	 * call of the relay is under way.
	 * @param task the task
	 */
	void runSoon(Runnable task);

	/**
	 * The time, on a clock that only runs forward.
	 * @return nanoseconds since some moment
	 */
	long nanoTime();

	/**
	 * Call {@link Relay#onTimer} after a while.
	 * @param timer which alarm
	 * @param delay how long from now
	 */
	void schedule(RelayTimer timer, Duration delay);

	/**
	 * Forget an alarm, if it is set.
	 * @param timer which alarm
	 */
	void cancel(RelayTimer timer);

}
