package dev.wspolicy.redis;

import java.security.Principal;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;

import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.springframework.data.domain.Range;
import org.springframework.data.redis.connection.Limit;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

import dev.wspolicy.fleet.FleetCommand;
import dev.wspolicy.fleet.FleetCommands;
import dev.wspolicy.fleet.FleetOutcome;
import dev.wspolicy.fleet.Revocation;
import dev.wspolicy.fleet.RevocationList;
import dev.wspolicy.fleet.Revocations;

/**
 * Keeps revocations in Redis, so that gateways that start later know them, too. Each
 * gateway keeps all of them in memory, and writes them again if Redis has lost them.
 */
final class RedisRevocations implements Revocations {

	private static final int BATCH = 500;

	/** Revocations that end this soon need not be known to Redis. */
	private static final Duration ENDING = Duration.ofMinutes(1);

	private static final Log logger = LogFactory.getLog(RedisRevocations.class);

	private final RevocationList list;

	private final FleetCommands commands;

	private final FleetStore store;

	private final String key;

	/** The revocations that the other gateways may not have been told. */
	private final Queue<Revocation> unsent = new ConcurrentLinkedQueue<>();

	/** Whether this list and that in Redis may differ. */
	private final AtomicBoolean different = new AtomicBoolean(true);

	private final AtomicBoolean synchronizing = new AtomicBoolean();

	RedisRevocations(RevocationList list, FleetCommands commands, FleetStore store) {
		this.list = list;
		this.commands = commands;
		this.store = store;
		this.key = store.keys().revocations();
	}

	@Override
	public Mono<FleetOutcome> revoke(Revocation revocation) {
		// Written before it is sent, so that a gateway that starts reads it or is told
		return write(List.of(revocation)).thenReturn(true)
			.onErrorReturn(false)
			.flatMap((written) -> this.commands.send(new FleetCommand.Revoke(revocation)).doOnNext((outcome) -> {
				if (!written || !this.store.isAvailable() || isUnheard(outcome)) {
					unsent(revocation);
				}
			}))
			.subscribeOn(Schedulers.boundedElastic());
	}

	private void unsent(Revocation revocation) {
		this.unsent.add(revocation);
		this.different.set(true);
	}

	/** Whether no other gateway has answered, as if Redis got the command too late. */
	private static boolean isUnheard(FleetOutcome outcome) {
		return outcome.answers().size() < 2 && !outcome.reach().isComplete();
	}

	private Mono<Void> write(List<Revocation> revocations) {
		List<String> arguments = new ArrayList<>();
		for (Revocation revocation : revocations) {
			arguments.add(Long.toString(revocation.until().toEpochMilli()));
			arguments.add(FleetCodec.write(revocation));
		}
		return this.store.run(FleetScript.REVOKE, this.key, arguments).then();
	}

	/** Marks this list and that in Redis as different. */
	void invalidate() {
		this.different.set(true);
	}

	/**
	 * Finds out whether Redis has lost revocations, as it does if it evicts them, or
	 * whether another gateway has written them again since this one has read them: the
	 * connection does not show that. All of them are lost at once, so it is enough to
	 * look for the one that ends last.
	 */
	void check() {
		if (this.different.get()) {
			return;
		}
		String last = this.list.all()
			.stream()
			.filter(RedisRevocations::isLasting)
			.max(Comparator.comparing(Revocation::until))
			.map(FleetCodec::write)
			.orElse("");
		this.store.run(FleetScript.CHECK_REVOKED, this.key, last).subscribe((answer) -> {
			boolean lost = !last.isEmpty() && !answer.startsWith("1");
			Revocation theirs = FleetCodec.readRevocation(answer.substring(1));
			if (lost || (theirs != null && isLasting(theirs) && !knows(theirs))) {
				invalidate();
			}
		}, (failure) -> logger.debug("Looking for a revocation failed", failure));
	}

	private static boolean isLasting(Revocation revocation) {
		return revocation.until().isAfter(Instant.now().plus(ENDING));
	}

	/** Whether the list has a revocation, or one that revokes at least the same. */
	private boolean knows(Revocation revocation) {
		return this.list.all()
			.stream()
			.anyMatch((known) -> !known.until().isBefore(revocation.until()) && covers(known, revocation));
	}

	private static boolean covers(Revocation known, Revocation revocation) {
		if (known instanceof Revocation.Issued one && revocation instanceof Revocation.Issued other) {
			return one.principal().equals(other.principal()) && !one.before().isBefore(other.before());
		}
		return known instanceof Revocation.Token one && revocation instanceof Revocation.Token other
				&& one.id().equals(other.id());
	}

	/** Synchronizes the lists if they may differ. */
	void retry() {
		if (this.different.get() && this.synchronizing.compareAndSet(false, true)) {
			synchronize().doFinally((signal) -> this.synchronizing.set(false)).subscribe((done) -> {
			}, (failure) -> logger.debug("Reading revocations failed", failure));
		}
	}

	/**
	 * Adds what Redis knows to this list, and what this list knows to Redis. Then tells
	 * the others what they have not been told.
	 */
	Mono<Void> synchronize() {
		return Mono.defer(() -> {
			this.different.set(false);
			return read(0).then(writeAll()).then(sendAgain());
		}).doOnError((failure) -> this.different.set(true));
	}

	private Mono<Void> writeAll() {
		return Flux.defer(() -> Flux.fromIterable(this.list.all())).buffer(BATCH).concatMap(this::write).then();
	}

	private Mono<Void> sendAgain() {
		return Mono.defer(() -> {
			List<Revocation> due = new ArrayList<>();
			for (Revocation next = this.unsent.poll(); next != null; next = this.unsent.poll()) {
				due.add(next);
			}
			return Flux.fromIterable(due).concatMap((revocation) -> revoke(revocation).onErrorResume((failure) -> {
				logger.debug("Sending a revocation again failed", failure);
				unsent(revocation);
				return Mono.empty();
			})).then();
		});
	}

	/**
	 * Reads what ends last first: those that end now are removed meanwhile, which must
	 * not move those that have not been read.
	 */
	private Mono<Void> read(int offset) {
		return this.store
			.call(this.key,
					this.store.redis()
						.opsForZSet()
						.reverseRangeByScore(this.key, Range.<Double>unbounded(),
								Limit.limit().offset(offset).count(BATCH))
						.collectList())
			.flatMap((read) -> {
				this.list.add(read.stream().map(FleetCodec::readRevocation).filter(Objects::nonNull).toList());
				return (read.size() == BATCH) ? read(offset + BATCH) : Mono.empty();
			});
	}

	@Override
	public boolean isRevoked(Principal principal, Instant authenticatedAt) {
		return this.list.isRevoked(principal, authenticatedAt);
	}

	@Override
	public int size() {
		return this.list.size();
	}

}
