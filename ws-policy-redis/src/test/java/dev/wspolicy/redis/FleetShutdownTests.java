package dev.wspolicy.redis;

import java.util.Map;
import java.util.Set;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * What a gateway leaves in Redis when it stops. Alone in its class, since it ends the
 * event loops that gateways in one JVM share.
 */
class FleetShutdownTests {

	@Test
	void nothingStays() {
		try (RedisProcess redis = RedisProcess.start()) {
			try (FleetApplication gateway = FleetApplication.start("one", redis.port(),
					Map.of("ws-policy.pipelines.default.upgrade[0].session-limit.max", 1,
							"ws-policy.pipelines.default.upgrade[0].session-limit.scope", "principal"))) {
				for (int i = 0; i < 20; i++) {
					gateway.open("user-" + i);
				}
				await().until(() -> redis.command("KEYS *places*").startsWith("*20\n"));
				await().until(() -> redis.command("KEYS *sessions:one*").startsWith("*2\n"));
			}
			assertThat(redis.command("KEYS *places*")).isEqualTo("*0\n");
			assertThat(redis.command("KEYS *sessions*")).isEqualTo("*0\n");
		}
	}

	/** The first one starts the threads that all share. */
	@Test
	@Tag("soak")
	void applicationsLeaveNoThread() {
		try (RedisProcess redis = RedisProcess.start()) {
			startAndStop(redis);
			Set<Thread> before = LeftThreads.alive();
			for (int i = 0; i < 20; i++) {
				startAndStop(redis);
			}
			await().untilAsserted(() -> assertThat(LeftThreads.alive()).isSubsetOf(before));
		}
	}

	private static void startAndStop(RedisProcess redis) {
		try (FleetApplication gateway = FleetApplication.start("one", redis.port())) {
			gateway.open("ana").roundTrip();
		}
	}

}
