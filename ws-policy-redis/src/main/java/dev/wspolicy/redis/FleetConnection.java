package dev.wspolicy.redis;

import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

import io.lettuce.core.AbstractRedisClient;
import io.lettuce.core.cluster.event.ClusterTopologyChangedEvent;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;
import org.springframework.context.SmartLifecycle;
import org.springframework.data.redis.RedisConnectionFailureException;
import org.springframework.data.redis.connection.ReactiveRedisClusterConnection;
import org.springframework.data.redis.connection.ReactiveRedisConnection;
import org.springframework.data.redis.connection.ReactiveRedisConnectionFactory;
import org.springframework.data.redis.connection.lettuce.LettuceConnectionFactory;
import reactor.core.Disposable;
import reactor.core.Disposables;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;
import reactor.util.retry.Retry;

/**
 * Opens the connection that all calls share, which would have to be waited for otherwise.
 * Lettuce opens it again when it has been lost. Safe from any thread.
 */
final class FleetConnection implements SmartLifecycle, AutoCloseable {

	/**
	 * Starts after the connections to Redis, and stops before them: they would wait for
	 * one that is being opened.
	 */
	static final int PHASE = FleetMembership.PHASE - 2;

	private static final Log logger = LogFactory.getLog(FleetConnection.class);

	/** How long to wait before another attempt. */
	static final Duration PAUSE = Duration.ofSeconds(1);

	/** Connections are opened again at about the same time. */
	private static final Duration REOPENED = Duration.ofMillis(200);

	/** How long the first answer may take before it is asked whether the server lives. */
	private static final Duration ANSWER = Duration.ofSeconds(5);

	/** How long the start of the application waits for the first connection. */
	private static final Duration START = Duration.ofSeconds(5);

	/** The most calls that wait for their thread; more fail. */
	private static final int MAX_CALLS = 10_000;

	private final @Nullable ReactiveRedisConnectionFactory connections;

	private final @Nullable FleetFailover failover;

	private final FleetClock clock;

	/**
	 * One thread, so that calls keep their order. Lettuce takes a lock for each command,
	 * which no event loop of the gateway must wait for.
	 */
	private final Scheduler calls = Schedulers.newBoundedElastic(1, MAX_CALLS, "ws-policy-redis", 60, true);

	private final List<Runnable> listeners = new CopyOnWriteArrayList<>();

	private final List<Runnable> probes = new CopyOnWriteArrayList<>();

	private Disposable.@Nullable Composite running;

	private volatile boolean open;

	private boolean missed;

	/**
	 * Creates a connection that is opened when this {@link #start() starts}.
	 * @param connections the connections to Redis
	 */
	FleetConnection(ReactiveRedisConnectionFactory connections) {
		this(connections, new FleetClock());
	}

	/**
	 * Creates a connection.
	 * @param connections the connections to Redis
	 * @param clock the clock of Redis
	 */
	FleetConnection(ReactiveRedisConnectionFactory connections, FleetClock clock) {
		this.connections = connections;
		this.clock = clock;
		this.failover = new FleetFailover(connections);
		// Others may open connections before this is started
		this.failover.watch();
	}

	private FleetConnection() {
		this.connections = null;
		this.failover = null;
		this.clock = new FleetClock();
		this.open = true;
	}

	/** Creates a connection that others keep open. */
	static FleetConnection open() {
		return new FleetConnection();
	}

	/** Returns what commands are written on. */
	Scheduler calls() {
		return this.calls;
	}

	/** Returns the clock of Redis, which is known once this has been open. */
	FleetClock clock() {
		return this.clock;
	}

	/** Whether calls find a connection, and need not open one. */
	boolean isOpen() {
		return this.open;
	}

	/**
	 * Reports a failed call. It may mean that the connection leads to the wrong server.
	 * @param failure why it has failed
	 */
	void failed(Throwable failure) {
		if (this.failover != null) {
			this.failover.failed(failure);
		}
	}

	/**
	 * Adds what has to be done when a connection has been opened, to a Redis that may
	 * have forgotten everything.
	 * @param listener called on any thread; must not block
	 */
	void onOpen(Runnable listener) {
		this.listeners.add(listener);
	}

	/**
	 * Adds what is done each second while this runs.
	 * @param probe called on any thread; must not block
	 */
	void everySecond(Runnable probe) {
		this.probes.add(probe);
	}

