package dev.wspolicy.redis;

import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

import tools.jackson.databind.JsonNode;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Two gateways with WebSocket sessions whose messages and upgrades are limited together,
 * by limits that are never reached.
 */
final class GatewaysUnderTraffic implements AutoCloseable {

	/** So few that a gateway that waited once more for each would be noticed. */
	private static final int SESSIONS = 2;

	private final SocketTraffic traffic = SocketTraffic.start(SocketTraffic.pace(20));

	private final List<FleetApplication> gateways = new ArrayList<>();

	private final Map<String, Integer> sessions = new TreeMap<>();

	private final List<RedisProcess> servers;

	private int users;

	/**
	 * Starts the gateways.
	 * @param redis how they reach Redis
	 * @param timeout how long they wait for it
	 * @param lease their lease
	 * @param servers the servers, of which masters are asked for what they count
	 */
	GatewaysUnderTraffic(Map<String, Object> redis, Duration timeout, Duration lease, List<RedisProcess> servers) {
		this.servers = servers;
		Map<String, Object> properties = new LinkedHashMap<>(redis);
		String route = "spring.cloud.gateway.server.webflux.routes[0].";
		properties.put(route + "uri", this.traffic.uri());
		// Waits for Redis whenever the health is asked for
		properties.put("management.health.redis.enabled", false);
		properties.put("ws-policy.fleet.timeout", timeout.toMillis() + "ms");
		properties.put("ws-policy.fleet.lease", lease.toMillis() + "ms");
		String pipeline = "ws-policy.pipelines.default.";
		properties.put(pipeline + "session.verdict-timeout", "60s");
		properties.put(pipeline + "upgrade[0].session-limit.max", 1000);
		properties.put(pipeline + "upgrade[0].session-limit.scope", "principal");
		properties.put(pipeline + "inbound[0].rate-limit.frames", 100_000);
		properties.put(pipeline + "inbound[0].rate-limit.scope", "principal");
		for (String name : List.of("one", "two")) {
			this.gateways.add(FleetApplication.start(name, 0, properties));
			this.sessions.put(name, 0);
		}
		for (int i = 0; i < SESSIONS; i++) {
			openEach();
		}
		awaitShared(Duration.ofMinutes(1));
	}

	/** Opens a session on each gateway, both of one user. */
	Duration openEach() {
		this.users++;
		Duration longest = Duration.ZERO;
		for (FleetApplication gateway : this.gateways) {
			Duration time = this.traffic.open(gateway.port(), "user-" + this.users);
			longest = (time.compareTo(longest) > 0) ? time : longest;
			this.sessions.merge(name(gateway), 1, Integer::sum);
		}
		return longest;
	}

	SocketTraffic traffic() {
		return this.traffic;
	}

	/** Waits until each gateway has this in its health, such as {@code alone}. */
	void awaitHealth(String status, Map<String, String> details) {
		await().untilAsserted(() -> assertThat(this.gateways).allSatisfy((gateway) -> {
			JsonNode health = health(gateway);
			assertThat(health.path("status").asString()).isEqualTo(status);
			details.forEach(
					(name, value) -> assertThat(health.at("/details/" + name).asString()).as(name).isEqualTo(value));
		}));
	}

	private static JsonNode health(FleetApplication gateway) {
		return gateway.get("/health").json().at("/components/wsPolicyFleet");
	}

	/**
	 * Waits until the gateways share everything, and Redis counts what each of them has.
	 */
	void awaitShared(Duration atMost) {
		await().atMost(atMost)
			.pollInterval(Duration.ofMillis(200))
			.ignoreExceptions()
			.untilAsserted(() -> assertThat(counted()).isEqualTo(this.sessions));
		await().atMost(atMost).untilAsserted(() -> assertThat(this.gateways).allSatisfy((gateway) -> {
			JsonNode list = gateway.get("/websockets?fleet=true").json();
			int all = this.sessions.values().stream().mapToInt(Integer::intValue).sum();
			assertThat(list.path("total").asInt(-1)).isEqualTo(all);
			assertThat(list.at("/fleet/answered").asInt(-1)).isEqualTo(this.gateways.size());
			assertThat(health(gateway).path("status").asString()).isEqualTo("UP");
		}));
	}

	/** How many places each gateway has in Redis, of all keys together. */
	private Map<String, Integer> counted() {
		Map<String, Integer> counted = new TreeMap<>();
		for (RedisProcess server : this.servers) {
			if (isMaster(server)) {
				texts(server.command("KEYS ws-policy:places:*")).forEach((key) -> {
					List<String> hash = texts(server.command("HGETALL \"" + key + "\""));
					for (int i = 0; i + 1 < hash.size(); i += 2) {
						counted.merge(hash.get(i), Integer.valueOf(hash.get(i + 1).split(" ")[0]), Integer::sum);
					}
				});
			}
		}
		return counted;
	}

	private static boolean isMaster(RedisProcess server) {
		try {
			return server.command("ROLE").contains("master");
		}
		catch (UncheckedIOException ex) {
			return false;
		}
	}

	/** The texts of an answer, without their lengths. */
	private static List<String> texts(String answer) {
		return answer.lines().filter((line) -> !line.startsWith("*") && !line.startsWith("$")).toList();
	}

	/** The gateway that is asked lists its own sessions, and names the other one. */
	void assertListedAlone() {
		JsonNode list = this.gateways.get(0).get("/websockets?fleet=true").json();
		assertThat(list.path("total").asInt()).isEqualTo(this.sessions.get("one"));
		assertThat(list.at("/fleet/missing/0").asString()).isEqualTo("two");
		assertThat(list.at("/gateways/1/reachable").asBoolean(true)).isFalse();
	}

	/** No session has been closed, and no message has been lost or overtaken. */
	void assertUnharmed() {
		this.traffic.awaitArrival();
		for (FleetApplication gateway : this.gateways) {
			assertThat(gateway.sessions()).isEqualTo(this.sessions.get(name(gateway)));
		}
	}

	private static String name(FleetApplication gateway) {
		return gateway.bean(FleetProperties.class).gateway();
	}

	@Override
	public void close() {
		this.gateways.forEach(FleetApplication::close);
		this.traffic.close();
	}

}
