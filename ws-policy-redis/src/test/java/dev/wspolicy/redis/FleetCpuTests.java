package dev.wspolicy.redis;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

import dev.wspolicy.session.Side;
import dev.wspolicy.testkit.Crowd;
import dev.wspolicy.testkit.Crowd.Peer;
import dev.wspolicy.testkit.WireFrame;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Measures what a fleet costs a gateway whose messages have no shared limits. Messages
 * are relayed by the event loops, and the fleet has threads of its own, so that its cost
 * shows in the times of the threads of one process. What two processes need for the same
 * messages differs by more than that from one round to the next, and is compared only to
 * see that the fleet does not work on the event loops.
 */
@Tag("soak")
@EnabledOnOs(OS.LINUX)
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
			List<Round> without = new ArrayList<>();
			List<Round> with = new ArrayList<>();
			for (int i = -WARM_UP; i < ROUNDS; i++) {
				boolean first = i % 2 == 0;
				Round one = (first ? alone : member).run();
				Round other = (first ? member : alone).run();
				if (i >= 0) {
					without.add(first ? one : other);
					with.add(first ? other : one);
				}
			}
			double loops = median("event loops with the fleet against without it", IntStream.range(0, ROUNDS)
				.mapToDouble((i) -> with.get(i).eventLoops() / without.get(i).eventLoops()));
			double threads = print("without the fleet", without);
			double more = print("with the fleet", with) - threads;
			double cost = 1 + more / Round.sum(with).eventLoops();
			System.out.printf("the fleet: %.3f microseconds per message, ratio %.4f%n", more, cost);
			assertThat(cost).isLessThan(1.03);
			assertThat(loops).isBetween(0.9, 1.1);
		}
	}

	/** Prints the times, and returns those of the threads that are no event loops. */
	private static double print(String what, List<Round> rounds) {
		Round sum = Round.sum(rounds);
		System.out.printf("%s, microseconds per message: event loops %.3f, other threads %.3f, JIT compilers %.3f%n",
				what, sum.eventLoops(), sum.others(), sum.compilers());
		return sum.others();
	}

	private static double median(String what, DoubleStream ratios) {
		double[] values = ratios.sorted().toArray();
		System.out.printf("%s: median %.3f, quartiles %.3f to %.3f, all %.3f to %.3f%n", what, values[ROUNDS / 2],
				values[ROUNDS / 4], values[ROUNDS * 3 / 4], values[0], values[ROUNDS - 1]);
		return values[ROUNDS / 2];
	}

	/**
	 * What some messages cost.
	 *
	 * @param time the processor time of the gateway
	 * @param messages how many messages it relayed
	 */
	private record Round(ProcessorTime time, long messages) {

		static Round sum(List<Round> rounds) {
			return rounds.stream()
				.reduce((one, other) -> new Round(one.time.plus(other.time), one.messages + other.messages))
				.orElseThrow();
		}

		double eventLoops() {
			return this.time.eventLoops() / 1000.0 / this.messages;
		}

		double compilers() {
			return this.time.compilers() / 1000.0 / this.messages;
		}

		double others() {
			return this.time.others() / 1000.0 / this.messages;
		}

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

		Round run() {
			WireFrame message = WireFrame.text("x".repeat(100));
			List<Peer> peers = this.crowd.peers();
			int next = 0;
			long relayed = 0;
			ProcessorTime before = this.process.processorTime();
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
			return new Round(this.process.processorTime().minus(before), relayed);
		}

		@Override
		public void close() {
			this.process.close();
			this.crowd.close();
		}

	}

}
