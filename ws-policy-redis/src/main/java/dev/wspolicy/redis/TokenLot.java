package dev.wspolicy.redis;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.LongSupplier;

import io.github.bucket4j.distributed.AsyncBucketProxy;

/**
 * Takes tokens from a shared bucket in lots, one for each message that waits and some
 * ahead, which it grants without asking.
 * <p>
 * What is taken ahead must not add to what the full bucket grants at once. While the
 * bucket cannot be more than half full, the other half covers what all gateways together
 * have taken ahead. After that the lot shrinks at the speed of the refill: it may be used
 * only for as long as the bucket cannot have refilled what was taken. What is left then
 * is lost, but there are tokens enough. Safe from any thread, and never blocks.
 */
final class TokenLot {

	private final AsyncBucketProxy bucket;

	private final long lot;

	private final long burst;

	/** The tokens that the bucket gets in a nanosecond. */
	private final double speed;

	private final LongSupplier nanoTime;

	/** Those that wait for the next lot. */
	private final Deque<CompletableFuture<Boolean>> waiting = new ArrayDeque<>();

	private boolean asking;

	/** The tokens of the current lot. */
	private long size;

	/** How many of them have been granted or may not be used any more. */
	private long spent;

	/** The tokens that the bucket had then. */
	private long remaining;

	/** When the current lot was asked for. */
	private long askedAt;

	TokenLot(AsyncBucketProxy bucket, long lot, long burst, double speed, LongSupplier nanoTime) {
		this.bucket = bucket;
		this.lot = lot;
		this.burst = burst;
		this.speed = speed;
		this.nanoTime = nanoTime;
	}

	/**
	 * Takes a token.
	 * @return completed with whether there is one, or with a failure of Redis
	 */
	CompletableFuture<Boolean> take() {
		CompletableFuture<Boolean> taken;
		synchronized (this) {
			if (this.waiting.isEmpty() && use()) {
				return CompletableFuture.completedFuture(true);
			}
			taken = new CompletableFuture<>();
			this.waiting.add(taken);
		}
		ask();
		return taken;
	}

	private boolean use() {
		long refilled = (long) Math.ceil((this.nanoTime.getAsLong() - this.askedAt) * this.speed);
		if (this.remaining + refilled > this.burst / 2) {
			this.spent = Math.max(this.spent, refilled);
		}
		if (this.spent >= this.size) {
			return false;
		}
		this.spent++;
		return true;
	}

	private void ask() {
		long wanted;
		long now;
		synchronized (this) {
			if (this.asking || this.waiting.isEmpty()) {
				return;
			}
			this.asking = true;
			wanted = this.waiting.size() + this.lot - 1;
			now = this.nanoTime.getAsLong();
		}
		this.bucket.tryConsumeAndReturnRemaining(wanted).whenComplete((probe, failure) -> {
			if (failure != null) {
				failed(failure);
			}
			else if (probe.isConsumed()) {
				answered(wanted, probe.getRemainingTokens(), now);
			}
			else if (probe.getRemainingTokens() == 0) {
				answered(0, 0, now);
			}
			else {
				askForTheLast(wanted);
			}
		});
	}

	private void askForTheLast(long wanted) {
		long now = this.nanoTime.getAsLong();
		this.bucket.tryConsumeAsMuchAsPossible(wanted).whenComplete((taken, failure) -> {
			if (failure != null) {
				failed(failure);
			}
			else {
				answered(taken, (taken < wanted) ? 0 : this.burst, now);
			}
		});
	}

	/**
	 * A lot has arrived.
	 * @param size its size
	 * @param remaining the most that the bucket has left
	 * @param askedAt when it was asked for
	 */
	private void answered(long size, long remaining, long askedAt) {
		List<CompletableFuture<Boolean>> lucky = new ArrayList<>();
		List<CompletableFuture<Boolean>> others = new ArrayList<>();
		synchronized (this) {
			this.asking = false;
			this.size = size;
			this.spent = 0;
			this.remaining = remaining;
			this.askedAt = askedAt;
			// Those that have given up take no token.
			this.waiting.removeIf(CompletableFuture::isDone);
			// Even if the answer was slow: nobody else can have got these tokens.
			while (!this.waiting.isEmpty() && this.spent < this.size) {
				this.spent++;
				lucky.add(this.waiting.remove());
			}
			if (remaining == 0) {
				others.addAll(this.waiting);
				this.waiting.clear();
			}
		}
		lucky.forEach((each) -> each.complete(true));
		others.forEach((each) -> each.complete(false));
		ask();
	}

	private void failed(Throwable failure) {
		List<CompletableFuture<Boolean>> all;
		synchronized (this) {
			this.asking = false;
			all = List.copyOf(this.waiting);
			this.waiting.clear();
		}
		all.forEach((each) -> each.completeExceptionally(failure));
	}

}
