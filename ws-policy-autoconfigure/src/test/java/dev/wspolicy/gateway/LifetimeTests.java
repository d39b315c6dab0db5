package dev.wspolicy.gateway;

import java.time.Duration;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import dev.wspolicy.frame.BinaryFrame;
import dev.wspolicy.frame.CloseStatus;
import dev.wspolicy.session.ProxiedSession;
import dev.wspolicy.session.Side;
import dev.wspolicy.session.Termination;
import dev.wspolicy.session.Termination.Cause;
import dev.wspolicy.session.Termination.Initiator;
import dev.wspolicy.testkit.ClientLeg;
import dev.wspolicy.testkit.RawClient;
import dev.wspolicy.testkit.RawPeer;
import dev.wspolicy.testkit.RawSession;
import dev.wspolicy.testkit.RawUpstream;
import dev.wspolicy.testkit.WireFrame;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for the timeouts of open sessions, on real sockets.
 */
@ParameterizedClass
@EnumSource(ClientLeg.class)
class LifetimeTests {

	@RegisterExtension
	static final GatewayExtension gateway = GatewayExtension.with()
		.http2()
		// Nothing waits for this one
		.pipeline("session.close-timeout", "1m")
		.pipeline("idle", "session.idle-timeout", "300ms")
		.pipeline("throttled", "session.idle-timeout", "500ms")
		.pipeline("throttled", "inbound[0].rate-limit.frames", 4)
		.pipeline("throttled", "inbound[0].rate-limit.burst", 1)
		.pipeline("throttled", "inbound[0].rate-limit.on-exceed", "throttle")
		.pipeline("old", "session.max-duration", "300ms")
		.pipeline("slow", "session.slow-consumer-timeout", "300ms")
		.pipeline("heartbeat", "session.heartbeat.interval", "200ms")
		.pipeline("heartbeat", "session.heartbeat.timeout", "1m")
		// Longer than a test can be held up between two steps
		.pipeline("pinged", "session.idle-timeout", "4s")
		.pipeline("handshake", "session.handshake-timeout", "4s")
		.pipeline("missed", "session.heartbeat.interval", "200ms")
		.pipeline("missed", "session.heartbeat.timeout", "4s")
		.pipeline("missed-reading", "session.heartbeat.interval", "200ms")
		.pipeline("missed-reading", "session.heartbeat.timeout", "4s")
		.pipeline("missed-reading", "inbound[0]", "frame-log")
		.pipeline("missed-reading", "outbound[0]", "frame-log")
		.routes("plain")
		.routesByName("idle", "throttled", "old", "slow", "heartbeat", "pinged", "handshake", "missed",
				"missed-reading")
		.everyEndIsAskedFor();

	@Test
	void idle() {
		assertGoingAway(gateway.open("idle"), "idle", Cause.IDLE_TIMEOUT);
	}

	@ParameterizedTest
	@EnumSource
	void idleDespitePings(Side side) {
		RawSession session = gateway.open("pinged");
		session.peer(side).send(WireFrame.ping("x").from(side));
		assertThat(session.peer(side.peer()).receiveFrame().opcode()).isEqualTo(WireFrame.PING);
		assertGoingAway(session, "idle", Cause.IDLE_TIMEOUT);
	}

	@Test
	void notIdleWhileMessagesAreHeldBack() {
		RawSession session = gateway.open("throttled");
		session.client().send(Collections.nCopies(6, WireFrame.text("x").masked()).toArray(WireFrame[]::new));
		assertThat(session.upstream().receiveFrames(6)).extracting(WireFrame::payloadAsText).containsOnly("x");
		assertGoingAway(session, "idle", Cause.IDLE_TIMEOUT);
	}

	@Test
	void maxDuration() {
		assertGoingAway(gateway.open("old"), "session too old", Cause.MAX_DURATION);
	}

