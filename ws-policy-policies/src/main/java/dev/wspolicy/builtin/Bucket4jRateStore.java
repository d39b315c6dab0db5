package dev.wspolicy.builtin;

import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;
import java.util.function.LongSupplier;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.github.bucket4j.Bucket;
import io.github.bucket4j.TimeMeter;
import org.jspecify.annotations.Nullable;

import dev.wspolicy.fleet.RateStore;
import dev.wspolicy.fleet.Rates;
import dev.wspolicy.frame.Direction;
import dev.wspolicy.session.ProxiedSession;

/**
 * Keeps allowances in the memory of this gateway as Bucket4j buckets. A bounded cache
 * holds the allowances that sessions share.
 */
final class Bucket4jRateStore implements RateStore {

	private static final int MAX_KEYS = 100_000;

	private static final Duration MIN_KEPT = Duration.ofMinutes(1);

	private final Rates rates;

	/** The clock of all allowances, or {@code null} for those of the sessions. */
	private final @Nullable TimeMeter clock;

	private final Cache<String, Allowance> shared;

	// By store, since policies of a session do not share allowances
	private final Map<Direction, String> attributes = new EnumMap<>(Direction.class);

	Bucket4jRateStore(Rates rates) {
		this(rates, null);
	}

	Bucket4jRateStore(Rates rates, @Nullable TimeMeter clock) {
		this.rates = rates;
		String attribute = RateLimitPolicy.class.getName() + "." + System.identityHashCode(this) + ".";
		for (Direction direction : Direction.values()) {
			this.attributes.put(direction, attribute + direction);
		}
		this.clock = clock;
		// A full bucket is the same as a new one
		Duration kept = (rates.refillTime().compareTo(MIN_KEPT) > 0) ? rates.refillTime() : MIN_KEPT;
		this.shared = Caffeine.newBuilder().maximumSize(MAX_KEYS).expireAfterAccess(kept).build();
	}

	@Override
	public Answer take(String key, int bytes, Duration maxWait) {
		return take(key, bytes, maxWait, System::nanoTime);
	}

	/**
	 * Takes what a message consumes from an allowance.
	 * @param clock the clock of the session, which a new allowance follows
	 */
	Answer take(String key, int bytes, Duration maxWait, LongSupplier clock) {
		Allowance known = this.shared.getIfPresent(key);
		return ((known != null) ? known : this.shared.get(key, (name) -> create(clock))).take(bytes, maxWait);
	}

	/**
	 * Takes what a message consumes from the allowance of one session and direction.
	 * @param session the session
	 * @param direction the direction
	 * @param bytes the length of the message
	 * @param maxWait how long the message may be delayed; zero to take only what is
	 * available
	 * @return whether and when to forward the message
	 */
	Answer takeForSession(ProxiedSession session, Direction direction, int bytes, Duration maxWait) {
		Allowance own = (Allowance) session.attributes()
			.computeIfAbsent(this.attributes.get(direction), (name) -> create(session.clock()));
		return own.take(bytes, maxWait);
	}

	/**
	 * Removes the allowances of one session.
	 * @param attributes the attributes of the session
	 */
	void removeFrom(Map<String, Object> attributes) {
		this.attributes.values().forEach(attributes::remove);
	}

	private Allowance create(LongSupplier session) {
		TimeMeter clock = (this.clock != null) ? this.clock : new SessionClock(session);
		return new Allowance(bucket(this.rates.frames(), this.rates.burst(), clock),
				bucket(this.rates.bytes(), this.rates.burstBytes(), clock), this.rates);
	}

	private @Nullable Bucket bucket(long rate, long burst, TimeMeter clock) {
		if (rate == 0) {
			return null;
		}
		return Bucket.builder()
			.addLimit((limit) -> limit.capacity(burst).refillGreedy(rate, this.rates.per()))
			.withCustomTimePrecision(clock)
			.build();
	}

	/**
	 * The clock of a session as buckets read it.
	 *
	 * @param clock the clock
	 */
	private record SessionClock(LongSupplier clock) implements TimeMeter {

		@Override
		public long currentTimeNanos() {
			return this.clock.getAsLong();
		}

		@Override
		public boolean isWallClockBased() {
			return false;
		}

	}

	/**
	 * A bucket of messages and a bucket of bytes, either of which may be missing.
	 */
	private record Allowance(@Nullable Bucket frames, @Nullable Bucket bytes, Rates rates) {

		Answer take(int length, Duration maxWait) {
			if (maxWait.isZero()) {
				return tryTake(length) ? Answer.granted() : Answer.refused();
			}
			long wait = 0;
			if (this.frames != null) {
				wait = take(this.frames, 1, this.rates.frames(), maxWait.toNanos());
			}
			if (this.bytes != null && length > 0) {
				wait = Math.max(wait, take(this.bytes, length, this.rates.bytes(), maxWait.toNanos()));
			}
			return (wait > 0) ? Answer.after(Duration.ofNanos(wait)) : Answer.granted();
		}

		private boolean tryTake(int length) {
			if (this.frames != null && !this.frames.tryConsume(1)) {
				return false;
			}
			if (this.bytes != null && length > 0 && !this.bytes.tryConsume(length)) {
				if (this.frames != null) {
					this.frames.addTokens(1);
				}
				return false;
			}
			return true;
		}

		private long take(Bucket bucket, long tokens, long rate, long maxWait) {
			long wait = bucket.consumeIgnoringRateLimits(tokens);
			if (wait <= maxWait) {
				return wait;
			}
			double owed = (double) (wait - maxWait) * rate / this.rates.per().toNanos();
			bucket.addTokens(Math.max(1, Math.min(tokens, (long) Math.ceil(owed))));
			return maxWait;
		}

	}

}
