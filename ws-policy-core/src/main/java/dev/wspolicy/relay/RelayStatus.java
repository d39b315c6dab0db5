package dev.wspolicy.relay;

import java.util.List;
import java.util.OptionalLong;

import dev.wspolicy.frame.Direction;
import dev.wspolicy.frame.FrameType;
import dev.wspolicy.session.FrameCounts;
import dev.wspolicy.session.Side;
import dev.wspolicy.session.TrafficCounts;
import dev.wspolicy.session.VerdictCounts;

/**
 * What can be read of a relay from any thread. All values may be a little old.
 */
public final class RelayStatus {

	private final SessionWatchdog watchdog;

	private final Leg client;

	private final DirectionRelay inbound;

	private final Leg upstream;

	private final DirectionRelay outbound;

	RelayStatus(SessionWatchdog watchdog, Leg client, DirectionRelay inbound, Leg upstream, DirectionRelay outbound) {
		this.watchdog = watchdog;
		this.client = client;
		this.inbound = inbound;
		this.upstream = upstream;
		this.outbound = outbound;
	}

	/**
	 * Returns when a data frame came last.
	 * @return the time on the clock of {@link RelayOutput#nanoTime()}; that of the start
	 * if there was none
	 */
	public long lastData() {
		return this.watchdog.lastData();
	}

	/**
	 * Returns how many bytes of inserted frames wait for the end of another frame or
	 * message.
	 * @param side who is to get them
	 * @return the number of bytes
	 */
	public long waiting(Side side) {
		return ((side == Side.CLIENT) ? this.client : this.upstream).waitingBytes();
	}

	/**
	 * Returns what has travelled in a direction.
	 * @param direction the direction
	 * @return the counts
	 */
	public TrafficCounts counts(Direction direction) {
		return direction(direction).sequence().counts();
	}

	/**
	 * Returns what frames of a type have travelled in a direction.
	 * @param direction the direction
	 * @param type the type
	 * @return the counts
	 */
	public FrameCounts counts(Direction direction, FrameType type) {
		return direction(direction).sequence().counts(type);
	}

	/**
	 * Returns what the policies of a direction have answered.
	 * @param direction the direction
	 * @return the counts of each policy
	 */
	public List<VerdictCounts> verdicts(Direction direction) {
		return direction(direction).verdicts();
	}

	/**
	 * Whether a side is pinged when it is silent.
	 * @param side the side
	 * @return {@code true} if so
	 */
	public boolean hasHeartbeat(Side side) {
		return this.watchdog.hasHeartbeat(side);
	}

	/**
	 * Returns since when a sign of life is awaited from a side.
	 * @param side the side
	 * @return when it was pinged first, on the clock of {@link RelayOutput#nanoTime()};
	 * empty if it was not, or has been heard of since
	 */
	public OptionalLong pingedAt(Side side) {
		return this.watchdog.pingedAt(side);
	}

	private DirectionRelay direction(Direction direction) {
		return (direction == Direction.INBOUND) ? this.inbound : this.outbound;
	}

}