	@Test
	void maxDurationOfABusySession() {
		RawSession session = gateway.open("old");
		WireFrame received = WireFrame.text("x");
		int messages = 0;
		while (received.opcode() == WireFrame.TEXT) {
			session.upstream().send(WireFrame.text("tick"));
			received = session.client().receiveFrame();
			messages++;
		}
		assertThat(messages).isPositive();
		assertThat(received.closeReason()).isEqualTo("session too old");
		session.close();
		assertThat(gateway.termination().cause()).isEqualTo(Cause.MAX_DURATION);
	}

	@Test
	void handshakeTimeoutDoesNotAffectAnOpenSession() {
		try (RawSession session = gateway.open("handshake")) {
			session.client().expectNothingFor(Duration.ofMillis(4500));
			session.client().send(WireFrame.text("still here").masked());
			assertThat(session.upstream().receiveFrame().payloadAsText()).isEqualTo("still here");
		}
		assertThat(gateway.termination().cause()).isEqualTo(Cause.CONNECTION_LOST);
	}

	@Test
	void heartbeatIsNotRelayed() {
		try (RawSession session = gateway.open("heartbeat")) {
			for (int i = 0; i < 3; i++) {
				WireFrame toClient = session.client().receiveFrame();
				WireFrame toUpstream = session.upstream().receiveFrame();
				assertThat(toClient.opcode()).isEqualTo(WireFrame.PING);
				assertThat(toUpstream.opcode()).isEqualTo(WireFrame.PING);
				session.client().send(WireFrame.pong(toClient.payload()).masked());
				session.upstream().send(WireFrame.pong(toUpstream.payload()));
			}
			session.client().send(WireFrame.text("still here").masked());
			assertThat(nextButPings(session.upstream()).payloadAsText()).isEqualTo("still here");
		}
		assertThat(gateway.termination().cause()).isEqualTo(Cause.CONNECTION_LOST);
	}

	@ParameterizedTest
	@EnumSource
	void missedHeartbeat(Side silent) {
		try (RawSession session = gateway.open("missed")) {
			WireFrame frame = nextAnsweringPings(session, silent.peer());
			assertThat(frame.closeCode()).isEqualTo(1001);
			assertThat(frame.closeReason()).isEqualTo("heartbeat missed");
			WireFrame told = nextButPings(session.peer(silent));
			assertThat(told.closeCode()).isEqualTo(1001);
			assertThat(told.closeReason()).isEqualTo("heartbeat missed");
		}
		assertEndedByGateway(Cause.HEARTBEAT_MISSED);
		assertThat(gateway.recorder().missedHeartbeats()).containsExactly(silent);
	}

	/** For example a peer that has lost its network, while data is being sent to it. */
	@ParameterizedTest
	@EnumSource
	void heartbeatMissedByAPeerThatDoesNotRead(Side stuck) {
		gateway.upstream().receiveBuffer(4096);
		List<RawSession> sessions = Stream.of("missed", "missed-reading").map((route) -> {
			RawClient client = gateway.client().path("/" + route).receiveBuffer(4096);
			RawSession session = gateway.open(client);
			byte[][] messages = new byte[40][];
			Arrays.fill(messages, WireFrame.binary(new byte[500_000]).from(stuck.peer()).encode());
			session.peer(stuck.peer()).sendAsync(messages);
			return session;
		}).toList();
		for (RawSession session : sessions) {
			assertThat(nextButPings(session.peer(stuck.peer())).closeReason()).isEqualTo("heartbeat missed");
			session.close();
			assertEndedByGateway(Cause.HEARTBEAT_MISSED);
		}
		assertThat(gateway.recorder().missedHeartbeats()).containsExactly(stuck, stuck);
	}

