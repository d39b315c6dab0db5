package dev.wspolicy.actuate;

import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
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
 * Traffic as fast as it goes, with taps on it: not a byte is lost or changed, whether the
 * taps are read or not.
 */
class TappedTrafficTests {

	private static final int FRAMES = 20_000;

	@ParameterizedTest
	@ValueSource(strings = { "passed", "read" })
	void tapsLoseNoTraffic(String route) throws IOException {
		try (RawUpstream upstream = RawUpstream.start();
				TestGateway gateway = TestGateway.with(Policies.class)
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
				Socket notRead = new Socket("localhost", gateway.port())) {
			notRead.getOutputStream()
				.write("GET /actuator/websockettap?rate=1000000&bytes=65536 HTTP/1.1\r\nHost: localhost\r\n\r\n"
					.getBytes(StandardCharsets.US_ASCII));
			await().until(() -> gateway.bean(FrameTaps.class).running() == 2);
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
			assertThat(gateway.bean(FrameTaps.class).dropped()).isPositive();
			assertThat(gateway.bean(FrameTaps.class).told() + gateway.bean(FrameTaps.class).dropped())
				.isEqualTo(4 * FRAMES);
		}
	}

	private static TapWatcher watch(TestGateway gateway, String route) {
		await().until(() -> gateway.sessions().size() == 1);
		return TapWatcher.watch(gateway, "?rate=1000000&bytes=100&route=" + route, null);
	}

	/** Messages, fragments and pings of all sizes, as they stand on the wire. */
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
