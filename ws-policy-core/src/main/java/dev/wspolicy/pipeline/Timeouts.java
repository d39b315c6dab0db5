package dev.wspolicy.pipeline;

import java.time.Duration;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;

/**
 * How long a session waits. For those that can be switched off, zero means for ever.
 *
 * @param handshake for the upstream's answer to the upgrade
 * @param close for the end of the closing handshake, before the sockets are closed
 * without it
 * @param verdict for a verdict that a policy gives later
 * @param frame for the next byte of a frame that has begun
 * @param slowConsumer for a peer that does not read what is sent to it, and for the
 * verdicts on what a lost peer has sent; zero for ever
 * @param idle for the next message in either direction; zero for ever
 * @param maxDuration from the opening of the session to its end; zero for ever
 * @param maxDurationJitter how much earlier than that a session may end, at random, so
 * that those that have opened together do not end together; shorter than
 * {@code maxDuration}, and of no effect if that is zero
 * @param heartbeat when a silent peer is pinged, and how long it has to answer
 */
public record Timeouts(Duration handshake, Duration close, Duration verdict, Duration frame, Duration slowConsumer,
		Duration idle, Duration maxDuration, Duration maxDurationJitter, Heartbeat heartbeat) {

	/**
	 * The longest timeout allowed. Sessions count in nanoseconds, which overflow after
	 * 292 years.
	 */
	public static final Duration LONGEST = Range.LONGEST;

	/**
	 * The timeouts that apply if nothing is configured.
	 */
	public static final Timeouts DEFAULT = builder().build();

	public Timeouts {
		Range.requirePositive("handshake", handshake);
		Range.requirePositive("close", close);
		Range.requirePositive("verdict", verdict);
		Range.requirePositive("frame", frame);
		Range.require("slowConsumer", slowConsumer);
		Range.require("idle", idle);
		Range.require("maxDuration", maxDuration);
		Range.require("maxDurationJitter", maxDurationJitter);
		if (!maxDuration.isZero() && maxDurationJitter.compareTo(maxDuration) >= 0) {
			throw new IllegalArgumentException(
					"maxDurationJitter: " + maxDurationJitter + " (expected: < " + maxDuration + ")");
		}
	}

	/**
	 * Draws how long one session may last: the maximum duration, less a random part of
	 * the jitter.
	 * @return the time from its opening to its end; zero for ever
	 */
	public Duration drawDuration() {
		if (this.maxDuration.isZero() || this.maxDurationJitter.isZero()) {
			return this.maxDuration;
		}
		return this.maxDuration.minusNanos(ThreadLocalRandom.current().nextLong(this.maxDurationJitter.toNanos() + 1));
	}

	/**
	 * Returns the timeouts that are on, for those who show them.
	 * @return each by its name, in the order of declaration
	 */
	public Map<String, Duration> toMap() {
		Map<String, Duration> map = new LinkedHashMap<>();
		map.put("handshake", this.handshake);
		map.put("close", this.close);
		map.put("verdict", this.verdict);
		map.put("frame", this.frame);
		map.put("slowConsumer", this.slowConsumer);
		map.put("idle", this.idle);
		map.put("maxDuration", this.maxDuration);
		map.put("maxDurationJitter", this.maxDurationJitter);
		map.put("heartbeatInterval", this.heartbeat.interval());
		map.put("heartbeatTimeout", this.heartbeat.isOn() ? this.heartbeat.timeout() : Duration.ZERO);
		map.values().removeIf(Duration::isZero);
		return Collections.unmodifiableMap(map);
	}

	/**
	 * Returns a builder that starts with the default timeouts.
	 * @return a new builder
	 */
	public static Builder builder() {
		return new Builder();
	}

	/**
	 * When a peer is pinged: only after it has been silent.
	 *
	 * @param interval how long a peer may be silent before it is pinged; zero for ever
	 * @param timeout how long it may stay silent after the ping
	 */
	public record Heartbeat(Duration interval, Duration timeout) {

		/**
		 * No peer is ever pinged.
		 */
		public static final Heartbeat OFF = new Heartbeat(Duration.ZERO, Duration.ofSeconds(30));

		public Heartbeat {
			Range.require("interval", interval);
			Range.requirePositive("timeout", timeout);
		}

		/**
		 * Whether peers are pinged at all.
		 * @return {@code true} if there is an interval
		 */
		public boolean isOn() {
			return !this.interval.isZero();
		}

	}

	/**
	 * Builds timeouts. What is not set has its default.
	 */
	public static final class Builder {

		private Duration handshake = Duration.ofSeconds(10);

		private Duration close = Duration.ofSeconds(5);

		private Duration verdict = Duration.ofSeconds(10);

		private Duration frame = Duration.ofSeconds(30);

		private Duration slowConsumer = Duration.ofSeconds(60);

		private Duration idle = Duration.ZERO;

		private Duration maxDuration = Duration.ZERO;

		private Duration maxDurationJitter = Duration.ZERO;

		private Heartbeat heartbeat = Heartbeat.OFF;

		private Builder() {
		}

		/**
		 * Sets how long to wait for the upstream's answer to the upgrade.
		 * @param handshake the timeout, more than zero
		 * @return this builder
		 */
		public Builder handshake(Duration handshake) {
			this.handshake = handshake;
			return this;
		}

		/**
		 * Sets how long to wait for the end of the closing handshake.
		 * @param close the timeout, more than zero
		 * @return this builder
		 */
		public Builder close(Duration close) {
			this.close = close;
			return this;
		}

		/**
		 * Sets how long to wait for a verdict that a policy gives later.
		 * @param verdict the timeout, more than zero
		 * @return this builder
		 */
		public Builder verdict(Duration verdict) {
			this.verdict = verdict;
			return this;
		}

		/**
		 * Sets how long to wait for the next byte of a frame that has begun.
		 * @param frame the timeout, more than zero
		 * @return this builder
		 */
		public Builder frame(Duration frame) {
			this.frame = frame;
			return this;
		}

		/**
		 * Sets how long to wait for a peer that does not read what is sent to it, and for
		 * the verdicts on what a lost peer has sent.
		 * @param slowConsumer the timeout; zero for ever
		 * @return this builder
		 */
		public Builder slowConsumer(Duration slowConsumer) {
			this.slowConsumer = slowConsumer;
			return this;
		}

		/**
		 * Sets how long to wait for the next message in either direction.
		 * @param idle the timeout; zero for ever
		 * @return this builder
		 */
		public Builder idle(Duration idle) {
			this.idle = idle;
			return this;
		}

		/**
		 * Sets how long a session may last.
		 * @param maxDuration the timeout; zero for ever
		 * @return this builder
		 */
		public Builder maxDuration(Duration maxDuration) {
			this.maxDuration = maxDuration;
			return this;
		}

		/**
		 * Sets how much earlier a session may end than it could last.
		 * @param maxDurationJitter the longest time; zero for none
		 * @return this builder
		 */
		public Builder maxDurationJitter(Duration maxDurationJitter) {
			this.maxDurationJitter = maxDurationJitter;
			return this;
		}

		/**
		 * Sets when a silent peer is pinged.
		 * @param heartbeat the heartbeat
		 * @return this builder
		 */
		public Builder heartbeat(Heartbeat heartbeat) {
			this.heartbeat = heartbeat;
			return this;
		}

		/**
		 * Builds the timeouts.
		 * @return the timeouts
		 * @throws IllegalArgumentException if one is negative or longer than
		 * {@link #LONGEST}, or zero where that does not switch it off, or if the jitter
		 * is not shorter than the maximum duration
		 */
		public Timeouts build() {
			return new Timeouts(this.handshake, this.close, this.verdict, this.frame, this.slowConsumer, this.idle,
					this.maxDuration, this.maxDurationJitter, this.heartbeat);
		}

	}

	/**
	 * Checks durations. A class of its own, so that {@link Heartbeat} and
	 * {@link Timeouts} do not wait for each other to be initialized.
	 */
	private static final class Range {

		static final Duration LONGEST = Duration.ofDays(36_500);

		private Range() {
		}

		static void requirePositive(String name, Duration duration) {
			require(name, duration);
			if (duration.isZero()) {
				throw new IllegalArgumentException(name + ": " + duration + " (expected: more than 0)");
			}
		}

		static void require(String name, Duration duration) {
			if (duration.isNegative()) {
				throw new IllegalArgumentException(name + ": " + duration + " (expected: 0 or more)");
			}
			if (duration.compareTo(LONGEST) > 0) {
				throw new IllegalArgumentException(name + ": " + duration + " (expected: " + LONGEST + " at most)");
			}
		}

	}

}
