package dev.wspolicy.pipeline;

import java.time.Duration;

/**
 * How long a session waits.
 *
 * @param handshake for the upstream's answer to the upgrade
 * @param close for the end of the closing handshake, before sockets are closed without it
 * @param verdict for a verdict that a policy gives later
 * @param frame for the next byte of a frame that has begun
 */
public record Timeouts(Duration handshake, Duration close, Duration verdict, Duration frame) {

	/**
	 * What applies if nothing is configured.
	 */
	public static final Timeouts DEFAULT = new Timeouts(Duration.ofSeconds(10), Duration.ofSeconds(5),
			Duration.ofSeconds(10), Duration.ofSeconds(30));

	public Timeouts {
		if (!isPositive(handshake) || !isPositive(close) || !isPositive(verdict) || !isPositive(frame)) {
			throw new IllegalArgumentException("timeouts: " + handshake + ", " + close + ", " + verdict + ", " + frame
					+ " (expected: each more than 0)");
		}
	}

	private static boolean isPositive(Duration duration) {
		return !duration.isNegative() && !duration.isZero();
	}

}
