package dev.wspolicy.relay;

import java.time.Duration;

import dev.wspolicy.frame.Direction;
import dev.wspolicy.frame.Frame;
import dev.wspolicy.policy.FrameContext;
import dev.wspolicy.session.Side;

/**
 * Carries out the actions of a relay, in the order in which they are given. An action on
 * a leg that is gone is ignored. While an action is carried out, the relay is not called,
 * with two exceptions: {@link #resume} may report what has been kept, and
 * {@link #confirmClose} that nothing had to be written any more.
 */
public interface RelayOutput {

	/**
	 * Returns the context that policies get with the frames of a direction. Asked for
	 * once, with the first frame that is collected: many sessions have none.
	 * @param direction the direction
	 * @return the context
	 */
	FrameContext context(Direction direction);

	/**
	 * Encodes a frame and writes it, with a new masking key if it goes to the upstream.
	 * @param side who gets it
	 * @param frame the frame; its payload may be released once this returns
	 */
	void send(Side side, Frame frame);

	/**
	 * Reports nothing more of a direction until {@link #resume}. What has been read
	 * already is kept, and reading stops.
	 * @param direction the direction
	 */
	void suspend(Direction direction);

	/**
	 * Continues with a direction that was suspended; what was kept comes first. The relay
	 * gives this action last of all, when its state is consistent.
	 * @param direction the direction
	 */
	void resume(Direction direction);

	/**
	 * Discards what still comes in a direction, since nothing of it is written any more.
	 * Fragments that were {@linkplain CollectedFrame#keep() kept} are released, and the
	 * rest of a frame that is being aggregated is discarded. A frame that is being passed
	 * is written to its end. Reading goes on whether or not the other leg is writable.
	 * @param direction the direction
	 */
	void discardRest(Direction direction);

	/**
	 * Calls {@link Relay#onCloseWritten} once the socket of a side has taken all that has
	 * been written so far, of which a close frame is the last. Never called if the socket
	 * ends before.
	 * @param side the side
	 */
	void confirmClose(Side side);

	/**
	 * Closes the socket of a side after what is left has been written. The closing
	 * handshake with the peer is complete, or the peer has ended its stream in place of
	 * an answer. Bytes that still come are discarded.
	 * @param side the side
	 */
	void finish(Side side);

	/**
	 * Ends the stream to a side after what is left has been written. No close frame was.
	 * Bytes that still come are discarded.
	 * @param side the side
	 */
	void end(Side side);

	/**
	 * Closes the socket at once. If it does not take everything that is left, the
	 * connection is reset, so that the peer knows.
	 * @param side the side
	 */
	void close(Side side);

	/**
	 * Resets the connection: a frame is half written, and will never be complete.
	 * @param side the side
	 */
	void abort(Side side);

	/**
	 * Whether the driver reads what comes in a direction. It does not while the direction
	 * is suspended, or the other leg cannot be written to.
	 * @param direction the direction
	 * @return {@code true} if bytes that come are reported
	 */
	boolean isReading(Direction direction);

	/**
	 * Flushes what has been written to a side, of which the socket takes what it can.
	 * That is done anyway when the call of the relay returns.
	 * @param side the side
	 */
	void flush(Side side);

	/**
	 * Returns how much waits to be written to a side.
	 * @param side the side
	 * @return the number of bytes
	 */
	long unwritten(Side side);

	/**
	 * Returns how much the socket of a side has taken. Only changes count: the number
	 * need not be exact.
	 * @param side the side
	 * @return the number of bytes since the session opened
	 */
	long taken(Side side);

	/**
	 * Calls {@link Relay#onVerdict} soon, on the thread of the relay: not at once, and
	 * only when no call of any relay on that thread is under way. Safe from any thread;
	 * ignored if that thread has ended.
	 * @param direction the direction in which a verdict has come
	 * @param number tells which verdict it is
	 */
	void signalVerdict(Direction direction, long number);

	/**
	 * Whether calls to the session wait that other threads have made. What a policy has
	 * called on such a thread takes effect before the verdict that it has given there.
	 * @return {@code true} if there are such calls
	 */
	boolean hasWaitingCalls();

	/**
	 * Runs a task soon, on the thread of the relay, once the call that is under way has
	 * returned and what it has written has been flushed.
	 * @param task the task; ignored if that thread has ended
	 */
	void runSoon(Runnable task);

	/**
	 * Returns the time, on a clock that never goes back.
	 * @return nanoseconds since an arbitrary moment
	 */
	long nanoTime();

	/**
	 * Calls {@link Relay#onTimer} after a delay.
	 * @param timer which timer
	 * @param delay the delay
	 */
	void schedule(RelayTimer timer, Duration delay);

	/**
	 * Cancels a timer, if it is set.
	 * @param timer which timer
	 */
	void cancel(RelayTimer timer);

}
