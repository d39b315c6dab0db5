package dev.wspolicy.redis;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;

import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import reactor.core.publisher.Mono;

import dev.wspolicy.fleet.LocalGateway;
import dev.wspolicy.session.ProxiedSession;
import dev.wspolicy.session.SessionListener;
import dev.wspolicy.session.Termination;

/**
 * Writes the sessions of this gateway into its hash: sessions that open, change or end in
 * batches, and the traffic of the others whenever the lease is renewed. If the hash is
 * lost, writes it anew. Event loops only note what has changed; everything else is
 * confined to one thread.
 */
final class DirectoryWriter implements SessionListener {

	/** The maximum number of changes in one batch. */
	static final int BATCH = 500;

	/**
	 * The maximum number of sessions whose traffic is written with one renewal, which
	 * bounds the load of Redis.
	 */
	private static final int TRAFFIC = 10_000;

	/**
	 * How many ended sessions may wait for Redis before the hash is written anew instead.
	 */
	private static final int MAX_BACKLOG = 10_000;

	/** How long another gateway of the same name is left to itself. */
	private static final Duration PAUSE = Duration.ofSeconds(5);

	private static final Log logger = LogFactory.getLog(DirectoryWriter.class);

	private final LocalGateway gateway;

	private final FleetStore store;

	private final String lease;

	private final Executor executor;

	private final String epoch = UUID.randomUUID().toString();

	/** The changed sessions, or empty for ended ones, by id. */
	private final Map<String, Optional<ProxiedSession>> changes = new ConcurrentHashMap<>();

	private final AtomicBoolean flushing = new AtomicBoolean();

	/** When the last data frame had arrived that the directory knows of, by session. */
	private final Map<String, Long> written = new HashMap<>();

	private Runnable onLost = () -> {
	};

	private boolean running;

	private boolean busy;

	/** Whether the hash is there. */
	private boolean begun;

	/** Whether all sessions have been written. */
	private boolean complete;

	private boolean reportDue;

	/** Whether it has been logged that another gateway has the same name. */
	private boolean warned;

	/** Nothing is written before. */
	private long pausedUntil = System.nanoTime();

	private int round;

	DirectoryWriter(LocalGateway gateway, FleetStore store, Duration lease, Executor executor) {
		this.gateway = gateway;
		this.store = store;
		this.lease = Long.toString(lease.toMillis());
		this.executor = executor;
	}

	/** Sets what has to be done when Redis may have lost everything. */
	void onLost(Runnable onLost) {
		this.onLost = onLost;
	}

	@Override
	public void onOpen(ProxiedSession session) {
		onChange(session);
	}

	@Override
	public void onChange(ProxiedSession session) {
		note(session, Optional.of(session));
	}

	@Override
	public void onClose(ProxiedSession session, Termination termination) {
		note(session, Optional.empty());
	}

	private void note(ProxiedSession session, Optional<ProxiedSession> change) {
		this.changes.put(session.id(), change);
		if (this.changes.size() >= BATCH && this.flushing.compareAndSet(false, true)) {
			this.executor.execute(this::flush);
		}
	}

	/** Returns how many changes have not been written. */
	int backlog() {
		return this.changes.size();
	}

	void start() {
		this.running = true;
	}

	/** Removes the sessions of this gateway. */
	Mono<String> stop() {
		this.running = false;
		return this.store.runOnSessions(FleetScript.END, this.gateway.name(), List.of(this.epoch));
	}

	/**
	 * Writes the state of the gateway and the traffic of its sessions with the next
	 * batches.
	 */
	void report() {
		this.reportDue = true;
		if (this.complete) {
			List<ProxiedSession> stale = this.gateway.sessions().filter(this::isStale).toList();
			int parts = stale.size() / TRAFFIC + 1;
			int part = Math.floorMod(this.round++, parts);
			stale.stream()
				.filter((session) -> Math.floorMod(session.id().hashCode(), parts) == part)
				.forEach((session) -> this.changes.putIfAbsent(session.id(), Optional.of(session)));
		}
	}

	private boolean isStale(ProxiedSession session) {
		Long activity = this.written.get(session.id());
		return activity == null || activity != session.lastActivityAt().toEpochMilli();
	}

