package dev.wspolicy.redis;

import java.util.List;
import java.util.Map;

import static org.awaitility.Awaitility.await;

/**
 * A server, its replica, and a Sentinel that promotes the replica when the server is
 * gone.
 */
final class RedisSentinel implements AutoCloseable {

	private static final String NAME = "fleet";

	private final RedisProcess first;

	private final RedisProcess replica;

	private final RedisProcess sentinel = RedisProcess.sentinel();

	private RedisSentinel(String... options) {
		this.first = RedisProcess.start(options);
		this.replica = RedisProcess.start("--replicaof", "127.0.0.1", "" + this.first.port());
	}

	static RedisSentinel start() {
		return started(new RedisSentinel());
	}

	/**
	 * Starts a server that keeps its connections when it becomes a replica, since it does
	 * not know the command with which Sentinel ends them.
	 */
	static RedisSentinel startKeepingConnections() {
		return started(new RedisSentinel("--rename-command", "CLIENT", "no-client"));
	}

	private static RedisSentinel started(RedisSentinel started) {
		started.first.command("CONFIG SET repl-diskless-sync-delay 0");
		started.sentinel.command("SENTINEL MONITOR " + NAME + " 127.0.0.1 " + started.first.port() + " 1");
		started.sentinel.command("SENTINEL SET " + NAME + " down-after-milliseconds 1000");
		await().until(() -> started.replica.command("INFO replication").contains("master_link_status:up"));
		await()
			.until(() -> started.sentinel.command("SENTINEL REPLICAS " + NAME).contains("" + started.replica.port()));
		return started;
	}

	/** The properties with which an application finds it. */
	Map<String, Object> properties() {
		return Map.of("spring.data.redis.sentinel.master", NAME, "spring.data.redis.sentinel.nodes",
				"127.0.0.1:" + this.sentinel.port());
	}

	List<RedisProcess> servers() {
		return List.of(this.first, this.replica);
	}

	/** Ends the server, and waits until its replica has taken its place. */
	void failOver() {
		this.first.kill();
		await().until(() -> this.replica.command("ROLE").contains("master"));
	}

	/** Lets server and replica change places, while both go on. */
	void switchOver() {
		this.sentinel.command("SENTINEL FAILOVER " + NAME);
		await().until(() -> this.replica.command("ROLE").contains("master"));
		// Sentinel cannot, since it does that together with ending the connections
		this.first.command("REPLICAOF 127.0.0.1 " + this.replica.port());
	}

	@Override
	public void close() {
		this.sentinel.close();
		this.replica.close();
		this.first.close();
	}

}
