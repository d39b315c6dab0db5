package dev.wspolicy.redis;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;

import org.springframework.data.redis.connection.RedisClusterConfiguration;
import org.springframework.data.redis.connection.RedisConfiguration;
import org.springframework.data.redis.connection.RedisNode;
import org.springframework.data.redis.connection.RedisStandaloneConfiguration;
import org.springframework.data.redis.connection.lettuce.LettuceConnectionFactory;

import dev.wspolicy.fleet.TestMember;

/**
 * A gateway without sockets that is a member of a fleet on a real Redis, with connections
 * of its own.
 */
final class RedisMember implements AutoCloseable {

	/** Long enough for one that cannot renew it for some seconds. */
	static final Duration LEASE = Duration.ofSeconds(12);

	/**
	 * As long as no answer is missing, waiting for it takes no longer. For answers that
	 * are missing, tests wait as long as this.
	 */
	static final FleetTimeouts TIMEOUTS = new FleetTimeouts(Duration.ofSeconds(5), Duration.ofSeconds(20),
			Duration.ofSeconds(20), Duration.ofSeconds(20));

	/** How long a call takes at most if Redis answers. */
	static final Duration PATIENT = Duration.ofSeconds(20);

	/** How long it takes at most if the test lets Redis be silent. */
	static final Duration IMPATIENT = Duration.ofMillis(300);

	private final TestMember member;

	private final LettuceConnectionFactory connections;

	private final FleetConnection connection;

	private final FleetThreads threads = new FleetThreads();

	private final FleetCircuits circuits;

	private final FleetStore store;

	private final DirectoryWriter writer;

	private final RedisSessionDirectory directory;

	private final RedisFleetCommands commands;

	private final RedisRevocations revocations;

	private final FleetMembership membership;

	private RedisMember(String name, String prefix, RedisConfiguration redis, Duration timeout, Duration lease) {
		this.member = new TestMember(name);
		this.connections = (redis instanceof RedisStandaloneConfiguration standalone)
				? new LettuceConnectionFactory(standalone)
				: new LettuceConnectionFactory((RedisClusterConfiguration) redis);
		this.connections.afterPropertiesSet();
		this.connections.start();
		this.connection = new FleetConnection(this.connections);
		this.circuits = new FleetCircuits(timeout, this.connection);
		FleetCircuit circuit = this.circuits.of(FleetUse.DIRECTORY);
		this.store = new FleetStore(this.connections, circuit, new FleetKeys(prefix), TIMEOUTS);
		this.writer = new DirectoryWriter(this.member.gateway(), this.store, lease, this.threads.directory());
		this.member.listen(this.writer);
		this.directory = new RedisSessionDirectory(this.member.gateway(), this.store);
		this.commands = new RedisFleetCommands(this.member.gateway(), this.store, this.threads.commands(),
				Duration.ofSeconds(1));
		this.revocations = new RedisRevocations(this.member.revocations(), this.commands, this.store);
		circuit.onRecovery(this.revocations::invalidate);
		this.membership = new FleetMembership(this.member.gateway(), this.store, this.writer, this.commands,
				this.revocations, new RedisOverrides(this.store, () -> null, lease), this.threads.directory(), lease);
	}

	/** Starts a gateway. */
	static RedisMember start(String name, String prefix, int port) {
		return start(name, prefix, port, PATIENT, LEASE);
	}

	/** Starts a gateway that waits this long for a call, and has this lease. */
	static RedisMember start(String name, String prefix, int port, Duration timeout, Duration lease) {
		return start(
				new RedisMember(name, prefix, new RedisStandaloneConfiguration("127.0.0.1", port), timeout, lease));
	}

	/** Starts a gateway that authenticates with Redis. */
	static RedisMember startAs(String user, String password, String name, String prefix, int port) {
		RedisStandaloneConfiguration redis = new RedisStandaloneConfiguration("127.0.0.1", port);
		redis.setUsername(user);
		redis.setPassword(password);
		return start(new RedisMember(name, prefix, redis, PATIENT, LEASE));
	}

	/** Starts a gateway that uses a cluster. */
	static RedisMember startOnCluster(String name, String prefix, List<Integer> ports) {
		RedisClusterConfiguration cluster = new RedisClusterConfiguration();
		ports.forEach((port) -> cluster.addClusterNode(new RedisNode("127.0.0.1", port)));
		return start(new RedisMember(name, prefix, cluster, PATIENT, LEASE));
	}

	private static RedisMember start(RedisMember member) {
		member.connection.start();
		member.membership.start();
		return member;
	}

	String name() {
		return this.member.gateway().name();
	}

	int writerBacklog() {
		return this.writer.backlog();
	}

	FleetMeters meters() {
		return new FleetMeters(this.store, this.circuits, this.membership, this.writer, this.commands);
	}

	TestMember member() {
		return this.member;
	}

	RedisSessionDirectory directory() {
		return this.directory;
	}

	RedisFleetCommands commands() {
		return this.commands;
	}

	RedisRevocations revocations() {
		return this.revocations;
	}

	FleetStore store() {
		return this.store;
	}

	FleetMembership membership() {
		return this.membership;
	}

	/** Ends it without telling the others, as a crash would. */
	void crash() {
		this.threads.close();
		this.connection.close();
		RedisConnections.close(this.connections);
	}

	/** Stops it as an application does. */
	@Override
	public void close() {
		if (this.connections.isRunning()) {
			CountDownLatch stopped = new CountDownLatch(1);
			this.membership.stop(stopped::countDown);
			try {
				stopped.await();
			}
			catch (InterruptedException ex) {
				Thread.currentThread().interrupt();
			}
			crash();
		}
	}

}
