package dev.wspolicy.redis;

import java.net.SocketAddress;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.WeakHashMap;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.regex.Pattern;

import io.lettuce.core.AbstractRedisClient;
import io.lettuce.core.Delegating;
import io.lettuce.core.RedisChannelHandler;
import io.lettuce.core.RedisChannelWriter;
import io.lettuce.core.RedisCommandExecutionException;
import io.lettuce.core.RedisConnectionStateListener;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.cluster.RedisClusterClient;
import io.lettuce.core.protocol.DefaultEndpoint;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;
import org.springframework.data.redis.connection.ReactiveRedisConnection;
import org.springframework.data.redis.connection.ReactiveRedisConnectionFactory;
import org.springframework.data.redis.connection.lettuce.LettuceConnectionFactory;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;
import reactor.core.scheduler.Schedulers;

/**
 * Leaves a server that is not the primary any more. Lettuce connects anew when a
 * connection breaks, and then asks Sentinel or DNS, but a primary that has been demoted
 * may keep its connections, and one whose machine is gone breaks none. So the connections
 * are broken if a server answers that it is not the primary, or if it does not answer at
 * all. In a cluster, Lettuce is told to look for the nodes instead. Safe from any thread.
 */
final class FleetFailover implements RedisConnectionStateListener {

	/** Begins what a server answers if another one, or none, should be asked. */
	private static final Pattern WRONG_SERVER = Pattern
		.compile("\\b(READONLY|MASTERDOWN|LOADING|NOREPLICAS|CLUSTERDOWN)\\b");

	/** How long a server that answers may take. */
	private static final Duration SILENCE = Duration.ofSeconds(10);

	/** Between two attempts; doubled with each until one has helped for a while. */
	private static final Duration MIN_PAUSE = Duration.ofSeconds(1);

	private static final Duration MAX_PAUSE = Duration.ofSeconds(5);

	private static final Log logger = LogFactory.getLog(FleetFailover.class);

	private final ReactiveRedisConnectionFactory connections;

	private final Duration silence;

	/** Those to servers. Lettuce keeps them for as long as they are in use. */
	private final Set<RedisChannelHandler<?, ?>> channels = Collections
		.synchronizedSet(Collections.newSetFromMap(new WeakHashMap<>()));

	/** Those that are broken. */
	private final Set<RedisChannelHandler<?, ?>> broken = Collections
		.synchronizedSet(Collections.newSetFromMap(new WeakHashMap<>()));

	private final Sinks.Many<RedisChannelHandler<?, ?>> reopened = Sinks.many().multicast().directBestEffort();

	private final AtomicBoolean probing = new AtomicBoolean();

	private long attemptedAt = System.nanoTime() - 2 * MAX_PAUSE.toNanos();

	private long pause = MIN_PAUSE.toNanos();

	FleetFailover(ReactiveRedisConnectionFactory connections) {
		this(connections, SILENCE);
	}

	FleetFailover(ReactiveRedisConnectionFactory connections, Duration silence) {
		this.connections = connections;
		this.silence = silence;
	}

	/**
	 * Begins to watch the connections that are opened from now on. Needs to be called
	 * again if there may be another client.
	 */
	void watch() {
		AbstractRedisClient client = client();
		if (client != null) {
			client.addListener(this);
		}
	}

	private @Nullable AbstractRedisClient client() {
		return (this.connections instanceof LettuceConnectionFactory lettuce && lettuce.isRunning())
				? lettuce.getNativeClient() : null;
	}

	@Override
	public void onRedisConnected(RedisChannelHandler<?, ?> connection, SocketAddress address) {
		if (connection instanceof StatefulRedisConnection) {
			this.channels.add(connection);
		}
		if (this.broken.remove(connection)) {
			// Another one is told of if two are opened at the same time
			this.reopened.tryEmitNext(connection);
		}
	}

	@Override
	public void onRedisDisconnected(RedisChannelHandler<?, ?> connection) {
		this.broken.add(connection);
	}

	/**
	 * Returns the connections that are opened again after they had been broken. Others
	 * that are opened are none of those: Lettuce opens some each time that it looks for
	 * the nodes of a cluster.
	 */
	Flux<RedisChannelHandler<?, ?>> reopened() {
		return this.reopened.asFlux();
	}

	/**
	 * Looks for another server if a failure tells that this one is wrong.
	 * @param failure why a call has failed
	 */
	void failed(Throwable failure) {
		if (isWrongServer(failure)) {
			leave(failure);
		}
		else if (failure instanceof TimeoutException) {
			probe();
		}
	}

	/** Whether a server has answered that another one, or none, should be asked. */
	static boolean isWrongServer(Throwable failure) {
		for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
			if (cause instanceof RedisCommandExecutionException answer && answer.getMessage() != null
					&& WRONG_SERVER.matcher(answer.getMessage()).find()) {
				return true;
			}
		}
		return false;
	}

	/** Leaves a server that is silent, but not one that is slow. */
	private void probe() {
		if (client() instanceof RedisClusterClient) {
			leave(new TimeoutException("a node does not answer"));
		}
		else if (this.probing.compareAndSet(false, true)) {
			Mono.usingWhen(Mono.fromSupplier(this.connections::getReactiveConnection), ReactiveRedisConnection::ping,
					ReactiveRedisConnection::closeLater)
				.subscribeOn(Schedulers.boundedElastic())
				.timeout(this.silence)
				.contextWrite(FleetCircuit.QUIET)
				.doFinally((signal) -> this.probing.set(false))
				.subscribe((pong) -> {
				}, (failure) -> {
					if (failure instanceof TimeoutException || isWrongServer(failure)) {
						leave(failure);
					}
				});
		}
	}

	private void leave(Throwable reason) {
		if (!isDue()) {
			return;
		}
		logger.debug("Looking for another Redis server", reason);
		AbstractRedisClient client = client();
		if (client instanceof RedisClusterClient cluster) {
			cluster.refreshPartitionsAsync().whenComplete((done, failure) -> {
				if (failure != null) {
					logger.debug("Looking for the nodes of the cluster failed", failure);
				}
			});
			return;
		}
		List<RedisChannelHandler<?, ?>> all;
		synchronized (this.channels) {
			all = List.copyOf(this.channels);
		}
		all.forEach(FleetFailover::disconnect);
	}

	private synchronized boolean isDue() {
		long now = System.nanoTime();
		long since = now - this.attemptedAt;
		if (since < this.pause) {
			return false;
		}
		this.pause = (since > 2 * MAX_PAUSE.toNanos()) ? MIN_PAUSE.toNanos()
				: Math.min(2 * this.pause, MAX_PAUSE.toNanos());
		this.attemptedAt = now;
		return true;
	}

	/** Breaks a connection, which Lettuce then opens again. */
	private static void disconnect(RedisChannelHandler<?, ?> connection) {
		RedisChannelWriter writer = connection.getChannelWriter();
		while (writer instanceof Delegating<?> wrapper && wrapper.getDelegate() instanceof RedisChannelWriter inner) {
			writer = inner;
		}
		if (writer instanceof DefaultEndpoint endpoint) {
			endpoint.disconnect();
		}
	}

}
