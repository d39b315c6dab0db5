package dev.wspolicy.redis;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import org.junit.jupiter.api.Test;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;
import org.springframework.data.redis.connection.RedisStandaloneConfiguration;

import dev.wspolicy.autoconfigure.WsPolicyProperties;
import dev.wspolicy.fleet.FleetCommand;
import dev.wspolicy.fleet.OnExceed;
import dev.wspolicy.fleet.OnFailure;
import dev.wspolicy.fleet.PlaceRequest;
import dev.wspolicy.fleet.RateStore;
import dev.wspolicy.fleet.RateStore.Answer;
import dev.wspolicy.fleet.Rates;
import dev.wspolicy.fleet.Reach;
import dev.wspolicy.fleet.Revocation;
import dev.wspolicy.fleet.SessionSelector;
import dev.wspolicy.frame.CloseStatus;
import dev.wspolicy.session.TestSession;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * The documentation of the fleet matches the code.
 */
class FleetPageTests {

	private static final Pattern METER = Pattern.compile("(?m)^\\| `(wspolicy\\.fleet[^`]+)` \\| (\\w+) \\|");

	private static final Pattern ACL = Pattern.compile("(?s)ACL SETUSER gateway .*?```");

	@Test
	void meters() throws IOException {
		Map<String, String> documented = new TreeMap<>();
		Matcher rows = METER.matcher(page());
		while (rows.find()) {
			documented.put(rows.group(1), rows.group(2));
		}
		try (RedisProcess redis = RedisProcess.start();
				RedisMember member = RedisMember.start("a", "meters:", redis.port())) {
			SimpleMeterRegistry meters = new SimpleMeterRegistry();
			FleetMeters fleet = member.meters();
			fleet.bindTo(meters);
			Map<String, String> registered = new TreeMap<>();
			meters.getMeters()
				.forEach((meter) -> registered.put(meter.getId().getName(),
						meter.getId().getType().name().toLowerCase(Locale.ROOT)));
			assertThat(registered).isEqualTo(documented);
			await()
				.untilAsserted(() -> assertThat(meters.get("wspolicy.fleet.connected").gauge().value()).isEqualTo(1));
			assertThat(fleet).as("kept in memory").isNotNull();
		}
	}

	@Test
	void defaultsAreThoseOfTheDocumentedProperties() {
		WsPolicyProperties.Fleet documented = new WsPolicyProperties().getFleet();
		FleetProperties read = new Binder(new MapConfigurationPropertySource(Map.of())).bindOrCreate("ws-policy.fleet",
				FleetProperties.class);
		assertThat(read.enabled()).isEqualTo(documented.isEnabled());
		assertThat(read.keyPrefix()).isEqualTo(documented.getKeyPrefix());
		assertThat(read.timeout()).isEqualTo(documented.getTimeout());
		assertThat(read.onFailure()).hasToString(documented.getOnFailure().name());
		assertThat(read.lease()).isEqualTo(documented.getLease());
		assertThat(read.endpointDefault()).isEqualTo(documented.isEndpointDefault());
		assertThat(read.gateway()).hasSize(8);
	}

	@Test
	void theUserOfTheExampleMayDoWhatGatewaysDo() throws IOException {
		Matcher acl = ACL.matcher(page());
		assertThat(acl.find()).isTrue();
		String command = acl.group().replace("```", "").replaceAll("\\s+", " ").strip();
		try (RedisProcess redis = RedisProcess.start()) {
			assertThat(redis.command(command)).isEqualTo("+OK\n");
			try (RedisMember a = RedisMember.startAs("gateway", "secret", "a", "ws-policy:", redis.port());
					RedisMember b = RedisMember.startAs("gateway", "secret", "b", "ws-policy:", redis.port())) {
				b.member().token("ana", "t1", Instant.now());
				TestSession ana = b.member().open("s1", "ana");
				TestSession bob = b.member().open("s2", "bob");
				await().until(() -> a.directory().find("s2").block().first().isPresent());
				assertThat(a.directory().gateways().block()).hasSize(2).allMatch((gateway) -> gateway.reachable());
				assertThat(a.commands()
					.send(new FleetCommand.Close(SessionSelector.principal("bob"), CloseStatus.GOING_AWAY))
					.block()
					.reach()).isEqualTo(new Reach(List.of("a", "b"), List.of()));
				assertThat(bob.closed()).hasSize(1);
				a.revocations().revoke(Revocation.token("t1", Instant.now().plusSeconds(60))).block();
				assertThat(ana.closed()).hasSize(1);
			}
			countAs("gateway", "secret", redis);
			assertThat(redis.command("ACL LOG")).isEqualTo("*0\n");
			assertThat(redis.command("KEYS *sessions*")).as("both have left").isEqualTo("*0\n");
		}
	}

	private static void countAs(String user, String password, RedisProcess redis) {
		RedisStandaloneConfiguration configuration = new RedisStandaloneConfiguration("127.0.0.1", redis.port());
		configuration.setUsername(user);
		configuration.setPassword(password);
		try (RedisGateway a = RedisGateway.on(configuration, "a", OnFailure.REFUSE);
				RedisGateway b = RedisGateway.on(configuration, "b", OnFailure.REFUSE)) {
			CompletableFuture<Void> displaced = new CompletableFuture<>();
			assertThat(a.places().take(place(() -> displaced.complete(null))).block()).isNotNull();
			assertThat(b.places().take(place(() -> {
			})).block()).isNotNull();
			assertThat(displaced).succeedsWithin(Duration.ofSeconds(30));
			RateStore rates = a.rates("limit", new Rates(1, 1, 0, 0, Duration.ofHours(1), 1));
			assertThat(taken(rates)).isEqualTo(Answer.granted());
			assertThat(taken(rates)).isEqualTo(Answer.refused());
		}
	}

	private static PlaceRequest place(Runnable displaced) {
		return new PlaceRequest("/principal ana", 1, OnExceed.CLOSE_OLDEST, displaced);
	}

	private static Answer taken(RateStore rates) {
		Answer answer = rates.take("ana", 1, Duration.ZERO);
		return (answer instanceof RateStore.Later later) ? later.answer().toCompletableFuture().join() : answer;
	}

	private static String page() throws IOException {
		return Files.readString(Path.of("../docs/fleet.md"));
	}

}
