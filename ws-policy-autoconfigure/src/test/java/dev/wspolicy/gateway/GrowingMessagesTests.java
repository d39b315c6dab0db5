package dev.wspolicy.gateway;

import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

import dev.wspolicy.frame.CloseStatus;
import dev.wspolicy.frame.TextFrame;
import dev.wspolicy.policy.FramePolicy;
import dev.wspolicy.policy.Verdict;
import dev.wspolicy.session.ProxiedSession;
import dev.wspolicy.session.Side;
import dev.wspolicy.session.Termination.Cause;
import dev.wspolicy.testkit.RawPeer;
import dev.wspolicy.testkit.RawSession;
import dev.wspolicy.testkit.WireDeflate;
import dev.wspolicy.testkit.WireFrame;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Tests for policies that enlarge messages for a peer that does not keep up.
 */
class GrowingMessagesTests {

	private static final int HIGH_WATER_MARK = 32 * 1024;

	private static final int LOW_WATER_MARK = 8 * 1024;

	private static final int MESSAGES = 100;

	private static final int GROWN = 64 * 1024;

	/** The bytes before the payload of an enlarged message on the wire. */
	private static final int HEADER = 14;

	@RegisterExtension
	static final GatewayExtension gateway = GatewayExtension.with(WatchedTransport.class, Beans.class)
		.set("test.socket-buffer", 16 * 1024)
		.pipeline("inbound[0]", "growing")
		.pipeline("outbound[0]", "growing")
		.pipeline("session.low-water-mark", LOW_WATER_MARK + "B")
		.pipeline("session.high-water-mark", HIGH_WATER_MARK + "B")
		.pipeline("session.slow-consumer-timeout", "0s")
		.pipeline("session.close-timeout", "20s")
		.pipeline("impatient", "inbound[0]", "growing")
		.pipeline("impatient", "outbound[0]", "growing")
		.pipeline("impatient", "session.close-timeout", "100ms")
		.pipeline("compression.client", true)
		.routes("plain")
		.routesByName("impatient");

	private static ProxiedSession session() {
		return gateway.sessions().stream().findFirst().orElseThrow();
	}

	/** All in one write, so that one read receives many of them. */
	private static void sendAll(RawPeer sender, Side from) {
		WireFrame[] frames = IntStream.range(0, MESSAGES)
			.mapToObj((i) -> WireFrame.text(String.valueOf(i)).from(from))
			.toArray(WireFrame[]::new);
		sender.send(frames);
	}

	/** A session in which more data is waiting for a side than that side reads. */
	private static RawSession stalled(String route, Side side) {
		RawSession session = RawSession.open(gateway.client().path("/" + route).receiveBuffer(8 * 1024),
				gateway.upstream());
		sendAll(session.peer(side.peer()), side.peer());
		awaitStalled(side);
		return session;
	}

	/** Wait until everything that has been read is processed as far as possible. */
	private static void awaitStalled(Side side) {
		ProxiedSession session = gateway.onlySession();
		await().until(() -> session.buffered(side) > HIGH_WATER_MARK);
		long[] last = { -1 };
		await().pollInterval(Duration.ofMillis(100)).until(() -> {
			long before = last[0];
			last[0] = session.counts(side.peer().sends()).frames();
			return before == last[0];
		});
	}

	private static void assertAllArrive(RawPeer receiver) {
		List<WireFrame> received = receiver.receiveFrames(MESSAGES);
		assertThat(received).extracting((frame) -> Integer.valueOf(frame.payloadAsText().trim()))
			.containsExactlyElementsOf(IntStream.range(0, MESSAGES).boxed().toList());
		assertThat(received).allMatch((frame) -> frame.payload().length == GROWN);
	}

	@ParameterizedTest
	@EnumSource
	void onlyOneMessageExceedsTheHighWaterMark(Side stalled) {
		try (RawSession session = stalled("plain", stalled)) {
			assertThat(session().counts(stalled.peer().sends()).frames()).isLessThan(MESSAGES);
			assertThat(session().buffered(stalled)).isLessThan(HIGH_WATER_MARK + 2 * (GROWN + HEADER));
			assertAllArrive(session.peer(stalled));
			await().untilAsserted(() -> assertThat(session().buffered(stalled)).isZero());
			session.roundTrip();
		}
	}

