package dev.wspolicy.redis;

import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.mockito.Mockito;

import dev.wspolicy.fleet.FleetGateway;
import dev.wspolicy.fleet.LocalGateway;
import dev.wspolicy.fleet.PrincipalToken;
import dev.wspolicy.fleet.Revocation;
import dev.wspolicy.fleet.RevocationList;
import dev.wspolicy.session.SessionRegistry;
import dev.wspolicy.session.TestRegistry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * A gateway whose own state cannot be read remains a member of the fleet.
 */
class FleetMembershipTests {

	private static final Duration LEASE = Duration.ofSeconds(3);

	@RegisterExtension
	static final RedisFleetExtension fleet = new RedisFleetExtension(LEASE);

	private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();

	private final FleetThreads threads = new FleetThreads();

	private final TestRegistry sessions = new TestRegistry();

	private final SessionRegistry registry = Mockito.mock(SessionRegistry.class, (invocation) -> {
		Throwable failure = this.failure.get();
		if (failure != null) {
			throw failure;
		}
		return invocation.getMethod().invoke(this.sessions, invocation.getArguments());
	});

	private final RevocationList revocations = new RevocationList(this.sessions, (principal) -> PrincipalToken.UNKNOWN);

	private RedisMember other;

	private FleetMembership membership;

	@BeforeEach
	void start() {
		this.other = fleet.join("other");
		FleetStore store = this.other.store();
		LocalGateway gateway = new LocalGateway("faulty", this.registry, () -> null, this.revocations,
				(subprotocol) -> true);
		RedisFleetCommands commands = new RedisFleetCommands(gateway, store, this.threads.commands(),
				Duration.ofMillis(100));
		this.membership = new FleetMembership(gateway, store,
				new DirectoryWriter(gateway, store, LEASE, this.threads.directory()), commands,
				new RedisRevocations(this.revocations, commands, store), new RedisOverrides(store, () -> null, LEASE),
				this.threads.directory(), LEASE);
		this.membership.start();
		await().until(this::isListed);
	}

	@AfterEach
	void stop() throws InterruptedException {
		CountDownLatch stopped = new CountDownLatch(1);
		this.membership.stop(stopped::countDown);
		assertThat(stopped.await(30, TimeUnit.SECONDS)).isTrue();
		this.threads.close();
	}

	private boolean isListed() {
		return this.other.directory()
			.gateways()
			.flatMapIterable((gateways) -> gateways)
			.filter(FleetGateway::reachable)
			.any((gateway) -> gateway.name().equals("faulty"))
			.blockOptional()
			.orElseThrow();
	}

	@Test
	void renewsItsLeaseAfterAnException() {
		remainsAMember(new IllegalStateException("not now"));
	}

	@Test
	void renewsItsLeaseAfterAnError() {
		remainsAMember(new StackOverflowError());
	}

	private void remainsAMember(Throwable failure) {
		this.failure.set(failure);
		await().during(LEASE.multipliedBy(2)).until(this.membership::isMember);
		this.failure.set(null);
		await().until(this::isListed);
	}

	@Test
	void readsRevocationsAlthoughItCannotWriteItsSessions() {
		this.failure.set(new StackOverflowError());
		String key = this.other.store().keys().revocations();
		Revocation revocation = Revocation.token("t1", Instant.now().plusSeconds(600));
		this.other.store()
			.redis()
			.opsForZSet()
			.add(key, FleetCodec.write(revocation), revocation.until().toEpochMilli())
			.block();
		await().until(() -> this.revocations.size() == 1);
		this.failure.set(null);
	}

}
