package dev.wspolicy.redis;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;

import io.lettuce.core.cluster.ClusterClientOptions;
import io.lettuce.core.cluster.ClusterTopologyRefreshOptions;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.springframework.data.redis.connection.RedisClusterConfiguration;
import org.springframework.data.redis.connection.RedisNode;
import org.springframework.data.redis.connection.RedisStandaloneConfiguration;
import org.springframework.data.redis.connection.lettuce.LettuceClientConfiguration;
import org.springframework.data.redis.connection.lettuce.LettuceConnectionFactory;
import org.springframework.data.redis.core.ReactiveStringRedisTemplate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Tests for {@link FleetConnection}.
 */
class FleetConnectionTests {

	private static final Duration TIMEOUT = Duration.ofSeconds(30);

	private static final Duration REFRESH = Duration.ofMillis(250);

	/** How often it has been told that a connection has been opened. */
	private final AtomicInteger opened = new AtomicInteger();

	private @Nullable LettuceConnectionFactory connections;

	private @Nullable FleetConnection connection;

	@AfterEach
	void stop() {
		if (this.connection != null && this.connections != null) {
			this.connection.close();
			RedisConnections.close(this.connections);
		}
	}

	private FleetConnection connect(LettuceConnectionFactory connections) {
		connections.afterPropertiesSet();
		connections.start();
		FleetConnection connection = new FleetConnection(connections);
		connection.onOpen(this.opened::incrementAndGet);
		this.connections = connections;
		this.connection = connection;
		return connection;
	}

	private FleetConnection connect(RedisCluster redis) {
		RedisClusterConfiguration cluster = new RedisClusterConfiguration();
		redis.ports().forEach((port) -> cluster.addClusterNode(new RedisNode("127.0.0.1", port)));
		ClusterTopologyRefreshOptions refresh = ClusterTopologyRefreshOptions.builder()
			.enablePeriodicRefresh(REFRESH)
			.build();
		return connect(new LettuceConnectionFactory(cluster,
				LettuceClientConfiguration.builder()
					.shutdownTimeout(Duration.ZERO)
					.clientOptions(ClusterClientOptions.builder().topologyRefreshOptions(refresh).build())
					.build()));
	}

	@Test
	void oneNodeOfAClusterThatAnswersIsEnough() {
		try (RedisCluster redis = RedisCluster.startWithReplica()) {
			FleetConnection connection = connect(redis);
			connection.start();
			await().until(connection::isOpen);
			redis.servers().get(3).pause();
			assertThat(connection.ping().block(Duration.ofSeconds(5))).isEqualTo("PONG");
			redis.servers().get(3).kill();
			assertThat(connection.ping().block(Duration.ofSeconds(5))).isEqualTo("PONG");
		}
	}

	@Test
	void lookingForTheNodesOfAClusterOpensNothingAgain() {
		try (RedisCluster redis = RedisCluster.startWithReplica()) {
			FleetConnection connection = connect(redis);
			connection.start();
			await().until(connection::isOpen);
			AtomicInteger before = new AtomicInteger();
			await().during(REFRESH.multipliedBy(12))
				.until(() -> before.getAndSet(this.opened.get()) == this.opened.get());
		}
	}

	@Test
	void tellsThatAReplicaOfAClusterHasBeenPromoted() {
		try (RedisCluster redis = RedisCluster.startWithReplica()) {
			FleetConnection connection = connect(redis);
			connection.start();
			await().until(connection::isOpen);
			redis.failOver();
			int before = this.opened.get();
			await().untilAsserted(() -> assertThat(this.opened).hasValueGreaterThan(before));
		}
	}

	@Test
	void tellsThatAConnectionHasBeenOpenedAgain() {
		try (RedisProcess redis = RedisProcess.start()) {
			FleetConnection connection = connect(
					new LettuceConnectionFactory(new RedisStandaloneConfiguration("127.0.0.1", redis.port())));
			connection.start();
			await().until(connection::isOpen);
			int before = this.opened.get();
			redis.kill();
			redis.restart();
			await().untilAsserted(() -> assertThat(this.opened).hasValueGreaterThan(before));
		}
	}

	@Test
	void leavesAServerThatIsSilentFromTheBeginning() {
		try (RedisProcess redis = RedisProcess.start(); RedisLink link = RedisLink.to(redis.port())) {
			LettuceConnectionFactory connections = new LettuceConnectionFactory(
					new RedisStandaloneConfiguration("127.0.0.1", link.port()));
			FleetConnection connection = connect(connections);
			assertThat(new ReactiveStringRedisTemplate(connections).hasKey("key").block(TIMEOUT)).isFalse();
			link.silence();
			connection.start();
			assertThat(connection.isOpen()).isFalse();
			await().until(connection::isOpen);
		}
	}

}
