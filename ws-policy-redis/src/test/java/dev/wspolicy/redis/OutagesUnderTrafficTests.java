package dev.wspolicy.redis;

import java.time.Duration;
import java.util.List;
import java.util.Map;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Two gateways under traffic whose Redis is stopped, paused, slow or restarted empty.
 */
@TestInstance(Lifecycle.PER_CLASS)
@ExtendWith(OutputCaptureExtension.class)
class OutagesUnderTrafficTests {

	private static final Map<String, String> ALONE = Map.of("directory", "alone", "session-limit", "alone",
			"rate-limit", "alone");

	private RedisProcess redis;

	private RedisLink link;

	private GatewaysUnderTraffic gateways;

	@BeforeAll
	void start() {
		this.redis = RedisProcess.start();
		this.link = RedisLink.to(this.redis.port());
		this.gateways = new GatewaysUnderTraffic(Map.of("spring.data.redis.port", this.link.port()), timeout(), lease(),
				List.of(this.redis));
	}

	@AfterAll
	void stop() {
		if (this.gateways != null) {
			this.gateways.close();
		}
		this.link.close();
		this.redis.close();
	}

	GatewaysUnderTraffic gateways() {
		return this.gateways;
	}

	/** How long the gateways wait for Redis. */
	Duration timeout() {
		return Duration.ofSeconds(1);
	}

	/** So short that the gateways soon notice that their places cannot be counted. */
	Duration lease() {
		return Duration.ofSeconds(3);
	}

	/**
	 * The longest that a message or an upgrade may take: so much more than the timeout
	 * for a busy machine, but less than if a message had to wait for each one before it.
	 */
	Duration bound() {
		return Duration.ofSeconds(10);
	}

	/** How soon everything is right after an outage. */
	Duration repaired() {
		return Duration.ofMinutes(1);
	}

	/** Lets the outage last. */
	void endure() {
		this.gateways.traffic().awaitMessages(50);
	}

	@BeforeEach
	void begin() {
		this.gateways.traffic().awaitMessages(20);
		this.gateways.traffic().takeMaxDelay();
	}

	@AfterEach
	void allIsWellAgain() {
		this.link.delay(Duration.ZERO);
		this.redis.resume();
		this.gateways.awaitShared(repaired());
		this.gateways.assertUnharmed();
	}

	@Test
	void stoppedAndRestartedEmpty(CapturedOutput output) {
		this.redis.kill();
		assertOutage();
		this.redis.restart();
		this.gateways.awaitShared(repaired());
		assertLog(output);
	}

	@Test
	void paused(CapturedOutput output) {
		this.redis.pause();
		assertOutage();
		this.redis.resume();
		this.gateways.awaitShared(repaired());
		assertLog(output);
	}

	@Test
	void slow() {
		// A message that is limited waits for two round trips, everything else for one
		this.link.delay(timeout().multipliedBy(3).dividedBy(10));
		assertServes();
		this.gateways.awaitHealth("UNKNOWN",
				Map.of("directory", "shared", "session-limit", "shared", "rate-limit", "alone"));
		endure();
		assertInTime();
		this.link.delay(Duration.ZERO);
	}

	@Test
	void restartedEmptyAtOnce() {
		this.redis.kill();
		this.redis.restart();
		assertServes();
	}

	private void assertOutage() {
		assertServes();
		this.gateways.awaitHealth("UNKNOWN", ALONE);
		this.gateways.assertListedAlone();
		endure();
		assertServes();
	}

	private void assertServes() {
		assertThat(this.gateways.openEach()).isLessThan(bound());
		this.gateways.traffic().awaitMessages(20);
		assertInTime();
	}

	private void assertInTime() {
		Duration delay = this.gateways.traffic().takeMaxDelay();
		System.out.println("longest delay of a message: " + delay.toMillis() + " ms");
		assertThat(delay).isLessThan(bound());
	}

	/** Each gateway logs a line for each use when it ends and one when it is back. */
	private static void assertLog(CapturedOutput output) {
		for (FleetUse use : FleetUse.values()) {
			assertThat(output.getAll().lines()).filteredOn(
					(line) -> line.contains("Redis does not answer for " + use.label() + ": this gateway acts alone"))
				.as("what a busy machine adds are few")
				.hasSizeBetween(2, 6);
			assertThat(output.getAll()).contains("Redis answers again for " + use.label());
		}
	}

}
