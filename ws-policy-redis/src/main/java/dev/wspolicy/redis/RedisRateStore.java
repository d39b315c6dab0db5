package dev.wspolicy.redis;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;

import io.github.bucket4j.BucketConfiguration;
import io.github.bucket4j.distributed.AsyncBucketProxy;
import io.github.bucket4j.distributed.proxy.AsyncProxyManager;
import io.github.bucket4j.distributed.proxy.optimization.Optimizations;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

import dev.wspolicy.fleet.OnFailure;
import dev.wspolicy.fleet.RateStore;
import dev.wspolicy.fleet.Rates;

/**
 * Keeps allowances as Bucket4j buckets in Redis, which expire once they must be full
 * again. Requests of this gateway for one allowance that arrive while one is under way
 * are sent together.
 */
final class RedisRateStore implements RateStore {

	/** Clients may choose the keys of some scopes. */
	private static final int MAX_KEYS = 100_000;

	private static final Duration MIN_KEPT = Duration.ofMinutes(1);

	private final AsyncProxyManager<String> buckets;

	private final FleetCircuit circuit;

	private final Answer onFailure;

	private final Rates rates;

	private final String prefix;

	private final long keptNanos;

	/**
	 * How long no message waits after a call has failed. Those that have waited behind
	 * that call are decided by then.
	 */
	private final long pauseNanos;

	private final Map<String, Allowance> allowances = new ConcurrentHashMap<>();

	private volatile long sweptAt = System.nanoTime();

	/**
	 * Creates a store.
	 * @param buckets the buckets in Redis
	 * @param circuit asks Redis
	 * @param properties the properties of the fleet
	 * @param name the name of the limit
	 * @param rates the rates of the limit
	 */
	RedisRateStore(AsyncProxyManager<String> buckets, FleetCircuit circuit, FleetProperties properties, String name,
			Rates rates) {
		this.buckets = buckets;
		this.circuit = circuit;
		this.onFailure = (properties.onFailure() == OnFailure.LOCAL) ? Answer.alone() : Answer.refused();
		this.pauseNanos = properties.timeout().toNanos();
		this.rates = rates;
		// Other rates have other buckets, so that they may be changed at run time.
		this.prefix = properties.keyPrefix() + "rate:" + name + ":" + rates.frames() + "-" + rates.burst() + "-"
				+ rates.bytes() + "-" + rates.burstBytes() + "-" + rates.per() + ":";
		this.keptNanos = ((rates.refillTime().compareTo(MIN_KEPT) > 0) ? rates.refillTime() : MIN_KEPT).toNanos();
	}

	@Override
	public Answer take(String key, int bytes, Duration maxWait) {
		Allowance allowance = allowance(key);
		boolean failing = allowance.failing;
		CompletableFuture<Answer> answer = this.circuit.call(() -> allowance.take(bytes, maxWait), (failure) -> {
			allowance.failed();
			return Mono.just(this.onFailure);
		}).toFuture();
		// A message may have waited behind one that Redis has not answered. It does not
		// wait as long once more, but its call shows whether Redis answers now.
		return (failing && this.onFailure == Answer.alone()) ? this.onFailure : Answer.later(answer);
	}

	private Allowance allowance(String key) {
		long now = System.nanoTime();
		sweep(now);
		Allowance allowance = this.allowances.get(key);
		if (allowance == null) {
			allowance = (this.allowances.size() < MAX_KEYS)
					? this.allowances.computeIfAbsent(key, (name) -> new Allowance(name, now))
					: new Allowance(key, now);
		}
		allowance.usedAt = now;
		return allowance;
	}

	/** Forgets what has not been used for so long that its bucket is full again. */
	private void sweep(long now) {
		if (now - this.sweptAt > this.keptNanos) {
			this.sweptAt = now;
			this.allowances.values().removeIf((allowance) -> now - allowance.usedAt > this.keptNanos);
		}
	}

	/** Returns the number of allowances that this gateway remembers. */
	int size() {
		return this.allowances.size();
	}

	private static Answer answer(boolean taken) {
		return taken ? Answer.granted() : Answer.refused();
	}

	/**
	 * A bucket of messages and a bucket of bytes, either of which may be missing.
	 */
	private final class Allowance {

		private final @Nullable AsyncBucketProxy frames;

		private final @Nullable AsyncBucketProxy bytes;

