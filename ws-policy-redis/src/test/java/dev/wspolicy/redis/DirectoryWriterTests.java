package dev.wspolicy.redis;

import java.time.Duration;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import reactor.core.publisher.Flux;

import dev.wspolicy.fleet.SessionList;
import dev.wspolicy.fleet.SessionQuery;
import dev.wspolicy.fleet.SessionSelector;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Tests for the load that a {@link DirectoryWriter} puts on Redis.
 */
class DirectoryWriterTests {

	@RegisterExtension
	static final RedisFleetExtension fleet = new RedisFleetExtension();

	@Test
	void changesThatComeAllTheTimeAreWrittenTogether() {
		RedisMember reader = fleet.join("reader");
		RedisMember gateway = fleet.joinThroughLink("gateway");
		fleet.awaitGateways(2);
		// So that further changes come while Redis is asked
		fleet.link().delay(Duration.ofMillis(5));
		long before = calls("evalsha");
		Flux.interval(Duration.ofMillis(1))
			.onBackpressureBuffer()
			.take(2000)
			.doOnNext((number) -> gateway.member().open("session" + number, "ana"))
			.blockLast();
		await().until(() -> total(reader) == 2000);
		assertThat(calls("evalsha") - before).isLessThan(80);
	}

	/** Each overwrites what the other has written, but not all the time. */
	@Test
	void twoGatewaysOfTheSameNameDoNotOnlyWrite() {
		List<RedisMember> gateways = List.of(fleet.join("same"), fleet.join("same"));
		for (RedisMember gateway : gateways) {
			for (int i = 0; i < 5000; i++) {
				gateway.member().open("session" + i, "ana");
			}
		}
		long before = calls("unlink");
		Flux.interval(Duration.ofMillis(20))
			.onBackpressureBuffer()
			.take(Duration.ofSeconds(5))
			.doOnNext((number) -> gateways.forEach((gateway) -> gateway.member().open("more" + number, "ana")))
			.blockLast();
		assertThat(calls("unlink") - before).isLessThan(20);
	}

	private static int total(RedisMember reader) {
		SessionList list = reader.directory().list(new SessionQuery(SessionSelector.ALL, null, 1)).block();
		assertThat(list).isNotNull();
		return list.page().total();
	}

	/** How often Redis has executed a command. */
	private static long calls(String command) {
		Matcher calls = Pattern.compile("cmdstat_" + command + ":calls=(\\d+),")
			.matcher(fleet.redis().command("INFO commandstats"));
		return calls.find() ? Long.parseLong(calls.group(1)) : 0;
	}

}
