package dev.wspolicy.redis;

import java.time.Duration;
import java.util.Set;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;

import io.lettuce.core.RedisCommandExecutionException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.data.redis.RedisSystemException;
import org.springframework.data.redis.connection.RedisStandaloneConfiguration;
import org.springframework.data.redis.connection.lettuce.LettuceConnectionFactory;
import org.springframework.data.redis.core.ReactiveStringRedisTemplate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Tests for {@link FleetFailover}.
 */
class FleetFailoverTests {

	private static final Duration SILENCE = Duration.ofSeconds(2);

	private static final Duration TIMEOUT = Duration.ofSeconds(30);

	private final RedisProcess redis = RedisProcess.start();

	private final RedisLink link = RedisLink.to(this.redis.port());

	private final LettuceConnectionFactory connections = new LettuceConnectionFactory(
			new RedisStandaloneConfiguration("127.0.0.1", this.link.port()));

	private FleetFailover failover;

	@BeforeEach
	void connect() {
		this.connections.afterPropertiesSet();
		this.failover = new FleetFailover(this.connections, SILENCE);
		this.failover.watch();
		ping();
	}

	@AfterEach
	void stop() {
		RedisConnections.close(this.connections);
		this.link.close();
		this.redis.close();
	}

	@ParameterizedTest
	@ValueSource(strings = { "READONLY You can't write against a read only replica. script: 1, on @user_script:1.",
			"ERR Error running script (call to f_1): @user_script:1: -READONLY You can't write against a read only",
			"MASTERDOWN Link with MASTER is down and replica-serve-stale-data is set to 'no'.",
			"LOADING Redis is loading the dataset in memory", "NOREPLICAS Not enough good replicas to write.",
			"CLUSTERDOWN The cluster is down" })
	void connectsAnewIfTheServerIsWrong(String answer) {
		Set<String> before = clients();
		this.failover.failed(new RedisSystemException("Error", new RedisCommandExecutionException(answer)));
		await().until(() -> clients().stream().noneMatch(before::contains));
		ping();
	}

	@Test
	void connectsAnewNoMoreOftenThanOnceASecond() {
		RedisCommandExecutionException wrong = new RedisCommandExecutionException("READONLY");
		this.failover.failed(wrong);
		ping();
		Set<String> before = clients();
		this.failover.failed(wrong);
		ping();
		assertThat(clients()).isEqualTo(before);
	}

	@ParameterizedTest
	@ValueSource(strings = { "OOM command not allowed when used memory > 'maxmemory'.", "NOSCRIPT No matching script.",
			"WRONGTYPE Operation against a key" })
	void staysIfAnotherServerWouldAnswerTheSame(String answer) {
		assertThat(FleetFailover.isWrongServer(new RedisCommandExecutionException(answer))).isFalse();
	}

	@Test
	void leavesASilentServer() {
		Set<String> before = clients();
		this.link.silence();
		this.failover.failed(new TimeoutException());
		await().until(() -> clients().stream().anyMatch((client) -> !before.contains(client)));
		ping();
	}

	@Test
	void staysWithASlowServer() {
		Set<String> before = clients();
		this.link.delay(SILENCE.dividedBy(8));
		await().during(SILENCE.multipliedBy(2)).until(() -> {
			this.failover.failed(new TimeoutException());
			return clients().equals(before);
		});
	}

	private void ping() {
		assertThat(new ReactiveStringRedisTemplate(this.connections).hasKey("key").block(TIMEOUT)).isFalse();
	}

	/** The ids of the connections to Redis. */
	private Set<String> clients() {
		return this.redis.command("CLIENT LIST")
			.lines()
			.filter((client) -> client.startsWith("id=") && !client.contains("cmd=client|list"))
			.map((client) -> client.substring(3, client.indexOf(' ')))
			.collect(Collectors.toSet());
	}

}
