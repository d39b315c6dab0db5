package dev.wspolicy.redis;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Predicate;
import java.util.function.Supplier;

import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

import dev.wspolicy.fleet.FleetCommand;
import dev.wspolicy.rollout.PolicySwitch;
import dev.wspolicy.rollout.PolicyTarget;
import dev.wspolicy.rollout.RolloutOverride;
import dev.wspolicy.rollout.RolloutOverrides;
import dev.wspolicy.rollout.UnknownPolicyException;

/**
 * Keeps the overrides that all gateways have been told in Redis, so that gateways that
 * start later know them, too. They expire there when no gateway has been alive for a
 * while, because an override ends with a restart.
 */
final class RedisOverrides {

	private static final Log logger = LogFactory.getLog(RedisOverrides.class);

	private final FleetStore store;

	private final Supplier<? extends @Nullable PolicySwitch> policies;

	private final String key;

	private final String lifetime;

	/** Those that all gateways have been told, as far as this gateway knows. */
	private volatile RolloutOverrides known = RolloutOverrides.NONE;

	/** Since when Redis had had overrides without losing them; empty if it had none. */
	private volatile String since = "";

	/** Whether Redis may have lost overrides that this gateway knows. */
	private volatile boolean lost;

	/** Whether overrides may have been set that this gateway does not know. */
	private final AtomicBoolean outdated = new AtomicBoolean(true);

	private final AtomicBoolean reading = new AtomicBoolean();

	/**
	 * Creates an instance.
	 * @param store calls Redis
	 * @param policies returns what changes how far policies are rolled out, or
	 * {@code null} if there are no policies
	 * @param lease the lease of the gateways
	 */
	RedisOverrides(FleetStore store, Supplier<? extends @Nullable PolicySwitch> policies, Duration lease) {
		this.store = store;
		this.policies = policies;
		this.key = store.keys().overrides();
		this.lifetime = Long.toString(lease.multipliedBy(2).toMillis());
	}

	/**
	 * Writes what a command for all gateways says about overrides, before it is sent.
	 * Completes in any case: the command is sent even if it could not be written.
	 */
	Mono<Void> remember(FleetCommand command) {
		note(command);
		Mono<Void> written = Mono.empty();
		if (command instanceof FleetCommand.SwitchPolicy override) {
			written = remove(override.override().target()).then(write(override.override()));
		}
		else if (command instanceof FleetCommand.UndoSwitch undo) {
			written = remove(undo.target());
		}
		return written.onErrorResume((failure) -> {
			logger.warn("An override is not known to gateways that start later, because Redis could not be written",
					failure);
			return Mono.empty();
		});
	}

	/** Notes what a command for all gateways says about overrides. */
	synchronized void note(FleetCommand command) {
		if (command instanceof FleetCommand.SwitchPolicy override) {
			this.known = this.known.with(override.override());
		}
		else if (command instanceof FleetCommand.UndoSwitch undo) {
			this.known = this.known.without((override) -> undo.target().covers(override.target()));
		}
	}

	private Mono<Void> write(RolloutOverride override) {
		return write(List.of(override), "1");
	}

	private Mono<Void> write(List<RolloutOverride> overrides, String replace) {
		List<String> arguments = new ArrayList<>(List.of(this.lifetime, replace));
		for (RolloutOverride override : overrides) {
			arguments.add(FleetCodec.write(override.target()));
			arguments.add(FleetCodec.write(override));
		}
		return this.store.run(FleetScript.PUT_OVERRIDES, this.key, arguments).then();
	}

	private Mono<Void> remove(PolicyTarget target) {
		return removeAll((override) -> target.covers(override.target()));
	}

	private Mono<Void> removeAll(Predicate<RolloutOverride> removed) {
		return read().flatMap((stored) -> {
			List<String> due = stored.overrides()
				.entrySet()
				.stream()
				.filter((field) -> removed.test(field.getValue()))
				.map(Map.Entry::getKey)
				.toList();
			return due.isEmpty() ? Mono.empty() : this.store.run(FleetScript.REMOVE_OVERRIDES, this.key, due).then();
		});
	}

	private Mono<Stored> read() {
		return this.store.call(this.key,
				this.store.redis()
					.<String, String>opsForHash()
					.scan(this.key)
					.collectMap(Map.Entry::getKey, Map.Entry::getValue)
					.map(Stored::of));
	}

	/** Marks that overrides may have been set that this gateway does not know. */
	void invalidate() {
		this.outdated.set(true);
	}

	/** Reads the overrides if some may be unknown. */
	void retry() {
		if (this.outdated.get() && this.reading.compareAndSet(false, true)) {
			load().doFinally((signal) -> this.reading.set(false)).subscribe((done) -> {
			}, (failure) -> logger.debug("Reading overrides failed", failure));
		}
	}

	/** Sets the overrides that Redis knows and this gateway does not. */
	Mono<Void> load() {
		return Mono.defer(() -> {
			this.outdated.set(false);
			return load(List.of());
		}).doOnError((failure) -> this.outdated.set(true));
	}

