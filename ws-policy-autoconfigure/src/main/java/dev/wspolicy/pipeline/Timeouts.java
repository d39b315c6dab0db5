package dev.wspolicy.pipeline;

import java.time.Duration;

/**
 * How long a session waits. Those that may be switched off are off at zero.
 *
 * @param handshake for the upstream's answer to the upgrade
 * @param close for the end of the closing handshake, before sockets are closed without it
 * @param verdict for a verdict that a policy gives later
 * @param frame for the next byte of a frame that has begun
 * @param slowConsumer for a peer that does not read what is sent to it; zero for ever
 * @param idle for the next message in either direction; zero for ever
 * @param maxDuration from the opening of the session to its end; zero for ever
 * @param heartbeat how peers that say nothing are asked whether they live
 */
public record Timeouts(Duration handshake, Duration close, Duration verdict, Duration frame, Duration slowConsumer,
		Duration idle, Duration maxDuration, Heartbeat heartbeat) {

	/**
	 * The most that any of them may be: sessions count in nanoseconds, which end after
	 * 292 years.
	 */
	public static final Duration LONGEST = Duration.ofDays(36_500);

	/**
	 * What applies if nothing is configured.
	 */
	public static final Timeouts DEFAULT = new Timeouts(Duration.ofSeconds(10), Duration.ofSeconds(5),
			Duration.ofSeconds(10), Duration.ofSeconds(30), Duration.ofSeconds(60), Duration.ZERO, Duration.ZERO,
			Heartbeat.OFF);

	public Timeouts {
		requirePositive("handshake", handshake);
		requirePositive("close", close);
		requirePositive("verdict", verdict);
		requirePositive("frame", frame);
		requireWithinRange("slowConsumer", slowConsumer);
		requireWithinRange("idle", idle);
		requireWithinRange("maxDuration", maxDuration);
	}

	private static void requirePositive(String name, Duration duration) {
		requireWithinRange(name, duration);
		if (duration.isZero()) {
			throw new IllegalArgumentException(name + ": " + duration + " (expected: more than 0)");
		}
	}

	private static void requireWithinRange(String name, Duration duration) {
		if (duration.isNegative()) {
			throw new IllegalArgumentException(name + ": " + duration + " (expected: 0 or more)");
		}
		if (duration.compareTo(LONGEST) > 0) {
			throw new IllegalArgumentException(name + ": " + duration + " (expected: " + LONGEST + " at most)");
		}
	}

	/**
	 * How a peer is asked whether it lives: with a ping, after silence only.
	 *
	 * @param interval how long a peer may be silent before it is asked; zero for ever
	 * @param timeout how long it may stay silent after that
	 */
	public record Heartbeat(Duration interval, Duration timeout) {

		/**
		 * No peer is ever asked.
		 */
		public static final Heartbeat OFF = new Heartbeat(Duration.ZERO, Duration.ofSeconds(30));

		public Heartbeat {
			requireWithinRange("interval", interval);
			requirePositive("timeout", timeout);
		}

		/**
		 * Whether peers are asked at all.
		 * @return {@code true} if there is an interval
		 */
		public boolean isOn() {
			return !this.interval.isZero();
		}

	}

}
