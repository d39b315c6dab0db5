package dev.wspolicy.redis;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.extension.RegisterExtension;

import dev.wspolicy.fleet.SessionDirectory;
import dev.wspolicy.fleet.SessionDirectoryContractTests;
import dev.wspolicy.fleet.TestMember;

/**
 * Tests for a {@link SessionDirectory} that one gateway uses for another one.
 */
class RedisSessionDirectoryTests extends SessionDirectoryContractTests {

	@RegisterExtension
	static final RedisFleetExtension fleet = new RedisFleetExtension();

	private RedisMember first;

	private RedisMember second;

	@BeforeEach
	void start() {
		this.first = fleet.join("first");
		this.second = fleet.join("second");
		fleet.awaitGateways(2);
	}

	@Override
	protected TestMember member() {
		return this.first.member();
	}

	@Override
	protected SessionDirectory directory() {
		return this.second.directory();
	}

}
