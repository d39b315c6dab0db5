package dev.wspolicy.gateway;

import java.time.Duration;
import java.util.Collections;
import java.util.concurrent.CompletableFuture;

import io.micrometer.core.instrument.MeterRegistry;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

import dev.wspolicy.policy.FramePolicy;
import dev.wspolicy.policy.Verdict;
import dev.wspolicy.session.Side;
import dev.wspolicy.testkit.RawPeer;
import dev.wspolicy.testkit.RawSession;
import dev.wspolicy.testkit.WireFrame;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Tests for the number of buffered bytes that sessions report, on real sockets.
 */
class BufferedBytesTests {

	private static final int LOW_WATER_MARK = 8 * 1024;

	private static final int FRAMES = 100;

	@RegisterExtension
	static final GatewayExtension gateway = GatewayExtension.with(WatchedTransport.class, Beans.class)
		.complete()
		.set("test.socket-buffer", 16 * 1024)
		.pipeline("session.low-water-mark", LOW_WATER_MARK + "B")
		.pipeline("session.high-water-mark", "32KB")
		.pipeline("session.slow-consumer-timeout", "0s")
		.pipeline("waiting", "inbound[0]", "waiting")
		.routes("plain")
		.routesByName("waiting");

	private static double buffered(Side side) {
		return gateway.bean(MeterRegistry.class)
			.get("wspolicy.buffered")
			.tags("side", (side == Side.CLIENT) ? "client" : "upstream")
			.gauge()
			.value();
	}

	@ParameterizedTest
	@EnumSource
	void stalledReader(Side stalled) {
		WireFrame frame = WireFrame.binary(new byte[100_000]).from(stalled.peer());
		try (RawSession session = gateway.open(gateway.client().path("/plain").receiveBuffer(8 * 1024))) {
			RawPeer sender = session.peer(stalled.peer());
			CompletableFuture<Void> sent = sender
				.sendAsync(Collections.nCopies(FRAMES, frame.encode()).toArray(byte[][]::new));
			await().until(() -> buffered(stalled) > LOW_WATER_MARK);
			assertThat(buffered(stalled.peer())).isZero();
			assertThat(sent).isNotDone();
			assertThat(session.peer(stalled).receiveFrames(FRAMES)).hasSize(FRAMES);
			assertThat(sent).succeedsWithin(Duration.ofSeconds(20));
			await().untilAsserted(() -> assertThat(buffered(stalled)).isZero());
		}
	}

	@Test
	void messageWithAPendingVerdict() {
		CompletableFuture<Verdict> verdict = new CompletableFuture<>();
		gateway.bean(Beans.class).verdict = verdict;
		try (RawSession session = gateway.open("waiting")) {
			session.client().send(WireFrame.text("hello").masked(), WireFrame.text("again").masked());
			// The second frame has not been processed, so its header counts too.
			await().untilAsserted(() -> assertThat(buffered(Side.UPSTREAM)).isEqualTo(5 + 11));
			assertThat(buffered(Side.CLIENT)).isZero();
			verdict.complete(Verdict.forward());
			session.upstream().receiveFrames(2);
			await().untilAsserted(() -> assertThat(buffered(Side.UPSTREAM)).isZero());
		}
	}

	@Configuration(proxyBeanMethods = false)
	static class Beans {

		private volatile CompletableFuture<Verdict> verdict = new CompletableFuture<>();

		@Bean
		FramePolicy waiting() {
			return (frame, context) -> Verdict.later(this.verdict);
		}

	}

}
