package dev.wspolicy.policies;

import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.github.bucket4j.Bucket;
import io.github.bucket4j.TimeMeter;
import org.jspecify.annotations.Nullable;

import dev.wspolicy.frame.Direction;

/**
 * Allowances in the memory of this gateway: buckets of Bucket4j, those that sessions
 * share in a bounded cache.
 */
final class BucketRateStore implements RateStore {

	private static final int MAX_KEYS = 100_000;

	private static final Duration MIN_KEPT = Duration.ofMinutes(1);

	private final Rates rates;

	private final TimeMeter clock;

	private final Cache<String, Allowance> shared;

	// No two policies of a session share an allowance
	private final Map<Direction, String> attributes = new EnumMap<>(Direction.class);

	BucketRateStore(Rates rates) {
		this(rates, TimeMeter.SYSTEM_NANOTIME);
	}

	BucketRateStore(Rates rates, TimeMeter clock) {
		this.rates = rates;
		String attribute = RateLimit.class.getName() + "." + System.identityHashCode(this) + ".";
		for (Direction direction : Direction.values()) {
			this.attributes.put(direction, attribute + direction);
		}
		this.clock = clock;
		// Who has been away until the bucket is full again may as well get a new one
		Duration kept = (rates.toFill().compareTo(MIN_KEPT) > 0) ? rates.toFill() : MIN_KEPT;
		this.shared = Caffeine.newBuilder().maximumSize(MAX_KEYS).expireAfterAccess(kept).build();
	}

	@Override
	public Answer take(String key, int bytes, Duration maxWait) {
		Allowance known = this.shared.getIfPresent(key);
		return ((known != null) ? known : this.shared.get(key, (name) -> create())).take(bytes, maxWait);
	}

	/**
	 * Take what a message needs from the allowance of one session and direction.
	 * @param attributes the state of the session
	 * @param direction the direction
	 * @param bytes the length of the message
	 * @param maxWait how far ahead of time
	 * @return whether the message may pass
	 */
	Answer takeOwn(Map<String, Object> attributes, Direction direction, int bytes, Duration maxWait) {
		Allowance own = (Allowance) attributes.computeIfAbsent(this.attributes.get(direction), (name) -> create());
		return own.take(bytes, maxWait);
	}

	/**
	 * Let go of what one session was allowed.
	 * @param attributes the state of the session
	 */
	void forget(Map<String, Object> attributes) {
		this.attributes.values().forEach(attributes::remove);
	}

	private Allowance create() {
		return new Allowance(bucket(this.rates.frames(), this.rates.burst()),
				bucket(this.rates.bytes(), this.rates.burstBytes()), this.rates);
	}

	private @Nullable Bucket bucket(long rate, long burst) {
		if (rate == 0) {
			return null;
		}
		return Bucket.builder()
			.addLimit((limit) -> limit.capacity(burst).refillGreedy(rate, this.rates.per()))
			.withCustomTimePrecision(this.clock)
			.build();
	}

	/**
	 * A bucket of messages and one of bytes, either of which may be missing.
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
