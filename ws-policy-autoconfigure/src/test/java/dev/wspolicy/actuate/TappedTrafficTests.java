package dev.wspolicy.actuate;

import java.io.IOException;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

import dev.wspolicy.gateway.TestGateway;
import dev.wspolicy.policy.FramePolicy;
import dev.wspolicy.policy.Verdict;
import dev.wspolicy.testkit.RawSession;
import dev.wspolicy.testkit.RawUpstream;
import dev.wspolicy.testkit.WireFrame;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Tests that no byte of traffic at full speed is lost or changed by taps, whether or not
 * the taps are read.
 */
class TappedTrafficTests {

	private static final int FRAMES = 20_000;

	@ParameterizedTest
	@ValueSource(strings = { "passed", "read" })
	void tapsDoNotAffectTraffic(String route) throws IOException {
		try (RawUpstream upstream = RawUpstream.start();
				TestGateway gateway = TestGateway.with(Policies.class)
					.complete()
					.route("passed", upstream.uri())
					.route("read", upstream.uri(), "WsPolicy=read")
					.set("ws-policy.pipelines.read.inbound[0]", "reading")
					.set("ws-policy.pipelines.read.outbound[0]", "reading")
					.set("ws-policy.pipelines.default.session.slow-consumer-timeout", "0s")
					.set("management.endpoints.web.exposure.include", "websockettap")
					.set("management.endpoint.websockettap.access", "read-only")
					.set("management.endpoint.websockettap.show-values", "always")
					.set("management.endpoint.websockettap.max-rate", "1000000")
					.start();
				RawSession session = RawSession.open(gateway.client().path("/" + route), upstream);
				TapWatcher tap = watch(gateway, route);
				Socket notRead = TapWatcher.doNotRead(gateway, "?rate=1000000&bytes=65536&duration=10m")) {
			byte[] inbound = traffic(true);
			byte[] outbound = traffic(false);
			CompletableFuture<Void> sent = CompletableFuture.allOf(
					session.client().timeout(Duration.ofSeconds(30)).sendAsync(inbound),
					session.upstream().timeout(Duration.ofSeconds(30)).sendAsync(outbound));
			CompletableFuture<byte[]> arrived = CompletableFuture
				.supplyAsync(() -> session.upstream().receiveBytes(inbound.length));
			assertThat(session.client().receiveBytes(outbound.length)).isEqualTo(outbound);
			assertThat(arrived).succeedsWithin(Duration.ofSeconds(30)).isEqualTo(inbound);
			assertThat(sent).succeedsWithin(Duration.ofSeconds(10));
			long counted = 0;
			while (counted < 2 * FRAMES) {
				TapWatcher.Event event = tap.nextEvent();
				counted += event.name().equals("frame") ? 1 : ((Number) event.data().get("count")).longValue();
			}
			assertThat(counted).isEqualTo(2 * FRAMES);
			FrameTaps taps = gateway.bean(FrameTaps.class);
			// The tap that is not read gets the last frame after the other one.
			await().untilAsserted(() -> assertThat(taps.recorded() + taps.dropped()).isEqualTo(4 * FRAMES));
			assertThat(taps.dropped()).isPositive();
			assertThat(notRead.isClosed()).isFalse();
		}
	}

	private static TapWatcher watch(TestGateway gateway, String route) {
		await().until(() -> gateway.sessions().size() == 1);
		return TapWatcher.watch(gateway, "?rate=1000000&bytes=100&duration=10m&route=" + route, null);
	}

	/** Messages, fragments and pings of all sizes, in wire format. */
	private static byte[] traffic(boolean masked) {
		Random random = new Random(FRAMES);
		List<WireFrame> frames = new ArrayList<>(FRAMES);
		while (frames.size() < FRAMES) {
			byte[] payload = new byte[(random.nextInt(100) == 0) ? 20_000 : random.nextInt(120)];
			random.nextBytes(payload);
			WireFrame frame = (frames.size() % 10 == 0) ? WireFrame.ping(payload) : WireFrame.binary(payload);
			if (payload.length <= 120 || frame.opcode() == WireFrame.BINARY) {
				frames.add(masked ? frame.mask(random.nextInt()) : frame);
			}
		}
		return WireFrame.encodeAll(frames.toArray(WireFrame[]::new));
	}

	@Configuration(proxyBeanMethods = false)
	static class Policies {

		@Bean
		FramePolicy reading() {
			return (frame, context) -> (frame.toByteArray().length == frame.length()) ? Verdict.forward()
					: Verdict.drop();
		}

	}

}
