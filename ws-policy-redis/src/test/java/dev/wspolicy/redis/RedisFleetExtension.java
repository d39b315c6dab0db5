package dev.wspolicy.redis;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

import dev.wspolicy.fleet.FleetGateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * A Redis for all tests of a class, and a new fleet for each.
 */
final class RedisFleetExtension implements BeforeAllCallback, BeforeEachCallback, AfterEachCallback, AfterAllCallback {

	private static final AtomicInteger FLEETS = new AtomicInteger();

	private final Duration lease;

	private final List<RedisMember> members = new ArrayList<>();

	private @Nullable RedisProcess redis;

	private @Nullable RedisLink link;

	private String prefix = "";

	RedisFleetExtension() {
		this(RedisMember.LEASE);
	}

	/** Creates an extension whose gateways have this lease. */
	RedisFleetExtension(Duration lease) {
		this.lease = lease;
	}

	@Override
	public void beforeAll(ExtensionContext context) {
		this.redis = RedisProcess.start();
	}

	@Override
	public void beforeEach(ExtensionContext context) {
		this.prefix = "fleet" + FLEETS.incrementAndGet() + ":";
	}

	@Override
	public void afterEach(ExtensionContext context) {
		this.members.forEach(RedisMember::close);
		this.members.clear();
		if (this.link != null) {
			this.link.close();
			this.link = null;
		}
	}

	@Override
	public void afterAll(ExtensionContext context) {
		redis().close();
	}

	RedisProcess redis() {
		return Objects.requireNonNull(this.redis, "Redis has not been started");
	}

	/** Starts a gateway of the fleet. */
	RedisMember join(String name) {
		RedisMember member = RedisMember.start(name, this.prefix, redis().port(), RedisMember.PATIENT, this.lease);
		this.members.add(member);
		return member;
	}

	/** Starts a gateway of the fleet that does not wait for long if Redis is silent. */
	RedisMember joinImpatiently(String name) {
		return join(name, redis().port());
	}

	/**
	 * Starts a gateway of the fleet whose network can be {@link #link() cut}, which does
	 * not wait for long then.
	 */
	RedisMember joinThroughLink(String name) {
		this.link = RedisLink.to(redis().port());
		return join(name, this.link.port());
	}

	private RedisMember join(String name, int port) {
		RedisMember member = RedisMember.start(name, this.prefix, port, RedisMember.IMPATIENT, this.lease);
		this.members.add(member);
		return member;
	}

	RedisLink link() {
		return Objects.requireNonNull(this.link, "no gateway joined through a link");
	}

	/** Waits until each gateway knows that so many live. */
	void awaitGateways(int count) {
		await().untilAsserted(() -> assertThat(this.members).allSatisfy((member) -> {
			List<FleetGateway> gateways = member.directory().gateways().block();
			assertThat(gateways).hasSize(count).allMatch(FleetGateway::reachable);
		}));
	}

}