	/**
	 * Asks Redis for nothing but an answer. In a cluster that of one node is enough: one
	 * that is gone need not be one whose keys are asked for.
	 */
	Mono<String> ping() {
		ReactiveRedisConnectionFactory connections = Objects.requireNonNull(this.connections);
		return Mono.usingWhen(Mono.fromCallable(connections::getReactiveConnection), FleetConnection::ping,
				ReactiveRedisConnection::closeLater);
	}

	private static Mono<String> ping(ReactiveRedisConnection connection) {
		if (!(connection instanceof ReactiveRedisClusterConnection cluster)) {
			return connection.ping();
		}
		return cluster.clusterGetNodes()
			.flatMap((node) -> cluster.ping(node).onErrorComplete())
			.next()
			.switchIfEmpty(Mono.error(() -> new RedisConnectionFailureException("no node answers")));
	}

	/**
	 * Opens the connection on a thread that may block, as often as it takes. Waits for
	 * the first attempt, so that a gateway whose Redis is well does not begin alone.
	 */
	@Override
	public void start() {
		ReactiveRedisConnectionFactory connections = this.connections;
		Disposable.Composite running = Disposables.composite();
		synchronized (this) {
			this.running = running;
			this.missed = false;
		}
		if (connections == null) {
			return;
		}
		if (this.failover != null) {
			this.failover.watch();
		}
		running.add(Flux.interval(PAUSE)
			.onBackpressureDrop()
			.subscribe((second) -> this.probes.forEach(Runnable::run),
					(failure) -> logger.error("Stopped probing Redis", failure)));
		CountDownLatch tried = new CountDownLatch(1);
		running.add(Mono
			.usingWhen(Mono.fromCallable(connections::getReactiveConnection),
					(connection) -> connection.serverCommands().time(TimeUnit.MILLISECONDS).timeout(ANSWER),
					ReactiveRedisConnection::closeLater)
			.subscribeOn(Schedulers.boundedElastic())
			.contextWrite(FleetCircuit.QUIET)
			.doOnError((failure) -> {
				failed(failure);
				missed(running, failure);
				tried.countDown();
			})
			.retryWhen(Retry.fixedDelay(Long.MAX_VALUE, PAUSE))
			.subscribe((time) -> {
				this.clock.tell(time);
				opened(running);
				tried.countDown();
			}, (failure) -> logger.error("Stopped connecting to Redis", failure)));
		try {
			if (!tried.await(START.toNanos(), TimeUnit.NANOSECONDS)) {
				missed(running, new TimeoutException("no connection within " + START.toSeconds() + " s"));
			}
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
		}
		AbstractRedisClient client = (connections instanceof LettuceConnectionFactory lettuce)
				? lettuce.getNativeClient() : null;
		if (client != null && this.failover != null) {
			// A server that has been restarted has forgotten what it was told, and one
			// that has been promoted may not have been told the last of it.
			running.add(Flux
				.merge(this.failover.reopened(),
						client.getResources().eventBus().get().ofType(ClusterTopologyChangedEvent.class))
				.filter((event) -> this.open)
				.sample(REOPENED)
				.subscribe((event) -> this.listeners.forEach(Runnable::run),
						(failure) -> logger.error("Stopped observing reconnections to Redis", failure)));
		}
	}

	private void missed(Disposable.Composite running, Throwable failure) {
		synchronized (this) {
			if (this.running != running || this.open || this.missed) {
				return;
			}
			this.missed = true;
		}
		logger.warn("Redis cannot be reached: this gateway acts alone until it can (" + failure + ")");
	}

	/** Does nothing if this has been stopped meanwhile. */
	private void opened(Disposable.Composite running) {
		boolean missed;
		synchronized (this) {
			if (this.running != running) {
				return;
			}
			this.open = true;
			missed = this.missed;
		}
		if (missed) {
			logger.info("Redis can be reached: this gateway acts with the others");
		}
		this.listeners.forEach(Runnable::run);
	}

	@Override
	public void stop() {
		Disposable.Composite running;
		synchronized (this) {
			running = this.running;
			this.running = null;
			this.open = false;
		}
		if (running != null) {
			running.dispose();
		}
	}

	@Override
	public synchronized boolean isRunning() {
		return this.running != null;
	}

	@Override
	public int getPhase() {
		return PHASE;
	}

	@Override
	public void close() {
		stop();
		this.calls.dispose();
	}

}
