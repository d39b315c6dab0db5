package dev.wspolicy.redis;

import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.mockito.Mockito;
import org.springframework.data.domain.Range;
import org.springframework.data.redis.connection.ReactiveRedisConnectionFactory;

import dev.wspolicy.fleet.Revocation;
import dev.wspolicy.fleet.Revocations;
import dev.wspolicy.fleet.RevocationsContractTests;
import dev.wspolicy.fleet.TestMember;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Tests for a {@link Revocations} that one gateway uses for another one.
 */
class RedisRevocationsTests extends RevocationsContractTests {

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

	@Test
	void readsAllAlthoughOthersAreRemovedMeanwhile() {
		FleetStore redis = this.first.store();
		String key = redis.keys().revocations();
		for (int i = 0; i < 1000; i++) {
			Revocation revocation = Revocation.token("t" + i, this.later.plusSeconds(i));
			redis.redis()
				.opsForZSet()
				.add(key, FleetCodec.write(revocation), revocation.until().toEpochMilli())
				.block(TIMEOUT);
		}
		AtomicInteger reads = new AtomicInteger();
		ReactiveRedisConnectionFactory connections = connections(() -> {
			if (reads.incrementAndGet() == 2) {
				// On the same connection, so that it is done before the next read
				redis.redis().opsForZSet().removeRange(key, Range.closed(0L, 399L)).subscribe();
			}
		});
		TestMember member = new TestMember("third");
		FleetStore store = new FleetStore(connections,
				new FleetCircuit(FleetUse.DIRECTORY, RedisMember.PATIENT, FleetConnection.open()), redis.keys(),
				RedisMember.TIMEOUTS);
		RedisRevocations revocations = new RedisRevocations(member.revocations(), this.first.commands(), store);
		revocations.synchronize().block(TIMEOUT);
		assertThat(reads).hasValueGreaterThan(2);
		assertThat(revocations.size()).isEqualTo(600);
	}

	@Test
	void revocationsThatRedisHasEvictedAreWrittenAgain() {
		this.second.revocations().revoke(Revocation.token("evicted", this.later)).block(TIMEOUT);
		await().until(() -> this.first.revocations().size() == 1);
		String key = this.first.store().keys().revocations();
		assertThat(fleet.redis().command("DEL " + key)).isEqualTo(":1\n");
		// Others may have been added since
		fleet.redis().command("ZADD " + key + " " + this.later.toEpochMilli() + " unknown");
		await().until(() -> fleet.redis().command("ZCARD " + key).equals(":2\n"));
		assertThat(fleet.join("third").revocations().size()).isEqualTo(1);
	}

	@Test
	void aGatewayThatHasReadNothingReadsWhatOthersHaveWrittenAgain() {
		this.second.revocations().revoke(Revocation.token("lost", this.later)).block(TIMEOUT);
		assertThat(fleet.redis().command("DEL " + this.first.store().keys().revocations())).isEqualTo(":1\n");
		RedisRevocations third = new RedisRevocations(new TestMember("third").revocations(), this.first.commands(),
				this.first.store());
		third.synchronize().block(TIMEOUT);
		await().untilAsserted(() -> {
			third.check();
			third.retry();
			assertThat(third.size()).isEqualTo(1);
		});
	}

	/** What the list has instead of two revocations covers both. */
	@Test
	void readsOnceWhatItHasMerged() {
		Instant end = this.later.truncatedTo(ChronoUnit.SECONDS);
		for (Revocation revocation : List.of(Revocation.principal("ana", end, end.plusSeconds(60)),
				Revocation.principal("ana", end.plusMillis(500), end))) {
			this.second.revocations().revoke(revocation).block(TIMEOUT);
		}
		FleetStore redis = this.first.store();
		AtomicInteger calls = new AtomicInteger();
		RedisRevocations third = new RedisRevocations(new TestMember("third").revocations(), this.first.commands(),
				new FleetStore(connections(calls::incrementAndGet),
						new FleetCircuit(FleetUse.DIRECTORY, RedisMember.PATIENT, FleetConnection.open()), redis.keys(),
						RedisMember.TIMEOUTS));
		third.synchronize().block(TIMEOUT);
		assertThat(third.size()).isEqualTo(1);
		int before = calls.get();
		third.check();
		await().until(() -> calls.get() == before + 1);
		await().during(Duration.ofMillis(500)).until(() -> {
			third.retry();
			return calls.get() == before + 1;
		});
	}

	/** Returns the connections of a gateway, each use of which is told. */
	private ReactiveRedisConnectionFactory connections(Runnable used) {
		return Mockito.mock(ReactiveRedisConnectionFactory.class, (invocation) -> {
			if (invocation.getMethod().getName().equals("getReactiveConnection")) {
				used.run();
			}
			return invocation.getMethod().invoke(this.first.store().connections(), invocation.getArguments());
		});
	}

	@Override
	protected TestMember member() {
		return this.first.member();
	}

	@Override
	protected Revocations revocations() {
		return this.second.revocations();
	}

}
