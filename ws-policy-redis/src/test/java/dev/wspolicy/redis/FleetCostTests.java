package dev.wspolicy.redis;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

import dev.wspolicy.fleet.SessionCursor;
import dev.wspolicy.fleet.SessionEntry;
import dev.wspolicy.fleet.SessionList;
import dev.wspolicy.fleet.SessionPage;
import dev.wspolicy.fleet.SessionQuery;
import dev.wspolicy.fleet.SessionSelector;
import dev.wspolicy.frame.Direction;
import dev.wspolicy.session.TestSession;
import dev.wspolicy.session.TrafficCounts;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Measures what three gateways with 3,000 sessions each cost Redis. The sessions have no
 * sockets.
 */
@Tag("soak")
class FleetCostTests {

	private static final int SESSIONS = 3000;

	private static final int SECONDS = 15;

	private static final Pattern CALLS = Pattern.compile("cmdstat_([^:]+):calls=(\\d+)");

	@RegisterExtension
	static final RedisFleetExtension fleet = new RedisFleetExtension(Duration.ofSeconds(3));

	@Test
	void commandsAndMemory() throws InterruptedException {
		List<RedisMember> members = List.of(fleet.join("gateway-a"), fleet.join("gateway-b"), fleet.join("gateway-c"));
		fleet.awaitGateways(3);
		report("without sessions");
		Map<String, Long> before = calls();
		List<TestSession> sessions = new ArrayList<>();
		for (int i = 0; i < SESSIONS; i++) {
			for (RedisMember member : members) {
				sessions.add(member.member()
					.open(String.format("%s%022x", member.name(), i), "chat", "user-" + i, "10.0.0.1", Instant.now()));
			}
		}
		await().until(() -> total(members.get(0)) == 3 * SESSIONS && total(members.get(1)) == 3 * SESSIONS);
		System.out.println("opening " + 3 * SESSIONS + ": " + difference(before, calls()));
		String key = redis("KEYS *sessions:gateway-a").replaceAll("(?s).*\\n([^\\n]+)\\n$", "$1");
		for (String part : List.of(key, "{" + key + "}:order")) {
			long bytes = number(redis("MEMORY USAGE " + part + " SAMPLES 0"));
			System.out.println("bytes per session in " + part + ": " + bytes / SESSIONS);
		}
		report("idle");
		CountDownLatch stop = new CountDownLatch(1);
		Thread traffic = new Thread(() -> {
			do {
				Instant now = Instant.now();
				sessions.forEach((session) -> session.lastActivityAt(now)
					.count(Direction.INBOUND, new TrafficCounts(now.toEpochMilli(), 1, 1)));
			}
			while (!isOver(stop));
		});
		traffic.start();
		report("busy");
		stop.countDown();
		traffic.join();
		list(members.get(0), 3 * SESSIONS);
		walk(members.get(0), 3 * SESSIONS);
		for (int i = 0; i < 100_000 - SESSIONS; i++) {
			members.get(1).member().open(String.format("more%028x", i), "chat", "user-" + i, "10.0.0.1", Instant.now());
		}
		long start = System.nanoTime();
		await().until(() -> members.get(1).writerBacklog() == 0);
		System.out.println("writing 97000: " + (System.nanoTime() - start) / 1_000_000 + " ms");
		list(members.get(0), 3 * SESSIONS + 100_000 - SESSIONS);
		walk(members.get(0), 3 * SESSIONS + 100_000 - SESSIONS);
		search(members.get(0), 3 * SESSIONS + 100_000 - SESSIONS);
		before = calls();
		for (int i = 0; i < 500; i++) {
			TestSession session = members.get(0).member().open("short" + i, "ana");
			members.get(0).member().end(session);
			TimeUnit.MILLISECONDS.sleep(10);
		}
		System.out.println("500 sessions that open and end within 5 s: " + difference(before, calls()));
	}

	private static boolean isOver(CountDownLatch stop) {
		try {
			return stop.await(1, TimeUnit.SECONDS);
		}
		catch (InterruptedException ex) {
			return true;
		}
	}

	private static void list(RedisMember reader, int expected) {
		// The last batch may be under way
		await().until(() -> total(reader) == expected);
		for (int i = 0; i < 5; i++) {
			long start = System.nanoTime();
			int total = total(reader);
			assertThat(total).isEqualTo(expected);
			System.out.println(
					"listing " + total + " of " + expected + ": " + (System.nanoTime() - start) / 1_000_000 + " ms");
		}
	}

	private static int total(RedisMember reader) {
		return page(reader, SessionSelector.ALL, null, 1).page().total();
	}

	private static SessionList page(RedisMember reader, SessionSelector selector, @Nullable SessionCursor after,
			int limit) {
		SessionList list = reader.directory().list(new SessionQuery(selector, after, limit)).block();
		assertThat(list).isNotNull();
		assertThat(list.reach().missing()).isEmpty();
		return list;
	}

	/** Reads all sessions, page by page. */
	private static void walk(RedisMember reader, int expected) {
		for (int i = 0; i < 3; i++) {
			long start = System.nanoTime();
			int read = 0;
			SessionCursor after = null;
			do {
				SessionPage<SessionEntry> page = page(reader, SessionSelector.ALL, after, 1000).page();
				read += page.sessions().size();
				after = page.next();
			}
			while (after != null);
			assertThat(read).isEqualTo(expected);
			System.out
				.println("reading " + read + " in pages of 1000: " + (System.nanoTime() - start) / 1_000_000 + " ms");
		}
	}

	private static void search(RedisMember reader, int expected) {
		for (int i = 0; i < 3; i++) {
			long start = System.nanoTime();
			int found = page(reader, SessionSelector.principal("user-5"), null, 100).page().total();
			System.out.println("finding " + found + " of a principal among " + expected + ": "
					+ (System.nanoTime() - start) / 1_000_000 + " ms");
		}
	}

	private static void report(String what) throws InterruptedException {
		Map<String, Long> before = calls();
		TimeUnit.SECONDS.sleep(SECONDS);
		System.out.println(what + ", in " + SECONDS + " s: " + difference(before, calls()));
	}

	private static Map<String, Long> difference(Map<String, Long> before, Map<String, Long> after) {
		Map<String, Long> difference = new TreeMap<>();
		after.forEach((name, calls) -> {
			long made = calls - before.getOrDefault(name, 0L);
			if (made > 0 && !name.matches("info|ping|keys|memory.*")) {
				difference.put(name, made);
			}
		});
		return difference;
	}

	private static Map<String, Long> calls() {
		Map<String, Long> calls = new TreeMap<>();
		Matcher matcher = CALLS.matcher(redis("INFO commandstats"));
		while (matcher.find()) {
			calls.put(matcher.group(1), Long.parseLong(matcher.group(2)));
		}
		return calls;
	}

	private static long number(String answer) {
		return Long.parseLong(answer.strip().substring(1));
	}

	private static String redis(String command) {
		return fleet.redis().command(command);
	}

}