		private final @Nullable TokenLot lot;

		private volatile long usedAt;

		/**
		 * Whether the last call has failed. Of each allowance, since other nodes of a
		 * cluster may answer.
		 */
		private volatile boolean failing;

		private volatile long failedAt;

		Allowance(String key, long usedAt) {
			Rates rates = RedisRateStore.this.rates;
			this.frames = bucket(key + ":messages", rates.frames(), rates.burst());
			this.bytes = bucket(key + ":bytes", rates.bytes(), rates.burstBytes());
			this.lot = (this.frames != null && rates.lot() > 1) ? new TokenLot(this.frames, rates.lot(), rates.burst(),
					(double) rates.frames() / rates.per().toNanos(), System::nanoTime) : null;
			this.usedAt = usedAt;
		}

		private @Nullable AsyncBucketProxy bucket(String key, long rate, long burst) {
			if (rate == 0) {
				return null;
			}
			BucketConfiguration configuration = BucketConfiguration.builder()
				.addLimit((limit) -> limit.capacity(burst).refillGreedy(rate, RedisRateStore.this.rates.per()))
				.build();
			return RedisRateStore.this.buckets.builder()
				.withOptimization(Optimizations.batching())
				.build(RedisRateStore.this.prefix + key, () -> CompletableFuture.completedFuture(configuration));
		}

		Mono<Answer> take(int length, Duration maxWait) {
			Mono<Answer> answer = maxWait.isZero() ? takeNow(length) : takeOrWait(length, maxWait);
			return ((this.lot != null)
					? Mono.fromFuture(this.lot::take)
						.flatMap((taken) -> (taken || maxWait.isZero())
								? Mono.just(taken ? Answer.granted() : Answer.refused()) : answer)
					: answer)
				.doOnNext((known) -> answered());
		}

		void failed() {
			this.failedAt = System.nanoTime();
			this.failing = true;
		}

		private void answered() {
			if (this.failing && System.nanoTime() - this.failedAt >= RedisRateStore.this.pauseNanos) {
				this.failing = false;
			}
		}

		private Mono<Answer> takeNow(int length) {
			AsyncBucketProxy bytes = this.bytes;
			Mono<Boolean> first = take(this.frames, 1);
			if (bytes == null || length == 0) {
				return first.map(RedisRateStore::answer);
			}
			return first.flatMap((taken) -> taken ? take(bytes, length).flatMap(this::refundUnless) : Mono.just(false))
				.map(RedisRateStore::answer);
		}

		private static Mono<Boolean> take(@Nullable AsyncBucketProxy bucket, long tokens) {
			return (bucket != null) ? Mono.fromFuture(() -> bucket.tryConsume(tokens)) : Mono.just(true);
		}

		/** Gives the message back if there are not enough bytes for it. */
		private Mono<Boolean> refundUnless(boolean taken) {
			AsyncBucketProxy frames = this.frames;
			return (taken || frames == null) ? Mono.just(taken)
					: Mono.fromFuture(() -> frames.addTokens(1)).thenReturn(false);
		}

		private Mono<Answer> takeOrWait(int length, Duration maxWait) {
			Rates rates = RedisRateStore.this.rates;
			Mono<Long> messages = take(this.frames, 1, rates.frames(), maxWait.toNanos());
			Mono<Long> bytes = (length > 0) ? take(this.bytes, length, rates.bytes(), maxWait.toNanos())
					: Mono.just(0L);
			return messages.zipWith(bytes, Math::max)
				.map((wait) -> (wait > 0) ? Answer.after(Duration.ofNanos(wait)) : Answer.granted());
		}

		/** Takes tokens, and returns the tokens of a debt that is too high. */
		private Mono<Long> take(@Nullable AsyncBucketProxy bucket, long tokens, long rate, long maxWait) {
			if (bucket == null) {
				return Mono.just(0L);
			}
			return Mono.fromFuture(() -> bucket.consumeIgnoringRateLimits(tokens)).flatMap((wait) -> {
				if (wait <= maxWait) {
					return Mono.just(wait);
				}
				double owed = (double) (wait - maxWait) * rate / RedisRateStore.this.rates.per().toNanos();
				long back = Math.max(1, Math.min(tokens, (long) Math.ceil(owed)));
				return Mono.fromFuture(() -> bucket.addTokens(back)).thenReturn(maxWait);
			});
		}

	}

}
