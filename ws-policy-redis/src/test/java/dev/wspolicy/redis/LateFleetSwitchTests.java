package dev.wspolicy.redis;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

import dev.wspolicy.rollout.PolicySwitch;
import dev.wspolicy.rollout.RolloutOverride;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Tests that gateways that join a fleet know which policies have been switched.
 */
class LateFleetSwitchTests {

	private static RedisProcess redis;

	/** Closed at the end only, because they share resources of Reactor Netty. */
	private static final List<FleetApplication> gateways = new ArrayList<>();

	@BeforeAll
	static void startRedis() {
		redis = RedisProcess.start();
	}

	@AfterAll
	static void stop() {
		gateways.forEach(FleetApplication::close);
		redis.close();
	}

	private static FleetApplication start(String name, Map<String, Object> pipeline) {
		FleetApplication gateway = FleetApplication.start(name, redis.port(), pipeline);
		gateways.add(gateway);
		await()
			.until(() -> gateway.get("/websockets?fleet=true").json().at("/fleet/answered").asInt() == gateways.size());
		return gateway;
	}

	private static List<RolloutOverride> overrides(FleetApplication gateway) {
		return gateway.bean(PolicySwitch.class).overrides();
	}

	@Test
	void gatewaysThatJoinLaterFollow() {
		FleetApplication one = start("one", FleetSwitchTests.PIPELINE);
		assertThat(one
			.call("POST", FleetSwitchTests.POLICY,
					"{\"share\": \"0%\", \"rest\": \"off\", \"for\": \"1h\", \"fleet\": true}")
			.status()).isEqualTo(200);
		FleetApplication two = start("two", FleetSwitchTests.PIPELINE);
		assertThat(overrides(two)).isEqualTo(overrides(one)).hasSize(1);
		FleetSwitchTests.assertPassesRude(two.open("ana"));
		FleetApplication other = start("other", Map.of());
		assertThat(overrides(other)).isEmpty();
		String body = "{\"mode\": \"observe\", \"fleet\": true}";
		assertThat(one.call("POST", FleetSwitchTests.POLICY, body).json().at("/fleet/problems/other").asString())
			.contains("no policy 'size-limit' in the pipeline 'default'");
		assertThat(overrides(two)).hasSize(1);
		assertThat(one.call("DELETE", FleetSwitchTests.POLICY + "?fleet=true", null).status()).isEqualTo(200);
		assertThat(overrides(one)).isEmpty();
		assertThat(overrides(two)).isEmpty();
		assertThat(overrides(start("four", FleetSwitchTests.PIPELINE))).isEmpty();
	}

}
