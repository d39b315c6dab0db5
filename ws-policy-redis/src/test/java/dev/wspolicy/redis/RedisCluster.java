package dev.wspolicy.redis;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import static org.awaitility.Awaitility.await;

/**
 * A cluster of three masters, each with a third of the slots.
 */
final class RedisCluster implements AutoCloseable {

	private static final String[] SLOTS = { "0 5460", "5461 10922", "10923 16383" };

	private final List<RedisProcess> nodes;

	private RedisCluster(List<RedisProcess> nodes) {
		this.nodes = nodes;
	}

	static RedisCluster start() {
		return start(Duration.ofMinutes(1));
	}

	/** Starts a cluster whose first node has a replica, which soon takes its place. */
	static RedisCluster startWithReplica() {
		RedisCluster cluster = start(Duration.ofSeconds(2));
		RedisProcess first = cluster.nodes.get(0);
		RedisProcess replica = node(Duration.ofSeconds(2));
		cluster.nodes.add(replica);
		replica.command("CLUSTER MEET 127.0.0.1 " + first.port());
		String id = first.command("CLUSTER MYID").lines().skip(1).findFirst().orElseThrow();
		await().until(() -> replica.command("CLUSTER REPLICATE " + id).startsWith("+OK"));
		await().until(() -> replica.command("INFO replication").contains("master_link_status:up"));
		// All know it, so that they vote for it
		await().until(() -> cluster.nodes.stream()
			.allMatch((node) -> node.command("CLUSTER REPLICAS " + id).contains(":" + replica.port())));
		return cluster;
	}

	private static RedisProcess node(Duration timeout) {
		return RedisProcess.start("--cluster-enabled", "yes", "--cluster-node-timeout", "" + timeout.toMillis(),
				"--repl-diskless-sync-delay", "0");
	}

	private static RedisCluster start(Duration timeout) {
		List<RedisProcess> nodes = Stream.of(SLOTS)
			.map((slots) -> node(timeout))
			.collect(Collectors.toCollection(ArrayList::new));
		for (int i = 0; i < SLOTS.length; i++) {
			nodes.get(i).command("CLUSTER ADDSLOTSRANGE " + SLOTS[i]);
			nodes.get(i).command("CLUSTER MEET 127.0.0.1 " + nodes.get(0).port());
		}
		await().until(() -> nodes.stream()
			.allMatch((node) -> node.command("CLUSTER INFO").contains("cluster_state:ok")
					&& node.command("CLUSTER INFO").contains("cluster_known_nodes:3")));
		return new RedisCluster(nodes);
	}

	/** Ends the first node, and waits until its replica has taken its place. */
	void failOver() {
		this.nodes.get(0).kill();
		awaitReplica();
	}

	private void awaitReplica() {
		RedisProcess replica = this.nodes.get(this.nodes.size() - 1);
		await().until(() -> replica.command("ROLE").contains("master")
				&& replica.command("CLUSTER INFO").contains("cluster_state:ok"));
	}

	List<RedisProcess> servers() {
		return this.nodes;
	}

	List<Integer> ports() {
		return this.nodes.stream().map(RedisProcess::port).toList();
	}

	@Override
	public void close() {
		this.nodes.forEach(RedisProcess::close);
	}

}