	@ParameterizedTest
	@EnumSource
	void peerThatMissedAHeartbeatIsNotWaitedFor(Side silent) {
		try (RawSession session = gateway.open("missed")) {
			RawPeer alive = session.peer(silent.peer());
			nextAnsweringPings(session, silent.peer());
			alive.send(WireFrame.close(1001).from(silent.peer()));
			alive.shutdownOutput();
			// The other peer is silent and does not close anything
			assertThat(assertEndedByGateway(Cause.HEARTBEAT_MISSED)).isNotNull();
			nextButPings(session.peer(silent));
			session.peer(silent).expectEof();
		}
	}

	@ParameterizedTest
	@EnumSource
	void slowConsumer(Side slow) {
		RawUpstream upstream = gateway.upstream().receiveBuffer(4096);
		try (RawSession session = RawSession.open(gateway.client().path("/slow").receiveBuffer(4096), upstream)) {
			byte[] message = WireFrame.binary(new byte[1_000_000]).from(slow.peer()).encode();
			byte[][] messages = new byte[30][];
			Arrays.fill(messages, message);
			RawPeer sender = session.peer(slow.peer());
			sender.sendAsync(messages);
			assertThat(sender.receiveFrame().closeCode()).isEqualTo(1001);
		}
		Termination termination = assertEndedByGateway(Cause.SLOW_CONSUMER);
		assertThat((slow == Side.CLIENT) ? termination.toUpstream() : termination.toClient())
			.isEqualTo(CloseStatus.GOING_AWAY);
		// The close frame of that peer may have been stuck behind half a frame
		CloseStatus toSlow = (slow == Side.CLIENT) ? termination.toClient() : termination.toUpstream();
		assertThat((toSlow != null) ? toSlow.code() : 1008).isEqualTo(1008);
	}

	@ParameterizedTest
	@EnumSource
	void tooManyFramesOfTheGatewayWaitForAPeer(Side slow) {
		RawUpstream upstream = gateway.upstream().receiveBuffer(4096);
		try (RawSession session = RawSession.open(gateway.client().path("/plain").receiveBuffer(4096), upstream)) {
			ProxiedSession live = gateway.onlySession();
			for (int i = 0; i < 40; i++) {
				live.send(slow, BinaryFrame.of(new byte[1_000_000]));
			}
			WireFrame close = session.peer(slow.peer()).receiveFrame();
			assertThat(close.closeCode()).isEqualTo(1001);
		}
		Termination termination = assertEndedByGateway(Cause.SLOW_CONSUMER);
		// It has read nothing, so the close frame has not been sent
		assertThat((slow == Side.CLIENT) ? termination.toClient() : termination.toUpstream()).isNull();
		assertThat((slow == Side.CLIENT) ? termination.toUpstream() : termination.toClient())
			.isEqualTo(CloseStatus.GOING_AWAY);
	}

	private static WireFrame nextAnsweringPings(RawSession session, Side side) {
		WireFrame frame = session.peer(side).receiveFrame();
		while (frame.opcode() == WireFrame.PING) {
			session.peer(side).send(WireFrame.pong(frame.payload()).from(side));
			frame = session.peer(side).receiveFrame();
		}
		return frame;
	}

	private static WireFrame nextButPings(RawPeer peer) {
		WireFrame frame = peer.receiveFrame();
		while (frame.opcode() == WireFrame.PING) {
			frame = peer.receiveFrame();
		}
		return frame;
	}

	private static void assertGoingAway(RawSession session, String reason, Cause cause) {
		try (session) {
			for (Side side : Side.values()) {
				WireFrame close = session.peer(side).receiveFrame();
				assertThat(close.closeCode()).isEqualTo(1001);
				assertThat(close.closeReason()).isEqualTo(reason);
				session.peer(side).send(WireFrame.close(1001).from(side));
			}
			session.endInOrder();
		}
		assertEndedByGateway(cause);
	}

	private static Termination assertEndedByGateway(Cause cause) {
		Termination termination = gateway.termination();
		assertThat(termination.cause()).isEqualTo(cause);
		assertThat(termination.initiator()).isEqualTo(Initiator.GATEWAY);
		return termination;
	}

}
