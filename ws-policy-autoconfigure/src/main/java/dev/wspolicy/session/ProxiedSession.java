package dev.wspolicy.session;

import java.security.Principal;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;

import org.jspecify.annotations.Nullable;

import dev.wspolicy.frame.CloseStatus;
import dev.wspolicy.frame.Direction;
import dev.wspolicy.frame.Frame;
import dev.wspolicy.frame.FrameType;

/**
 * One proxied WebSocket connection: a leg to the client, a leg to the upstream. All
 * methods are safe from any thread and none of them waits.
 */
public interface ProxiedSession {

	/**
	 * What names this session, here and nowhere else; cannot be guessed.
	 * @return the id
	 */
	String id();

	/**
	 * The request that opened this session.
	 * @return the upgrade context
	 */
	UpgradeContext upgrade();

	/**
	 * The name of the pipeline that serves this session.
	 * @return the name
	 */
	String pipeline();

	/**
	 * Who the client is: the principal of the upgrade request, until a policy has found
	 * out better.
	 * @return the principal, or {@code null} if nobody knows
	 */
	@Nullable Principal principal();

	/**
	 * Say who the client is, after it has proved it to a policy. From now on all who ask
	 * this session hear of the new principal; {@link UpgradeContext#principal()} stays
	 * what it was.
	 * @param principal the principal
	 */
	void principal(Principal principal);

	/**
	 * State that policies keep for this session.
	 * @return a map to read and write, for any thread
	 */
	Map<String, Object> attributes();

	/**
	 * When both legs stood.
	 * @return the time
	 */
	Instant openedAt();

	/**
	 * When a data frame came last, from either side: what {@code idle-timeout} counts
	 * from. Pings and pongs are no activity.
	 * @return the time, maybe a little old; when the session was opened as long as there
	 * was none
	 */
	Instant lastActivityAt();

	/**
	 * What has travelled so far.
	 * @param direction the direction
	 * @return the counts as of now
	 */
	TrafficCounts counts(Direction direction);

	/**
	 * What frames of a type have travelled so far.
	 * @param direction the direction
	 * @param type the type; the fragments of a message that follow the first are
	 * continuations
	 * @return the counts as of now
	 */
	default FrameCounts counts(Direction direction, FrameType type) {
		return new FrameCounts(0, 0);
	}

	/**
	 * How it stands with the heartbeat of a side.
	 * @param side the side
	 * @return the status as of now
	 */
	default HeartbeatStatus heartbeat(Side side) {
		return HeartbeatStatus.OFF;
	}

	/**
	 * What the policies of a direction have answered so far, those of replaced pipelines
	 * included.
	 * @param direction the direction
	 * @return the counts of each policy as of now
	 */
	default List<VerdictCounts> verdicts(Direction direction) {
		return List.of();
	}

	/**
	 * How many bytes on their way to a side the gateway has in memory: those that wait
	 * for a verdict or for the end of their frame or message, and those that the side has
	 * not taken yet.
	 * @param side who is to get them
	 * @return the number as of now, roughly
	 */
	default long buffered(Side side) {
		return 0;
	}

	/**
	 * Whether frames may still pass: neither leg has begun to close.
	 * @return {@code true} until the first close frame, loss or timeout
	 */
	boolean isOpen();

	/**
	 * Send a frame of the gateway's own to one side, past all policies. It is written
	 * between the frames that are relayed, never inside one; a message also waits for the
	 * end of a fragmented one. Nothing happens if the session closes first.
	 * @param side who gets it
	 * @param frame a whole message or a control frame
	 * @throws IllegalArgumentException for a fragment, or a close frame, for which there
	 * is {@link #close(CloseStatus, CloseStatus)}
	 */
	void send(Side side, Frame frame);

	/**
	 * Set how big what comes from now on in a direction may be: from the next frame on,
	 * or at once if called by a policy of that direction.
	 * @param direction the direction
	 * @param limits the limits; {@link SessionLimits#DEFAULT} goes back to those of the
	 * pipeline
	 */
	void limits(Direction direction, SessionLimits limits);

	/**
	 * Run a task on the event loop of this session after a while. It must not block. The
	 * task goes with the session: once that is over, it is forgotten, and what is
	 * scheduled later never runs. An exception is logged and goes no further.
	 * @param delay how long to wait, zero or more
	 * @param task the task
	 * @return what cancels the task
	 * @throws IllegalArgumentException if the delay is negative
	 */
	ScheduledTask schedule(Duration delay, Runnable task);

	/**
	 * Close both legs with the same status.
	 * @param status the status
	 */
	default void close(CloseStatus status) {
		close(status, status);
	}

	/**
	 * Close both legs. Nothing happens if the session is closing already.
	 * @param toClient the status for the client
	 * @param toUpstream the status for the upstream
	 */
	void close(CloseStatus toClient, CloseStatus toUpstream);

	/**
	 * Have a tap told of the frames of this session, from one of the next ones on. Put on
	 * twice, it is told once. It is taken off when the session ends.
	 * @param tap the tap
	 */
	default void tap(FrameTap tap) {
	}

	/**
	 * Have a tap told of no more frames of this session.
	 * @param tap the tap; ignored if it is not on
	 */
	default void untap(FrameTap tap) {
	}

}
