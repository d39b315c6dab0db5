package dev.wspolicy.redis;

import java.time.Duration;
import java.util.concurrent.TimeUnit;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.springframework.data.redis.connection.RedisStandaloneConfiguration;
import reactor.core.publisher.Flux;

import dev.wspolicy.fleet.OnExceed;
import dev.wspolicy.fleet.OnFailure;
import dev.wspolicy.fleet.PlaceRequest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * A gateway that counts more users than it may tell a distant Redis one after the other.
 */
@Tag("soak")
class ManyPlacesTests {

	private static final int USERS = 4_000;

	private static final Duration LEASE = Duration.ofSeconds(15);

	@Test
	void leasesAreRenewedInTime() throws InterruptedException {
		try (RedisProcess redis = RedisProcess.start();
				RedisLink link = RedisLink.to(redis.port()).delay(Duration.ofMillis(500));
				RedisGateway gateway = RedisGateway.on(new RedisStandaloneConfiguration("127.0.0.1", link.port()), "a",
						OnFailure.REFUSE, LEASE)) {
			Long taken = Flux.range(0, USERS)
				.flatMap((number) -> gateway.places()
					.take(new PlaceRequest("group/principal " + number, 1, OnExceed.REFUSE, () -> {
					})), 1000)
				.count()
				.block();
			assertThat(taken).isEqualTo(USERS);
			assertThat(redis.command("DBSIZE")).isEqualTo(":" + USERS + "\n");
			long before = scripts(redis);
			long start = System.nanoTime();
			// The time in which every lease ends twice
			while (System.nanoTime() - start < LEASE.multipliedBy(2).toNanos()) {
				TimeUnit.MILLISECONDS.sleep(100);
				assertThat(redis.command("DBSIZE")).isEqualTo(":" + USERS + "\n");
			}
			double seconds = (System.nanoTime() - start) / 1e9;
			System.out.printf("%d keys: %.0f scripts per second%n", USERS, (scripts(redis) - before) / seconds);
			assertThat(gateway.circuit().isClosed()).isTrue();
			gateway.places().stop();
			await().untilAsserted(() -> System.out.println("after a stop of a second: " + redis.command("DBSIZE")));
		}
	}

	private static long scripts(RedisProcess redis) {
		return Long
			.parseLong(redis.command("INFO commandstats").replaceAll("(?s).*cmdstat_evalsha:calls=(\\d+),.*", "$1"));
	}

}
