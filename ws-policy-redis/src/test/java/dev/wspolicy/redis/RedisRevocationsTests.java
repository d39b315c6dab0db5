package dev.wspolicy.redis;

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
		ReactiveRedisConnectionFactory connections = Mockito.mock(ReactiveRedisConnectionFactory.class,
				(invocation) -> {
					if (invocation.getMethod().getName().equals("getReactiveConnection")
							&& reads.incrementAndGet() == 2) {
						// On the same connection, so that it is done before the next read
						redis.redis().opsForZSet().removeRange(key, Range.closed(0L, 399L)).subscribe();
					}
					return invocation.getMethod().invoke(redis.connections(), invocation.getArguments());
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

	@Override
	protected TestMember member() {
		return this.first.member();
	}

	@Override
	protected Revocations revocations() {
		return this.second.revocations();
	}

}