	/**
	 * Reads again after overrides have been set, because commands may have undone or
	 * replaced them between reading and setting.
	 */
	private Mono<Void> load(List<RolloutOverride> added) {
		RolloutOverrides before = this.known;
		return read().publishOn(Schedulers.boundedElastic()).flatMap((stored) -> {
			Instant now = Instant.now();
			List<RolloutOverride> valid = new ArrayList<>(stored.overrides().values());
			valid.removeIf((override) -> override.isOver(now));
			valid.sort(Comparator.comparing(RolloutOverride::since));
			learn(stored, valid, before);
			added.stream().filter((override) -> !valid.contains(override)).forEach(this::takeBack);
			List<RolloutOverride> set = effective(valid).stream().filter(this::set).toList();
			if (!set.isEmpty()) {
				return load(set);
			}
			return (valid.size() < stored.overrides().size()) ? removeAll((override) -> override.isOver(now))
					: Mono.<Void>empty();
		});
	}

	/** Knows what Redis has, and, if Redis may have lost something, what it had. */
	private synchronized void learn(Stored stored, List<RolloutOverride> valid, RolloutOverrides before) {
		if (before.all().isEmpty()) {
			// It has nothing that Redis may have lost
			this.since = stored.since();
		}
		boolean all = !stored.since().isEmpty() && stored.since().equals(this.since) && !this.lost;
		RolloutOverrides after = all ? RolloutOverrides.NONE : before;
		for (RolloutOverride override : valid) {
			after = after.with(override);
		}
		if (this.known.equals(before)) {
			this.known = after;
		}
		else {
			// A command has come meanwhile
			invalidate();
		}
	}

	/** Leaves out those that a later one covers, if Redis still has them. */
	private static List<RolloutOverride> effective(List<RolloutOverride> overrides) {
		RolloutOverrides effective = RolloutOverrides.NONE;
		for (RolloutOverride override : overrides) {
			effective = effective.with(override);
		}
		return effective.all();
	}

	/** Returns whether the override was missing and applies to this gateway. */
	private boolean set(RolloutOverride override) {
		PolicySwitch policies = this.policies.get();
		if (policies == null || policies.overrides().contains(override)) {
			return false;
		}
		try {
			policies.set(override);
			return true;
		}
		catch (UnknownPolicyException | IllegalArgumentException ex) {
			logger.warn("The override of the " + override + ", which the other gateways have been told, does not apply"
					+ " to this gateway. " + ex.getMessage());
			return false;
		}
	}

	private void takeBack(RolloutOverride override) {
		PolicySwitch policies = this.policies.get();
		if (policies == null || !policies.overrides().contains(override)) {
			return;
		}
		List<RolloutOverride> narrower = policies.overrides()
			.stream()
			.filter((other) -> !other.equals(override) && override.target().covers(other.target()))
			.toList();
		try {
			policies.undo(override.target());
		}
		catch (UnknownPolicyException ex) {
			logger.debug("An override has ended meanwhile", ex);
		}
		// They were undone with it
		narrower.forEach(this::set);
	}

	/**
	 * Keeps the overrides in Redis while this gateway is alive, and finds out whether
	 * Redis has lost them. They are written again with the next renewal only: until then
	 * this gateway has read the commands that undo some of them.
	 */
	Mono<Void> renew() {
		return this.store.run(FleetScript.KEEP_OVERRIDES, this.key, this.lifetime).flatMap((since) -> {
			if (this.lost && since.equals(this.since)) {
				this.lost = false;
				return restore();
			}
			if (!since.equals(this.since) || (since.isEmpty() && !valid().isEmpty())) {
				this.since = since;
				this.lost = true;
				// Another gateway may write what this one does not know
				invalidate();
			}
			return Mono.empty();
		});
	}

	private Mono<Void> restore() {
		List<RolloutOverride> valid = valid();
		return (valid.isEmpty() ? Mono.<Void>empty() : write(valid, "0")).doOnError((failure) -> this.lost = true);
	}

	private List<RolloutOverride> valid() {
		Instant now = Instant.now();
		return this.known.without((override) -> override.isOver(now)).all();
	}

	/**
	 * What Redis has.
	 *
	 * @param since since when it has had overrides without losing them; empty if it has
	 * none
	 * @param overrides the overrides that can be read, by the names of their fields
	 */
	private record Stored(String since, Map<String, RolloutOverride> overrides) {

		/** The field that is not an override. */
		private static final String SINCE = "@since";

		static Stored of(Map<String, String> fields) {
			Map<String, RolloutOverride> overrides = new HashMap<>();
			fields.forEach((field, value) -> {
				RolloutOverride override = field.equals(SINCE) ? null : FleetCodec.readOverride(value);
				if (override != null) {
					overrides.put(field, override);
				}
			});
			return new Stored(fields.getOrDefault(SINCE, ""), overrides);
		}

	}

}