	@ParameterizedTest
	@EnumSource
	void allArriveBeforeTheCloseFrame(Side stalled) {
		try (RawSession session = stalled("plain", stalled)) {
			RawPeer sender = session.peer(stalled.peer());
			sender.send(WireFrame.close(4000, "done").from(stalled.peer()));
			assertAllArrive(session.peer(stalled));
			assertThat(session.peer(stalled).receiveFrame().closeCode()).isEqualTo(4000);
			session.peer(stalled).send(WireFrame.close(4000).from(stalled));
			assertThat(sender.receiveFrame().closeCode()).isEqualTo(4000);
			session.endInOrder();
			assertThat(gateway.termination().cause()).isEqualTo(Cause.CLOSE_FRAME);
		}
	}

	@ParameterizedTest
	@EnumSource
	void allArriveBeforeTheLoss(Side stalled) {
		try (RawSession session = stalled("plain", stalled)) {
			session.peer(stalled.peer()).shutdownOutput();
			assertAllArrive(session.peer(stalled));
			assertThat(session.peer(stalled).receiveFrame().opcode()).isEqualTo(WireFrame.CLOSE);
			session.peer(stalled).close();
			assertThat(gateway.termination().cause()).isEqualTo(Cause.CONNECTION_LOST);
		}
	}

	@ParameterizedTest
	@EnumSource
	void lossBehindASmallMessageIsToldAtOnce(Side stalled) {
		try (RawSession session = stalled("plain", stalled)) {
			RawPeer sender = session.peer(stalled.peer());
			sender.send(WireFrame.binary((byte) 1).from(stalled.peer()));
			sender.reset();
			assertAllArrive(session.peer(stalled));
			assertThat(session.peer(stalled).receiveFrame()).extracting(WireFrame::payload).isEqualTo(new byte[] { 1 });
			assertThat(session.peer(stalled).receiveFrame().opcode()).isEqualTo(WireFrame.CLOSE);
			session.peer(stalled).close();
			assertThat(gateway.termination().cause()).isEqualTo(Cause.CONNECTION_LOST);
		}
	}

	@ParameterizedTest
	@EnumSource
	void lostSenderEndsTheSessionOfAPeerThatNeverReads(Side stalled) {
		try (RawSession session = stalled("impatient", stalled)) {
			session.peer(stalled.peer()).reset();
			assertThat(gateway.termination().cause()).isEqualTo(Cause.CONNECTION_LOST);
		}
	}

	@ParameterizedTest
	@EnumSource
	void lostReceiverEndsTheSession(Side stalled) {
		try (RawSession session = stalled("plain", stalled)) {
			session.peer(stalled).reset();
			assertThat(session.peer(stalled.peer()).receiveFrame().opcode()).isEqualTo(WireFrame.CLOSE);
			session.peer(stalled.peer()).close();
			assertThat(gateway.termination().cause()).isEqualTo(Cause.CONNECTION_LOST);
		}
	}

	@ParameterizedTest
	@EnumSource
	void requestedEndDoesNotWait(Side stalled) {
		try (RawSession session = stalled("impatient", stalled)) {
			session().close(CloseStatus.of(4001, "enough"));
			WireFrame close = session.peer(stalled.peer()).receiveFrame();
			assertThat(close.closeCode()).isEqualTo(4001);
			session.peer(stalled.peer()).send(WireFrame.close(4001).from(stalled.peer()));
			assertThat(gateway.termination().cause()).isEqualTo(Cause.REQUESTED);
		}
	}

	@Test
	void compressedMessages() {
		try (RawSession session = RawSession.open(
				gateway.client().path("/plain").header("Sec-WebSocket-Extensions", "permessage-deflate"),
				gateway.upstream())) {
			WireDeflate deflate = new WireDeflate();
			WireFrame[] frames = IntStream.range(0, MESSAGES)
				.mapToObj((i) -> deflate.text(String.valueOf(i)).masked())
				.toArray(WireFrame[]::new);
			session.client().send(frames);
			awaitStalled(Side.UPSTREAM);
			assertThat(session().buffered(Side.UPSTREAM)).isLessThan(HIGH_WATER_MARK + 3 * (GROWN + HEADER));
			assertAllArrive(session.upstream());
		}
	}

	@Configuration(proxyBeanMethods = false)
	static class Beans {

		@Bean
		FramePolicy growing() {
			return (frame, context) -> (frame instanceof TextFrame text && text.length() < GROWN)
					? Verdict.replace(TextFrame.of(text.text() + " ".repeat(GROWN - text.length())))
					: Verdict.forward();
		}

	}

}
