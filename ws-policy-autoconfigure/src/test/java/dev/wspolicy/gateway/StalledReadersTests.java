package dev.wspolicy.gateway;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

import dev.wspolicy.policy.FramePolicy;
import dev.wspolicy.policy.Verdict;
import dev.wspolicy.session.Side;
import dev.wspolicy.testkit.Crowd;
import dev.wspolicy.testkit.Crowd.Peer;
import dev.wspolicy.testkit.WireFrame;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Tests for peers that never read: the memory that the gateway holds for them stays below
 * the formula in the documentation. Buffers count with their capacity, not with the bytes
 * in them.
 */
@Timeout(value = 2, unit = TimeUnit.MINUTES)
class StalledReadersTests {

	private static final long KB = 1024;

	/** The maximum number of bytes per read. */
	private static final long READ = 64 * KB;

	private static final long HIGH_WATER_MARK = 32 * KB;

	private static final long LOW_WATER_MARK = 8 * KB;

	private static final long MESSAGE = 100 * KB;

	private static Crowd crowd;

	private static TestGateway gateway;

	@BeforeAll
	static void start() {
		crowd = Crowd.start(8 * 1024);
		String pipelines = "ws-policy.pipelines.";
		gateway = TestGateway.with(WatchedTransport.class, Beans.class)
			.set("test.socket-buffer", 16 * KB)
			.set("ws-policy.log-sessions", false)
			.set(pipelines + "default.session.high-water-mark", HIGH_WATER_MARK + "B")
			.set(pipelines + "default.session.low-water-mark", LOW_WATER_MARK + "B")
			.set(pipelines + "default.session.slow-consumer-timeout", "0s")
			.set(pipelines + "default.session.verdict-timeout", "10m")
			.set(pipelines + "default.session.frame-timeout", "10m")
			.set(pipelines + "default.session.close-timeout", "200ms")
			.set(pipelines + "default.limits.inbound-message", MESSAGE + "B")
			.set(pipelines + "default.limits.outbound-message", MESSAGE + "B")
			.set(pipelines + "reading.inbound[0]", "reading")
			.set(pipelines + "reading.outbound[0]", "reading")
			.set(pipelines + "waiting.inbound[0]", "waiting")
			.set(pipelines + "waiting.outbound[0]", "waiting")
			.route("passing", crowd.uri())
			.route("reading", crowd.uri(), "WsPolicy=reading")
			.route("waiting", crowd.uri(), "WsPolicy=waiting")
			.start();
	}

	@AfterEach
	void allResourcesAreReleased() {
		crowd.dismiss();
		gateway.awaitNoSessions();
		await().untilAsserted(() -> assertThat(transport().usedBytes()).isZero());
	}

	@AfterAll
	static void stop() {
		gateway.close();
		crowd.close();
	}

	@Test
	void readersOfPassedFrames() {
		long held = stall(1000, "/passing", WireFrame.binary(new byte[3000]));
		assertThat(held).isBetween(1000 * LOW_WATER_MARK, 1000 * (HIGH_WATER_MARK + READ));
	}

	@Test
	void readersOfFramesOverTheHighWaterMark() {
		long held = stall(100, "/passing", WireFrame.binary(new byte[(int) MESSAGE]));
		assertThat(held).isBetween(100 * LOW_WATER_MARK, 100 * (HIGH_WATER_MARK + READ));
	}

	@Test
	void readersOfMessagesThatPoliciesRead() {
		long held = stall(100, "/reading", WireFrame.binary(new byte[(int) MESSAGE]));
		assertThat(held).isBetween(100 * LOW_WATER_MARK, 100 * (HIGH_WATER_MARK + 4 * MESSAGE + READ));
	}

	@Test
	void pendingVerdicts() {
		long held = stall(100, "/waiting", WireFrame.binary(new byte[(int) MESSAGE]));
		assertThat(held).isBetween(100 * MESSAGE, 100 * (4 * MESSAGE + READ));
	}

	@Test
	void pendingVerdictsOnSmallMessages() {
		long held = stall(100, "/waiting", WireFrame.binary(new byte[100]));
		assertThat(held).isBetween(100L, 100 * READ);
	}

	/** Half of the peers that do not read are clients, the others are upstreams. */
	private static long stall(int count, String path, WireFrame frame) {
		List<Peer> senders = new ArrayList<>();
		for (int i = 0; i < count; i++) {
			senders.add(crowd.open(gateway.port(), path, (i % 2 == 0) ? Side.CLIENT : Side.UPSTREAM));
		}
		byte[] fromClient = frame.masked().encode();
		byte[] fromUpstream = frame.encode();
		long[] most = { 0, 0 };
		// From here on, nobody reads
		await().atMost(Duration.ofSeconds(60)).pollInterval(Duration.ofMillis(25)).until(() -> {
			long sent = 0;
			for (Peer sender : senders) {
				sent += sender.flood((sender.side() == Side.CLIENT) ? fromClient : fromUpstream);
				most[0] = Math.max(most[0], transport().usedBytes());
			}
			transport().awaitEventLoops();
			most[1] = (sent == 0) ? most[1] + 1 : 0;
			return most[1] == 20;
		});
		assertThat(gateway.sessions().size()).isEqualTo(count);
		return most[0];
	}

	private static WatchedTransport transport() {
		return gateway.bean(WatchedTransport.class);
	}

	@Configuration(proxyBeanMethods = false)
	static class Beans {

		@Bean
		FramePolicy reading() {
			return (frame, context) -> (frame.toByteArray().length >= 0) ? Verdict.forward() : Verdict.drop();
		}

		@Bean
		FramePolicy waiting() {
			return (frame, context) -> Verdict.later(new CompletableFuture<>());
		}

	}

}
