package dev.wspolicy.redis;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

import dev.wspolicy.session.Side;
import dev.wspolicy.testkit.Crowd;
import dev.wspolicy.testkit.Crowd.Peer;
import dev.wspolicy.testkit.WireFrame;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Measures what a fleet costs a gateway whose messages have no shared limits: the
 * processor time of a message with and without it, in turn, on JVMs that optimize.
 */
@Tag("soak")
class FleetCpuTests {

	private static final int SESSIONS = 500;

	private static final int WARM_UP = 6;

	private static final int ROUNDS = 24;

	private static final Duration ROUND = Duration.ofSeconds(4);

	private static final Duration STEP = Duration.ofMillis(10);

	/** How many messages are sent in a step, each of which is answered. */
	private static final int MESSAGES = 50;

	@Test
	void messagesCostTheSame() {
		try (RedisProcess redis = RedisProcess.start();
				Contestant alone = Contestant.start(redis, "alone", false);
				Contestant member = Contestant.start(redis, "member", true)) {
			double[] without = new double[ROUNDS];
			double[] with = new double[ROUNDS];
			double[] ratios = new double[ROUNDS];
			for (int i = -WARM_UP; i < ROUNDS; i++) {
				boolean first = i % 2 == 0;
				double one = (first ? alone : member).run();
				double other = (first ? member : alone).run();
				if (i >= 0) {
					without[i] = first ? one : other;
					with[i] = first ? other : one;
					ratios[i] = with[i] / without[i];
				}
			}
			print("without the fleet, microseconds per message", without);
			print("with the fleet, microseconds per message", with);
			print("ratio of neighbouring rounds", ratios);
			assertThat(ratios[ROUNDS / 2]).isLessThan(1.03);
		}
	}

	private static void print(String what, double[] values) {
		Arrays.sort(values);
		System.out.printf("%s: median %.3f, quartiles %.3f to %.3f, all %.3f to %.3f%n", what, values[ROUNDS / 2],
				values[ROUNDS / 4], values[ROUNDS * 3 / 4], values[0], values[ROUNDS - 1]);
	}

	/**
	 * A gateway in a process of its own, with idle and busy sessions.
	 */
	private record Contestant(GatewayProcess process, Crowd crowd, List<Peer> clients) implements AutoCloseable {

		static Contestant start(RedisProcess redis, String name, boolean fleet) {
			Crowd crowd = Crowd.start(65_536);
			Map<String, Object> properties = GatewayProcess.properties(name, redis.port(), crowd.uri());
			properties.put("ws-policy.fleet.enabled", fleet);
			GatewayProcess process = GatewayProcess.start(properties, "-Xmx512m", "-XX:+UseSerialGC");
			int port = process.awaitPort();
			List<Peer> clients = new ArrayList<>();
			for (int i = 0; i < SESSIONS; i++) {
				clients.add(crowd.open(port, "/chat", Side.CLIENT, "X-User: user-" + i));
			}
			return new Contestant(process, crowd, clients);
		}

		/** Returns the microseconds of a message. */
		double run() {
			WireFrame message = WireFrame.text("x".repeat(100));
			List<Peer> peers = this.crowd.peers();
			int next = 0;
			long relayed = 0;
			Duration before = this.process.cpu();
			long start = System.nanoTime();
			long due = start;
			while (due - start < ROUND.toNanos()) {
				List<Peer> busy = new ArrayList<>();
				for (int i = 0; i < MESSAGES; i++) {
					int number = next++ % SESSIONS;
					this.clients.get(number).send(message);
					busy.add(peers.get(2 * number + 1));
					busy.add(peers.get(2 * number));
				}
				due += STEP.toNanos();
				LockSupport.parkNanos(due - System.nanoTime());
				for (Peer peer : busy) {
					while (peer.poll() == null) {
						Thread.onSpinWait();
					}
					relayed++;
					if (peer.side() == Side.UPSTREAM) {
						peer.send(message);
					}
				}
			}
			return (double) TimeUnit.NANOSECONDS.toMicros(this.process.cpu().minus(before).toNanos()) / relayed;
		}

		@Override
		public void close() {
			this.process.close();
			this.crowd.close();
		}

	}

}