	/** Writes the next batch, unless one is on its way. */
	void flush() {
		this.flushing.set(false);
		if (!this.running || this.busy || System.nanoTime() - this.pausedUntil < 0) {
			return;
		}
		if (!this.begun) {
			begin();
			return;
		}
		Map<String, Optional<ProxiedSession>> batch = nextBatch();
		boolean last = !this.complete && this.changes.isEmpty();
		if (batch.isEmpty() && !last && !this.reportDue) {
			return;
		}
		boolean report = this.reportDue || last;
		List<String> arguments = arguments(batch, report, last);
		this.reportDue = false;
		this.busy = true;
		this.store.runOnSessions(FleetScript.WRITE, this.gateway.name(), arguments)
			.subscribe((answer) -> this.executor.execute(() -> written(answer, last)),
					(failure) -> this.executor.execute(() -> failed(batch, report)));
	}

	private void begin() {
		this.busy = true;
		this.store.runOnSessions(FleetScript.BEGIN, this.gateway.name(), List.of(this.epoch, this.lease))
			.subscribe((answer) -> this.executor.execute(this::begun), (failure) -> this.executor.execute(() -> {
				this.busy = false;
				forgetIfTooMany();
			}));
	}

	private void begun() {
		this.busy = false;
		this.begun = true;
		this.complete = false;
		this.written.clear();
		// A session that has ended is noted as such, or is gone from the registry
		this.gateway.sessions().forEach((session) -> this.changes.putIfAbsent(session.id(), Optional.of(session)));
		flush();
	}

	private Map<String, Optional<ProxiedSession>> nextBatch() {
		Map<String, Optional<ProxiedSession>> batch = new LinkedHashMap<>();
		for (Map.Entry<String, Optional<ProxiedSession>> change : this.changes.entrySet()) {
			if (batch.size() == BATCH) {
				break;
			}
			if (this.changes.remove(change.getKey(), change.getValue())) {
				batch.put(change.getKey(), change.getValue());
			}
		}
		return batch;
	}

	private List<String> arguments(Map<String, Optional<ProxiedSession>> batch, boolean report, boolean last) {
		List<String> ended = batch.entrySet()
			.stream()
			.filter((change) -> change.getValue().isEmpty())
			.map(Map.Entry::getKey)
			.toList();
		List<String> arguments = new ArrayList<>(List.of(this.epoch, this.lease,
				report ? FleetCodec.write(this.gateway.describe()) : "", last ? "1" : "0", "" + ended.size()));
		arguments.addAll(ended);
		ended.forEach(this.written::remove);
		batch.values().forEach((change) -> change.ifPresent((session) -> {
			// Read before the traffic, so that later frames are written later
			this.written.put(session.id(), session.lastActivityAt().toEpochMilli());
			arguments.add(session.id());
			arguments.add(FleetCodec.write(this.gateway.describe(session)));
		}));
		return arguments;
	}

	private void written(String answer, boolean last) {
		this.busy = false;
		if (!answer.equals("ok")) {
			// Gone if Redis has lost some of it, or if this gateway was away for a lease
			if (answer.equals("taken")) {
				taken();
			}
			this.begun = false;
			this.onLost.run();
		}
		else if (last) {
			this.complete = true;
		}
		// Other changes wait for each other until the next tick
		if (!this.complete || !this.begun || this.changes.size() >= BATCH) {
			flush();
		}
	}

	/**
	 * The other gateway writes all of its sessions anew as soon as this one has done so.
	 * Without a pause both would do nothing else.
	 */
	private void taken() {
		this.pausedUntil = System.nanoTime() + PAUSE.toNanos();
		if (!this.warned) {
			this.warned = true;
			logger.warn("Another gateway is named '" + this.gateway.name()
					+ "', too: set 'ws-policy.fleet.gateway' to a name of its own for each");
		}
	}

	private void failed(Map<String, Optional<ProxiedSession>> batch, boolean report) {
		this.busy = false;
		this.reportDue |= report;
		batch.forEach(this.changes::putIfAbsent);
		forgetIfTooMany();
	}

	/** What is forgotten is written anew, or is gone with the hash. */
	private void forgetIfTooMany() {
		if (this.changes.size() > this.gateway.size() + MAX_BACKLOG) {
			this.changes.clear();
			this.begun = false;
		}
	}

}
