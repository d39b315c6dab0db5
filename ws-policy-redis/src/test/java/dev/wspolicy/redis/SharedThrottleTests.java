package dev.wspolicy.redis;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import dev.wspolicy.session.Side;
import dev.wspolicy.testkit.Crowd;
import dev.wspolicy.testkit.Crowd.Peer;
import dev.wspolicy.testkit.WireFrame;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * A user whose sessions on two gateways send more than a shared rate allows, and are
 * throttled.
 */
@Tag("soak")
class SharedThrottleTests {

	private static final int RATE = 200;

	private static final int BURST = 100;

	/** So many that the burst does not count, even if it is left when this begins. */
	private static final int MESSAGES = 3000;

	/** Not so much that a socket takes no more. */
	private static final int AHEAD = 20;

	@ParameterizedTest
	@ValueSource(ints = { 1, 10 })
	void sharedRateOfThrottledSessions(int lot) {
		Map<String, Object> properties = new LinkedHashMap<>();
		String limit = "ws-policy.pipelines.default.inbound[0].rate-limit.";
		properties.put(limit + "frames", RATE);
		properties.put(limit + "burst", BURST);
		properties.put(limit + "lot", lot);
		properties.put(limit + "scope", "principal");
		properties.put(limit + "on-exceed", "throttle");
		try (Crowd crowd = Crowd.start(65_536); RedisProcess redis = RedisProcess.start()) {
			properties.put("spring.cloud.gateway.server.webflux.routes[0].uri", crowd.uri());
			try (FleetApplication one = FleetApplication.start("one", redis.port(), properties);
					FleetApplication two = FleetApplication.start("two", redis.port(), properties)) {
				List<Sender> senders = new ArrayList<>();
				for (FleetApplication gateway : List.of(one, two, one, two)) {
					senders.add(Sender.open(crowd, gateway));
				}
				double rate = run(senders);
				System.out.printf("lot %d: %.2f messages per second (%d allowed)%n", lot, rate, RATE);
				assertThat(rate).isBetween(RATE * 0.98, RATE * 1.02);
			}
		}
	}

	/** Sends all messages, and returns the rate after the burst. */
	private static double run(List<Sender> senders) {
		int all = senders.size() * MESSAGES;
		// The burst, which JVMs that have just started do not use up at once
		int skipped = 10 * BURST;
		long begin = 0;
		int received = 0;
		long end = System.nanoTime() + Duration.ofMinutes(5).toNanos();
		while (received < all) {
			assertThat(System.nanoTime()).isLessThan(end);
			for (Sender sender : senders) {
				sender.send();
				received += sender.receive();
			}
			if (begin == 0 && received >= skipped) {
				begin = System.nanoTime();
				skipped = received;
			}
			// Those that have finished leave the rate to fewer, until one waits for
			// itself
			if (received >= all * 9 / 10) {
				return (received - skipped) * 1e9 / (System.nanoTime() - begin);
			}
			Thread.onSpinWait();
		}
		throw new AssertionError("nothing has been measured");
	}

	/** A session that is sent numbered messages. */
	private static final class Sender {

		private final Peer client;

		private final Peer upstream;

		private int sent;

		private int received;

		Sender(Peer client, Peer upstream) {
			this.client = client;
			this.upstream = upstream;
		}

		static Sender open(Crowd crowd, FleetApplication gateway) {
			Peer client = crowd.open(gateway.port(), "/chat", Side.CLIENT, "X-User: ana");
			return new Sender(client, crowd.peers().get(crowd.peers().size() - 1));
		}

		void send() {
			while (this.sent - this.received < AHEAD) {
				this.client.send(WireFrame.text("" + this.sent++));
			}
		}

		int receive() {
			int before = this.received;
			for (WireFrame frame = this.upstream.poll(); frame != null; frame = this.upstream.poll()) {
				assertThat(new String(frame.payload(), StandardCharsets.UTF_8)).isEqualTo("" + this.received++);
			}
			assertThat(this.client.poll()).as("something from the gateway").isNull();
			assertThat(this.client.hasEnded()).isFalse();
			return this.received - before;
		}

	}

}
