package dev.wspolicy.redis;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;

import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;
import org.springframework.context.SmartLifecycle;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

import dev.wspolicy.fleet.LocalGateway;

/**
 * Makes this gateway a member of the fleet while the application runs: joins before the
 * web server accepts connections, renews the lease, and leaves after the last session has
 * been drained.
 */
final class FleetMembership implements SmartLifecycle {

	/** After the connections to Redis have started, and before the web server does. */
	static final int PHASE = Integer.MAX_VALUE - 8192;

	private static final Duration TICK = Duration.ofMillis(250);

	private static final Duration RETRY = Duration.ofMillis(500);

	private static final Log logger = LogFactory.getLog(FleetMembership.class);

	private final LocalGateway gateway;

	private final FleetStore store;

	private final DirectoryWriter writer;

	private final RedisFleetCommands commands;

	private final RedisRevocations revocations;

	private final RedisOverrides overrides;

	private final ScheduledExecutorService executor;

	private final Duration lease;

	private volatile boolean running;

	private volatile long renewedAt;

	private @Nullable ScheduledFuture<?> ticks;

	private boolean renewing;

	private long renewAt;

	private boolean draining;

	FleetMembership(LocalGateway gateway, FleetStore store, DirectoryWriter writer, RedisFleetCommands commands,
			RedisRevocations revocations, RedisOverrides overrides, ScheduledExecutorService executor, Duration lease) {
		this.gateway = gateway;
		this.store = store;
		this.writer = writer;
		this.commands = commands;
		this.revocations = revocations;
		this.overrides = overrides;
		this.executor = executor;
		this.lease = lease;
		this.renewedAt = System.nanoTime() - lease.toNanos();
		writer.onLost(revocations::invalidate);
		commands.beforeSending(overrides::remember);
		commands.onRead(overrides::note);
		commands.onReconnect(() -> {
			revocations.invalidate();
			overrides.invalidate();
		});
	}

	@Override
	public void start() {
		this.running = true;
		this.renewAt = System.nanoTime();
		CountDownLatch ready = new CountDownLatch(1);
		// Commands from now on are executed, what was revoked or overridden before is
		// read
		this.executor.execute(() -> this.commands.start()
			.then(this.revocations.synchronize())
			.then(this.overrides.load())
			.doFinally((signal) -> ready.countDown())
			.subscribe((done) -> {
			}, (failure) -> logger.debug("Redis does not answer yet", failure)));
		this.executor.execute(this.writer::start);
		this.ticks = this.executor.scheduleWithFixedDelay(this::tick, 0, TICK.toMillis(), TimeUnit.MILLISECONDS);
		try {
			if (!ready.await(this.store.timeouts().join().toMillis(), TimeUnit.MILLISECONDS)) {
				logger.debug("Redis does not answer yet");
			}
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
		}
	}

	private void tick() {
		if (!this.running) {
			return;
		}
		attempt(this::reportDrain);
		if (!this.renewing && System.nanoTime() - this.renewAt >= 0) {
			attempt(this::renew);
			attempt(this.writer::report);
			attempt(this.revocations::check);
		}
		attempt(this.writer::flush);
		attempt(this.revocations::retry);
		attempt(this.overrides::retry);
	}

	/** What follows must be done, and the next tick must come, even after an error. */
	private static void attempt(Runnable task) {
		try {
			task.run();
		}
		catch (Throwable ex) {
			logger.warn("Writing to the directory failed", ex);
		}
	}

	private void reportDrain() {
		if (this.draining != this.gateway.isDraining()) {
			this.draining = this.gateway.isDraining();
			this.writer.report();
		}
	}

	private void renew() {
		this.store.join(this.gateway.name(), this.lease.toMillis())
			.subscribe((live) -> this.executor.execute(() -> renewed(this.lease.dividedBy(3), true)),
					(failure) -> this.executor.execute(() -> renewed(RETRY, false)));
		// Before this thread comes to what follows an answer
		this.renewing = true;
	}

	private void renewed(Duration next, boolean success) {
		this.renewing = false;
		this.renewAt = System.nanoTime() + next.toNanos();
		if (success) {
			this.renewedAt = System.nanoTime();
			this.overrides.renew().subscribe((done) -> {
			}, (failure) -> logger.debug("Keeping overrides failed", failure));
		}
	}

	/** Whether the others regard this gateway as alive. */
	boolean isMember() {
		return System.nanoTime() - this.renewedAt < this.lease.toNanos();
	}

	@Override
	public void stop() {
		stop(() -> {
		});
	}

	@Override
	public void stop(Runnable callback) {
		this.running = false;
		if (this.ticks != null) {
			this.ticks.cancel(false);
		}
		// The application stops in time, even if the thread is busy
		Mono.defer(this::leave)
			.subscribeOn(Schedulers.fromExecutor(this.executor))
			.timeout(this.store.timeouts().leave())
			.doFinally((signal) -> callback.run())
			.contextWrite(FleetCircuit.QUIET)
			.subscribe((done) -> {
			}, (failure) -> logger.debug("Redis was not told that this gateway stops", failure));
	}

	private Mono<Void> leave() {
		return Mono.when(this.commands.stop(), this.writer.stop(),
				this.store.run(FleetScript.LEAVE, this.store.keys().gateways(), this.gateway.name()));
	}

	@Override
	public boolean isRunning() {
		return this.running;
	}

	@Override
	public int getPhase() {
		return PHASE;
	}

}
