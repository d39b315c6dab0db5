package dev.wspolicy.redis;

import java.time.Duration;
import java.util.Set;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.data.redis.autoconfigure.DataRedisAutoConfiguration;
import org.springframework.boot.test.context.assertj.AssertableReactiveWebApplicationContext;
import org.springframework.boot.test.context.runner.ContextConsumer;
import org.springframework.boot.test.context.runner.ReactiveWebApplicationContextRunner;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.data.redis.connection.lettuce.LettuceConnectionFactory;

import dev.wspolicy.autoconfigure.WsPolicyLocalFleetAutoConfiguration;
import dev.wspolicy.autoconfigure.WsPolicyPoliciesAutoConfiguration;
import dev.wspolicy.autoconfigure.WsPolicyProperties;
import dev.wspolicy.fleet.OnExceed;
import dev.wspolicy.fleet.PlaceRequest;
import dev.wspolicy.fleet.SessionPlaces;
import dev.wspolicy.session.SessionRegistry;
import dev.wspolicy.session.TestRegistry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * How the beans of the fleet start and stop, whatever Redis does.
 */
@ExtendWith(OutputCaptureExtension.class)
class FleetLifecycleTests {

	/** Long for a busy machine, but less than a client of Redis waits. */
	private static final Duration BOUND = Duration.ofSeconds(30);

	private final RedisProcess redis = RedisProcess.start();

	private long closedAt;

	@AfterEach
	void stopRedis() {
		this.redis.resume();
		this.redis.close();
	}

	@Test
	void stopsWhileRedisIsSilent(CapturedOutput output) {
		this.redis.pause();
		run(this.redis.port(), (context) -> assertThat(context).hasNotFailed());
		assertStopped(output);
	}

	@Test
	void stopsWhenRedisHasBecomeSilent(CapturedOutput output) {
		run(this.redis.port(), (context) -> {
			await().until(context.getBean(FleetCircuits.class)::areClosed);
			this.redis.pause();
		});
		assertStopped(output);
	}

	@Test
	void stopsWhileRedisIsGone(CapturedOutput output) {
		this.redis.kill();
		run(this.redis.port(), (context) -> assertThat(context).hasNotFailed());
		assertStopped(output);
	}

	@Test
	void stopsWhileRedisIsSlow(CapturedOutput output) {
		for (int delay : new int[] { 0, 20, 100, 500, 2000 }) {
			try (RedisLink link = RedisLink.to(this.redis.port()).delay(Duration.ofMillis(delay))) {
				run(link.port(), (context) -> assertThat(context).hasNotFailed());
				assertStopped(output);
			}
		}
	}

	@Test
	void usesConnectionsThatStartWithTheApplication() {
		runner(this.redis.port()).withBean(LettuceConnectionFactory.class, () -> {
			LettuceConnectionFactory connections = new LettuceConnectionFactory("localhost", this.redis.port());
			connections.setEarlyStartup(false);
			return connections;
		}).run((context) -> {
			assertThat(context).hasNotFailed();
			FleetCircuits circuits = context.getBean(FleetCircuits.class);
			await().until(circuits::areClosed);
			context.stop();
			assertThat(circuits.areClosed()).isFalse();
			context.start();
			await().until(circuits::areClosed);
			assertThat(context.getBean("wsPolicyFleetSessionPlaces", SessionPlaces.class)
				.take(new PlaceRequest("key", 1, OnExceed.REFUSE, () -> {
				}))
				.block(BOUND)).isNotNull();
			assertThat(this.redis.command("KEYS *places*")).contains("places:key");
		});
	}

	private void run(int port, ContextConsumer<AssertableReactiveWebApplicationContext> consumer) {
		runner(port).run((context) -> {
			consumer.accept(context);
			this.closedAt = System.nanoTime();
		});
	}

	@Test
	void leavesNoThread() {
		Set<Thread> before = LeftThreads.alive();
		for (int i = 0; i < 20; i++) {
			run(this.redis.port(), (context) -> await().until(context.getBean(FleetCircuits.class)::areClosed));
		}
		await().untilAsserted(() -> assertThat(LeftThreads.alive()).isSubsetOf(before));
	}

	private void assertStopped(CapturedOutput output) {
		assertThat(Duration.ofNanos(System.nanoTime() - this.closedAt)).isLessThan(BOUND);
		assertThat(output.getAll()).doesNotContain(" ERROR ");
	}

	private static ReactiveWebApplicationContextRunner runner(int port) {
		return new ReactiveWebApplicationContextRunner()
			.withConfiguration(
					AutoConfigurations.of(DataRedisAutoConfiguration.class, WsPolicyFleetAutoConfiguration.class,
							WsPolicyPoliciesAutoConfiguration.class, WsPolicyLocalFleetAutoConfiguration.class))
			.withBean(WsPolicyProperties.class)
			.withBean(SessionRegistry.class, () -> new TestRegistry())
			.withPropertyValues("spring.data.redis.port=" + port);
	}

}
