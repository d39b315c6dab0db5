package dev.wspolicy.redis;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.extension.ExtendWith;

import dev.wspolicy.fleet.SessionPlaces;
import dev.wspolicy.fleet.SessionPlacesContractTests;
import dev.wspolicy.testkit.BlockingCallWatch;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The places of one gateway, in Redis.
 */
@ExtendWith(BlockingCallWatch.class)
class RedisSessionPlacesTests extends SessionPlacesContractTests {

	private static final RedisProcess redis = RedisProcess.start();

	private RedisGateway gateway;

	@BeforeEach
	void start() {
		this.gateway = RedisGateway.on(redis, "a");
		this.gateway.redis().execute((connection) -> connection.serverCommands().flushAll()).blockLast();
	}

	@AfterEach
	void stop() {
		assertThat(this.gateway.circuit().isClosed()).isTrue();
		this.gateway.close();
	}

	@AfterAll
	static void stopRedis() {
		redis.close();
	}

	@Override
	protected SessionPlaces places() {
		return this.gateway.places();
	}

	@Override
	protected int rounds() {
		return 300;
	}

}
