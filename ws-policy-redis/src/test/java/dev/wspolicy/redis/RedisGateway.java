package dev.wspolicy.redis;

import java.time.Duration;
import java.util.concurrent.TimeUnit;

import io.github.bucket4j.distributed.proxy.AsyncProxyManager;
import org.jspecify.annotations.Nullable;
import org.springframework.data.redis.connection.ReactiveRedisConnection;
import org.springframework.data.redis.connection.RedisClusterConfiguration;
import org.springframework.data.redis.connection.RedisConfiguration;
import org.springframework.data.redis.connection.RedisStandaloneConfiguration;
import org.springframework.data.redis.connection.lettuce.LettuceClientConfiguration;
import org.springframework.data.redis.connection.lettuce.LettuceConnectionFactory;
import org.springframework.data.redis.core.ReactiveStringRedisTemplate;

import dev.wspolicy.fleet.OnFailure;
import dev.wspolicy.fleet.RateStore;
import dev.wspolicy.fleet.Rates;

import static org.awaitility.Awaitility.await;

/**
 * What one of several gateways has of Redis: a connection factory of its own, a circuit,
 * and places.
 */
final class RedisGateway implements AutoCloseable {

	/** So long that it neither ends nor is renewed during a test. */
	static final Duration LEASE = Duration.ofHours(1);

	/** Long enough for one that cannot renew it for some seconds. */
	static final Duration SHORT_LEASE = Duration.ofSeconds(9);

	/** How long a call takes at most if Redis answers. */
	private static final Duration PATIENT = Duration.ofSeconds(20);

	/** How long it takes at most if the test lets Redis be silent. */
	private static final Duration IMPATIENT = Duration.ofMillis(200);

	private final LettuceConnectionFactory connections;

	private final FleetConnection connection;

	private final FleetCircuits circuits;

	private final FleetProperties properties;

	private final RedisSessionPlaces places;

	private RedisGateway(RedisConfiguration redis, FleetProperties properties, boolean reconnects) {
		this(redis, properties, reconnects ? new FleetClock() : null);
	}

	private RedisGateway(RedisConfiguration redis, FleetProperties properties, @Nullable FleetClock clock) {
		this.properties = properties;
		LettuceClientConfiguration client = LettuceClientConfiguration.builder().shutdownTimeout(Duration.ZERO).build();
		this.connections = (redis instanceof RedisClusterConfiguration cluster)
				? new LettuceConnectionFactory(cluster, client)
				: new LettuceConnectionFactory((RedisStandaloneConfiguration) redis, client);
		this.connections.afterPropertiesSet();
		this.connections.start();
		this.connection = (clock != null) ? new FleetConnection(this.connections, clock) : FleetConnection.open();
		this.circuits = new FleetCircuits(properties.timeout(), this.connection);
		this.places = new RedisSessionPlaces(this.connections, circuit(), properties);
		this.connection.start();
		this.places.start();
	}

	/**
	 * Starts one that waits for Redis even if the machine is busy, and that asks and
	 * tells it nothing but what the test makes it.
	 */
	static RedisGateway on(RedisProcess redis, String name) {
		return on(redis, name, LEASE);
	}

	/** Starts one that waits for Redis, and renews this lease. */
	static RedisGateway on(RedisProcess redis, String name, Duration lease) {
		RedisGateway gateway = new RedisGateway(new RedisStandaloneConfiguration("127.0.0.1", redis.port()),
				properties(name, OnFailure.LOCAL, PATIENT, lease), false);
		gateway.awaitListening(redis);
		return gateway;
	}

	/**
	 * Starts one that refuses what it cannot ask Redis for, and asks nothing by itself.
	 */
	static RedisGateway refusing(RedisProcess redis, String name) {
		RedisGateway gateway = new RedisGateway(new RedisStandaloneConfiguration("127.0.0.1", redis.port()),
				properties(name, OnFailure.REFUSE, PATIENT, LEASE), false);
		gateway.awaitListening(redis);
		return gateway;
	}

	/** Starts one that waits for Redis, as an application does. */
	static RedisGateway on(RedisConfiguration redis, String name, OnFailure onFailure) {
		return on(redis, name, onFailure, SHORT_LEASE);
	}

	/** Starts one that waits for Redis, as an application with this lease does. */
	static RedisGateway on(RedisConfiguration redis, String name, OnFailure onFailure, Duration lease) {
		return new RedisGateway(redis, properties(name, onFailure, PATIENT, lease), true).awaitConnected();
	}

	/** Starts one whose own clock is ahead of that of Redis. */
	static RedisGateway ahead(RedisProcess redis, String name, Duration ahead) {
		FleetClock clock = new FleetClock(() -> System.nanoTime() + ahead.toNanos(),
				() -> TimeUnit.MILLISECONDS.toNanos(System.currentTimeMillis()) + ahead.toNanos());
		return new RedisGateway(new RedisStandaloneConfiguration("127.0.0.1", redis.port()),
				properties(name, OnFailure.LOCAL, PATIENT, LEASE), clock)
			.awaitConnected();
	}

	/**
	 * Starts one with the timeout that is the default, which tests must not rely on while
	 * Redis answers.
	 */
	static RedisGateway impatient(int port, String name, OnFailure onFailure) {
		return new RedisGateway(new RedisStandaloneConfiguration("127.0.0.1", port),
				properties(name, onFailure, IMPATIENT, Duration.ofSeconds(3)), true);
	}

	private static FleetProperties properties(String name, OnFailure onFailure, Duration timeout, Duration lease) {
		return new FleetProperties(true, name, "ws-policy:", timeout, onFailure, lease, false);
	}

	/** Waits until it is told what others displace, and has told what it tells first. */
	private void awaitListening(RedisProcess redis) {
		String channel = this.properties.keyPrefix() + "displaced:" + this.properties.gateway();
		await().until(() -> redis.command("PUBLISH " + channel + " nothing").equals(":1\n"));
		redis().execute(ReactiveRedisConnection::ping).blockLast();
	}

	/** Waits for a connection, which the first attempt need not have brought about. */
	RedisGateway awaitConnected() {
		await().until(circuit()::isClosed);
		return this;
	}

	RedisSessionPlaces places() {
		return this.places;
	}

	/** Creates a store of the same buckets as those of the other gateways. */
	RateStore rates(String name, Rates rates) {
		AsyncProxyManager<String> buckets = new FleetLimitsConfiguration.RatesConfiguration()
			.wsPolicyFleetBuckets(this.connections, this.properties, this.connection);
		return new RedisRateStore(buckets, this.circuits.of(FleetUse.RATES), this.properties, name, rates);
	}

	FleetCircuit circuit() {
		return this.circuits.of(FleetUse.PLACES);
	}

	FleetCircuits circuits() {
		return this.circuits;
	}

	FleetProperties properties() {
		return this.properties;
	}

	LettuceConnectionFactory connections() {
		return this.connections;
	}

	ReactiveStringRedisTemplate redis() {
		return new ReactiveStringRedisTemplate(this.connections);
	}

	/** Ends without a word, as a process that is killed does. */
	@Override
	public void close() {
		this.places.close();
		this.connection.close();
		RedisConnections.close(this.connections);
	}

}
