package dev.wspolicy.session;

import java.security.Principal;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.function.LongSupplier;

import org.jspecify.annotations.Nullable;

import dev.wspolicy.frame.CloseStatus;
import dev.wspolicy.frame.Direction;
import dev.wspolicy.frame.Frame;
import dev.wspolicy.frame.FrameType;

/**
 * A proxied WebSocket connection, with a leg to the client and a leg to the upstream. All
 * methods are safe from any thread, and none of them waits.
 */
public interface ProxiedSession {

	/**
	 * Returns the id of this session.
	 * @return a unique id that cannot be guessed
	 */
	String id();

	/**
	 * Returns the request that opened this session.
	 * @return the upgrade context
	 */
	UpgradeContext upgrade();

	/**
	 * Returns the name of the pipeline that serves this session.
	 * @return the name
	 */
	String pipeline();

	/**
	 * Returns the principal of the client: that of the upgrade request, until a policy
	 * sets another one.
	 * @return the principal, or {@code null} if the client has not been authenticated
	 */
	@Nullable Principal principal();

	/**
	 * Sets the principal of the client, after a policy has authenticated it. Does not
	 * change {@link UpgradeContext#principal()}.
	 * @param principal the principal
	 */
	void principal(Principal principal);

	/**
	 * Returns the state that policies keep for this session. All policies share it.
	 * @return a mutable concurrent map; it takes no {@code null}
	 */
	Map<String, Object> attributes();

	/**
	 * Returns when this session opened: both legs were connected.
	 * @return the time
	 */
	Instant openedAt();

	/**
	 * Returns when the last data frame arrived from either side, from which
	 * {@code idle-timeout} counts. Pings and pongs do not count as activity.
	 * @return the time, which may be slightly out of date; {@link #openedAt()} if no data
	 * frame has arrived
	 */
	Instant lastActivityAt();

	/**
	 * Returns the traffic in a direction so far.
	 * @param direction the direction
	 * @return the current counts
	 */
	TrafficCounts counts(Direction direction);

	/**
	 * Returns the frames of a type in a direction so far.
	 * @param direction the direction
	 * @param type the type; all fragments of a message but the first are continuations
	 * @return the current counts
	 */
	default FrameCounts counts(Direction direction, FrameType type) {
		return new FrameCounts(0, 0);
	}

	/**
	 * Returns the status of the heartbeat of a side.
	 * @param side the side
	 * @return the current status
	 */
	default HeartbeatStatus heartbeat(Side side) {
		return HeartbeatStatus.OFF;
	}

	/**
	 * Returns the verdicts of the policies of a direction so far, including policies of
	 * replaced pipelines.
	 * @param direction the direction
	 * @return the current counts of each policy
	 */
	default List<VerdictCounts> verdicts(Direction direction) {
		return List.of();
	}

	/**
	 * Returns what the policies whose verdicts are observed would have done to this
	 * session so far. Frames that they would have forwarded are not counted here.
	 * @return the current counts of each policy and direction, with the last verdict
	 */
	default List<ObservedCounts> observedVerdicts() {
		return List.of();
	}

	/**
	 * Returns how many bytes on their way to a side the gateway holds in memory: those
	 * that wait for a verdict or for the end of their frame or message, and those that
	 * have not been written to the socket yet.
	 * @param side the side that receives them
	 * @return the approximate current number of bytes
	 */
	default long buffered(Side side) {
		return 0;
	}

	/**
	 * Whether frames are still relayed: neither leg has begun to close.
	 * @return {@code true} until the first close frame, loss or timeout
	 */
	boolean isOpen();

	/**
	 * Sends a frame of the application to one side. No policy is shown it. It is written
	 * between relayed frames, never inside one; a message also waits for the end of a
	 * fragmented message. Does nothing if the session closes first.
	 * @param side the side that receives it
	 * @param frame a whole message, a ping or a pong
	 * @throws IllegalArgumentException if the frame is a fragment, or a close frame, for
	 * which there is {@link #close(CloseStatus, CloseStatus)}
	 */
	void send(Side side, Frame frame);

	/**
	 * Overrides the limits of the pipeline for a direction of this session. Applies from
	 * the next frame on, or at once if called by a policy of that direction.
	 * @param direction the direction
	 * @param limits the limits; {@link LimitOverrides#NONE} restores those of the
	 * pipeline
	 */
	void limits(Direction direction, LimitOverrides limits);

	/**
	 * Runs a task on the event loop of this session after a delay. The task must not
	 * block. When the session ends, its tasks are cancelled; tasks that are scheduled
	 * after that never run. An exception is logged, and the session goes on.
	 * @param delay the delay, zero or more
	 * @param task the task
	 * @return a handle to cancel the task
	 * @throws IllegalArgumentException if the delay is negative
	 */
	ScheduledTask schedule(Duration delay, Runnable task);

	/**
	 * Returns the clock that {@link #schedule} and the timeouts of this session follow.
	 * Policies that measure time by it can be tested and replayed on a virtual clock. It
	 * does not refer to this session and can be kept.
	 * @return returns the time in nanoseconds since an arbitrary point
	 */
	default LongSupplier clock() {
		return System::nanoTime;
	}

	/**
	 * Closes both legs with the same status. Does nothing if the session is closing
	 * already.
	 * @param status the status
	 * @throws IllegalArgumentException if a close frame may not carry the status
	 */
	default void close(CloseStatus status) {
		close(status, status);
	}

	/**
	 * Closes both legs. Does nothing if the session is closing already.
	 * @param toClient the status for the client
	 * @param toUpstream the status for the upstream
	 * @throws IllegalArgumentException if a close frame may not carry one of them
	 */
	void close(CloseStatus toClient, CloseStatus toUpstream);

	/**
	 * Closes both legs on behalf of a policy that does so outside of a verdict, for
	 * example when its timer fires. The log, the event, the meters and the endpoint then
	 * name the policy. Does nothing if the session is closing already.
	 * @param toClient the status for the client
	 * @param toUpstream the status for the upstream
	 * @param policy the name of the policy's bean or factory; ignored if no policy of
	 * this session has that name
	 */
	default void close(CloseStatus toClient, CloseStatus toUpstream, String policy) {
		close(toClient, toUpstream);
	}

	/**
	 * Attaches a tap, which observes the frames of this session from one of the next ones
	 * on. Does nothing if it is attached already. It is detached when the session ends.
	 * @param tap the tap
	 */
	default void tap(FrameTap tap) {
	}

	/**
	 * Detaches a tap. Does nothing if it is not attached.
	 * @param tap the tap
	 */
	default void untap(FrameTap tap) {
	}

}
