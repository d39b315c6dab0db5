package dev.wspolicy.redis;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer.OrderAnnotation;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import dev.wspolicy.session.Side;
import dev.wspolicy.testkit.Crowd;
import dev.wspolicy.testkit.Crowd.Peer;
import dev.wspolicy.testkit.WireFrame;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Three gateways in three processes with 3,000 sessions each, on one Redis. Prints what
 * the documentation says about the cost of a fleet.
 */
@Tag("soak")
@TestMethodOrder(OrderAnnotation.class)
class ThousandsOfSessionsTests {

	private static final int GATEWAYS = 3;

	private static final int SESSIONS = 3000;

	private static final HttpClient HTTP = HttpClient.newHttpClient();

	private static final Pattern COMMANDS = Pattern.compile("total_commands_processed:(\\d+)");

	private static final RedisProcess redis = RedisProcess.start();

	private static final Crowd crowd = Crowd.start(4096);

	private static final List<GatewayProcess> gateways = new ArrayList<>();

	private static final List<Integer> ports = new ArrayList<>();

	/** The clients of the open sessions, by path. */
	private static final Map<String, Peer> clients = new TreeMap<>();

	private static int opened;

	@BeforeAll
	static void start() {
		for (int i = 0; i < GATEWAYS; i++) {
			gateways.add(GatewayProcess.start(GatewayProcess.properties("gateway-" + i, redis.port(), crowd.uri())));
		}
		gateways.forEach((gateway) -> ports.add(gateway.awaitPort()));
		for (int i = 0; i < SESSIONS; i++) {
			for (int gateway = 0; gateway < GATEWAYS; gateway++) {
				open(gateway, "user-" + i);
			}
		}
	}

	@AfterAll
	static void stop() {
		gateways.forEach(GatewayProcess::close);
		crowd.close();
		redis.close();
	}

	private static void open(int gateway, String user) {
		String path = "/chat/" + opened++;
		clients.put(path, crowd.open(ports.get(gateway), path, Side.CLIENT, "X-User: " + user));
	}

	@Test
	@Order(1)
	void listIsCompleteWhileSessionsComeAndGo() throws InterruptedException {
		awaitCompleteLists();
		report("idle", Duration.ofSeconds(20), () -> {
		});
		Random random = new Random(1);
		report("100 sessions ended and 100 opened per second", Duration.ofSeconds(20), () -> {
			for (int i = 0; i < 100; i++) {
				List<String> paths = List.copyOf(clients.keySet());
				clients.remove(paths.get(random.nextInt(paths.size()))).resetBoth();
				open(i % GATEWAYS, "later-" + i);
			}
			// Those that stay are listed, whatever others do
			assertThat(list(0)).hasSizeGreaterThan(GATEWAYS * SESSIONS - 300);
		});
		awaitCompleteLists();
	}

	@Test
	@Order(2)
	void principalIsClosedEverywhereWithinASecond() throws IOException, InterruptedException {
		int tries = 200;
		long[] nanos = new long[tries];
		for (int i = 0; i < tries; i++) {
			String user = "closed-" + i;
			List<Peer> peers = new ArrayList<>();
			for (int port : ports) {
				peers.add(crowd.open(port, "/chat/closed", Side.CLIENT, "X-User: " + user));
			}
			await().until(() -> total(0, "&principal=" + user) == GATEWAYS);
			long start = System.nanoTime();
			JsonNode outcome = call("DELETE", 1, "?fleet=true&principal=" + user + "&code=4001");
			for (Peer peer : peers) {
				WireFrame close = peer.poll();
				while (close == null) {
					assertThat(System.nanoTime() - start).isLessThan(Duration.ofSeconds(30).toNanos());
					close = peer.poll();
				}
				assertThat(close.closeCode()).isEqualTo(4001);
			}
			nanos[i] = System.nanoTime() - start;
			assertThat(outcome.path("closed").asInt(-1)).as(outcome.toString()).isEqualTo(GATEWAYS);
			peers.forEach(Peer::resetBoth);
		}
		Arrays.sort(nanos);
		Duration p99 = Duration.ofNanos(nanos[tries * 99 / 100 - 1]);
		System.out.println("close by principal, from the request to the last close frame: p50 "
				+ Duration.ofNanos(nanos[tries / 2]).toMillis() + " ms, p99 " + p99.toMillis() + " ms, most "
				+ Duration.ofNanos(nanos[tries - 1]).toMillis() + " ms");
		assertThat(p99).isLessThan(Duration.ofSeconds(1));
	}

	private static void awaitCompleteLists() {
		for (int i = 0; i < GATEWAYS; i++) {
			int gateway = i;
			long start = System.nanoTime();
			await().untilAsserted(() -> assertThat(list(gateway)).hasSameElementsAs(clients.keySet()));
			System.out.println("gateway " + gateway + " has listed " + clients.size() + " sessions after "
					+ Duration.ofNanos(System.nanoTime() - start).toMillis() + " ms");
		}
	}

	/** Returns the paths of all sessions, page by page; each session is listed once. */
	private static List<String> list(int gateway) {
		List<String> paths = new ArrayList<>();
		String after = "";
		do {
			JsonNode page = call("GET", gateway, "?fleet=true&limit=1000" + after);
			assertThat(page.at("/fleet/answered").asInt(-1)).as(page.at("/fleet").toString()).isEqualTo(GATEWAYS);
			page.path("sessions").forEach((session) -> paths.add(session.path("path").asString()));
			after = page.has("next") ? "&after=" + page.path("next").asString() : "";
		}
		while (!after.isEmpty());
		assertThat(paths).doesNotHaveDuplicates();
		return paths;
	}

	private static int total(int gateway, String filter) {
		return call("GET", gateway, "?fleet=true&limit=1" + filter).path("total").asInt(-1);
	}

	private static JsonNode call(String method, int gateway, String query) {
		HttpRequest request = HttpRequest
			.newBuilder(URI.create("http://localhost:" + ports.get(gateway) + "/actuator/websockets" + query))
			.method(method, BodyPublishers.noBody())
			.build();
		try {
			return JsonMapper.shared().readTree(HTTP.send(request, BodyHandlers.ofString()).body());
		}
		catch (IOException ex) {
			throw new AssertionError(ex);
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			throw new IllegalStateException(ex);
		}
	}

	/** Runs a task once a second, and prints how many commands Redis executes. */
	private static void report(String what, Duration duration, Runnable eachSecond) throws InterruptedException {
		long start = System.nanoTime();
		long before = commands();
		for (int second = 1; second <= duration.toSeconds(); second++) {
			eachSecond.run();
			long left = start + Duration.ofSeconds(second).toNanos() - System.nanoTime();
			// The pace of the load
			Thread.sleep(Math.max(0, Duration.ofNanos(left).toMillis()));
		}
		double seconds = (System.nanoTime() - start) / 1e9;
		System.out.printf("%s: %.1f commands of Redis per second for %d gateways of %d sessions, over %.1f s%n", what,
				(commands() - before) / seconds, GATEWAYS, SESSIONS, seconds);
	}

	private static long commands() {
		Matcher matcher = COMMANDS.matcher(redis.command("INFO stats"));
		assertThat(matcher.find()).isTrue();
		return Long.parseLong(matcher.group(1));
	}

}
