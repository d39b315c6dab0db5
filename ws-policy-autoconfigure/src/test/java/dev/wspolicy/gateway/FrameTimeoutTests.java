package dev.wspolicy.gateway;

import java.util.Arrays;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

import dev.wspolicy.frame.TextFrame;
import dev.wspolicy.policy.FramePolicy;
import dev.wspolicy.policy.Verdict;
import dev.wspolicy.session.Side;
import dev.wspolicy.session.Termination.Cause;
import dev.wspolicy.testkit.ClientLeg;
import dev.wspolicy.testkit.RawSession;
import dev.wspolicy.testkit.WireDeflate;
import dev.wspolicy.testkit.WireFrame;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for frames that stop half way, at each stage of reading.
 */
@ParameterizedClass
@EnumSource(ClientLeg.class)
class FrameTimeoutTests {

	@RegisterExtension
	static final GatewayExtension gateway = GatewayExtension.with(WatchedTransport.class, Beans.class)
		.http2()
		.everyEndIsAskedFor()
		.set("test.socket-buffer", 16 * 1024)
		.set("ws-policy.turn.frames", 10)
		.pipeline("session.frame-timeout", "300ms")
		// Nothing waits for this one
		.pipeline("session.close-timeout", "1m")
		.pipeline("session.low-water-mark", "8KB")
		.pipeline("session.high-water-mark", "32KB")
		.pipeline("session.slow-consumer-timeout", "0s")
		.pipeline("compression.client", true)
		.pipeline("waiting", "inbound[0]", "waiting")
		.pipeline("waiting", "outbound[0]", "waiting")
		.pipeline("growing", "inbound[0]", "growing")
		.pipeline("growing", "outbound[0]", "growing")
		.routes("plain")
		.routesByName("waiting", "growing");

	@ParameterizedTest
	@EnumSource
	void afterAPendingVerdict(Side from) {
		try (RawSession session = gateway.open("waiting")) {
			session.peer(from).send(withHalf(from, WireFrame.text("wait")));
			gateway.bean(WaitingPolicy.class).awaitAsked().complete(Verdict.forward());
			assertThat(session.peer(from.peer()).receiveFrame().payloadAsText()).isEqualTo("wait");
			assertTimeout(session, from);
		}
	}

	@ParameterizedTest
	@EnumSource
	void behindBackPressure(Side from) {
		try (RawSession session = gateway.open(gateway.client().path("/growing").receiveBuffer(8 * 1024))) {
			WireFrame[] frames = new WireFrame[20];
			Arrays.fill(frames, WireFrame.text("grow"));
			session.peer(from).send(withHalf(from, frames));
			assertThat(session.peer(from.peer()).receiveFrames(20))
				.allMatch((frame) -> frame.payload().length == 64_000);
			assertTimeout(session, from);
		}
	}

	@Test
	void afterAPendingVerdictOnACompressedMessage() {
		try (RawSession session = gateway
			.open(gateway.client().path("/waiting").header("Sec-WebSocket-Extensions", "permessage-deflate"))) {
			session.client().send(withHalf(Side.CLIENT, new WireDeflate().text("wait")));
			gateway.bean(WaitingPolicy.class).awaitAsked().complete(Verdict.forward());
			assertThat(session.upstream().receiveFrame().payloadAsText()).isEqualTo("wait");
			assertTimeout(session, Side.CLIENT);
		}
	}

	@ParameterizedTest
	@EnumSource
	void afterMoreThanOneTurn(Side from) {
		try (RawSession session = gateway.open("plain")) {
			WireFrame[] frames = new WireFrame[25];
			Arrays.fill(frames, WireFrame.text("x"));
			session.peer(from).send(withHalf(from, frames));
			assertThat(session.peer(from.peer()).receiveFrames(25)).hasSize(25);
			assertTimeout(session, from);
		}
	}

	private static byte[] withHalf(Side from, WireFrame... frames) {
		byte[] half = WireFrame.binary(new byte[20]).from(from).encode();
		byte[] whole = WireFrame
			.encodeAll(Arrays.stream(frames).map((frame) -> frame.from(from)).toArray(WireFrame[]::new));
		byte[] bytes = Arrays.copyOf(whole, whole.length + 10);
		System.arraycopy(half, 0, bytes, whole.length, 10);
		return bytes;
	}

	private static void assertTimeout(RawSession session, Side sender) {
		assertThat(session.peer(sender).receiveFrame().closeReason()).isEqualTo("frame timeout");
		session.close();
		assertThat(gateway.termination().cause()).isEqualTo(Cause.FRAME_TIMEOUT);
	}

	@Configuration(proxyBeanMethods = false)
	static class Beans {

		@Bean
		WaitingPolicy waiting() {
			return new WaitingPolicy();
		}

		@Bean
		FramePolicy growing() {
			return (frame, context) -> (frame instanceof TextFrame) ? Verdict.replaceText("x".repeat(64_000))
					: Verdict.forward();
		}

	}

}
