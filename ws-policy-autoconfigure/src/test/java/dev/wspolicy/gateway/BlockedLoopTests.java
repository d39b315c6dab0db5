package dev.wspolicy.gateway;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;

import io.netty.channel.EventLoop;
import io.netty.util.internal.ThreadExecutorMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import reactor.netty.http.client.HttpClient;

import dev.wspolicy.frame.CloseStatus;
import dev.wspolicy.frame.Frame;
import dev.wspolicy.policy.FrameContext;
import dev.wspolicy.policy.FramePolicy;
import dev.wspolicy.policy.UpgradePolicy;
import dev.wspolicy.policy.UpgradeVerdict;
import dev.wspolicy.policy.Verdict;
import dev.wspolicy.session.ProxiedSession;
import dev.wspolicy.session.ScheduledTask;
import dev.wspolicy.session.Side;
import dev.wspolicy.testkit.ClientHandshake;
import dev.wspolicy.testkit.ClientLeg;
import dev.wspolicy.testkit.RawSession;
import dev.wspolicy.testkit.UpstreamHandshake;
import dev.wspolicy.testkit.WireFrame;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Tests for an event loop that is blocked for longer than a timeout, as by a policy or a
 * long garbage collection. What peers have sent in time is in the sockets by then, and
 * counts.
 */
class BlockedLoopTests {

	private static final Duration TIMEOUT = Duration.ofMillis(1500);

	@RegisterExtension
	static final GatewayExtension gateway = GatewayExtension.with(TurnBudgetTests.OneLoop.class, Beans.class)
		.http2()
		.pipeline("blocking", "inbound[0]", "blocking")
		.pipeline("idle", "session.idle-timeout", TIMEOUT.toMillis() + "ms")
		.pipeline("heartbeat", "session.heartbeat.interval", "200ms")
		.pipeline("heartbeat", "session.heartbeat.timeout", TIMEOUT.toMillis() + "ms")
		.pipeline("frame", "session.frame-timeout", TIMEOUT.toMillis() + "ms")
		.pipeline("close", "session.close-timeout", TIMEOUT.toMillis() + "ms")
		.pipeline("slow", "session.slow-consumer-timeout", TIMEOUT.toMillis() + "ms")
		.pipeline("handshake", "session.handshake-timeout", TIMEOUT.toMillis() + "ms")
		.pipeline("asking", "upgrade[0]", "asking")
		.pipeline("asking", "session.handshake-timeout", TIMEOUT.toMillis() + "ms")
		.pipeline("deadline", "inbound[0]", "deadline")
		.routesByName("blocking", "idle", "heartbeat", "frame", "close", "slow", "handshake", "asking", "deadline");

	/** The time at which the timeout began, or a moment later. */
	private long begun;

	private RawSession blocking;

	/** Before the timeout begins, since this takes long on a busy machine. */
	@BeforeEach
	void openBlockingSession() {
		this.blocking = gateway.open("blocking");
	}

	@Test
	void messageThatEndsTheIdleTime() {
		List<RawSession> sessions = Stream.of(ClientLeg.values())
			.map((leg) -> gateway.open(gateway.client().over(leg).path("/idle")))
			.toList();
		begin();
		block(() -> sessions.forEach((session) -> session.client().send(WireFrame.text("in time").masked())));
		assertThat(sessions).allSatisfy(BlockedLoopTests::assertInTime);
	}

	@Test
	void answerToAHeartbeat() {
		RawSession session = gateway.open("heartbeat");
		WireFrame toClient = session.client().receiveFrame();
		WireFrame toUpstream = session.upstream().receiveFrame();
		begin();
		block(() -> {
			session.client().send(WireFrame.pong(toClient.payload()).masked());
			session.upstream().send(WireFrame.pong(toUpstream.payload()));
		});
		session.client().send(WireFrame.text("in time").masked());
		assertInTime(session);
	}

	@Test
	void restOfAFrame() {
		Map<Side, RawSession> sessions = openForEachSide("frame");
		Map<Side, byte[]> frames = new EnumMap<>(Side.class);
		sessions.forEach((side, session) -> {
			byte[] frame = WireFrame.text("1234567890").from(side).encode();
			frames.put(side, Arrays.copyOfRange(frame, frame.length - 5, frame.length));
			session.peer(side).send(Arrays.copyOf(frame, frame.length - 5));
			session.peer(side.peer()).receiveBytes(frame.length - 5);
		});
		begin();
		block(() -> sessions.forEach((side, session) -> session.peer(side).send(frames.get(side))));
		assertThat(sessions).allSatisfy(
				(side, session) -> assertThat(session.peer(side.peer()).receiveBytes(5)).isEqualTo(frames.get(side)));
	}

	@Test
	void answerToACloseFrame() {
		Map<Side, RawSession> sessions = openForEachSide("close");
		sessions.forEach((side, session) -> {
			session.peer(side).send(WireFrame.close(4000).from(side));
			assertThat(session.peer(side.peer()).receiveFrame().closeCode()).isEqualTo(4000);
		});
		begin();
		block(() -> sessions
			.forEach((side, session) -> session.peer(side.peer()).send(WireFrame.close(4001).from(side.peer()))));
		assertThat(sessions)
			.allSatisfy((side, session) -> assertThat(session.peer(side).receiveFrame().closeCode()).isEqualTo(4001));
	}

	@Test
	void peerThatReadsOn() {
		RawSession session = gateway.open(gateway.client().path("/slow").receiveBuffer(64 * 1024));
		ProxiedSession live = gateway.session("slow");
		byte[][] messages = new byte[40][];
		Arrays.fill(messages, WireFrame.binary(new byte[500_000]).encode());
		session.upstream().sendAsync(messages);
		await().during(Duration.ofMillis(300)).until(() -> live.buffered(Side.CLIENT) > 64 * 1024);
		begin();
		CompletableFuture<Void> reading = new CompletableFuture<>();
		CompletableFuture<Void> received = reading.thenRunAsync(() -> session.client().receiveFrames(40));
		block(() -> reading.complete(null));
		assertThat(received).succeedsWithin(Duration.ofSeconds(20));
	}

	@Test
	void upgradeResponse() {
		try (ClientHandshake client = gateway.client().path("/handshake").start();
				UpstreamHandshake upstream = gateway.upstream().accept()) {
			begin();
			block(upstream::acceptWebSocket);
			assertThat(client.response().status()).isEqualTo(101);
		}
	}

	@Test
	void answerThatAnUpgradePolicyWaitsFor() {
		try (ClientHandshake client = gateway.client().path("/asking").start();
				UpstreamHandshake question = gateway.upstream().accept()) {
			begin();
			block(() -> question.answer("HTTP/1.1 204 Yes\r\n\r\n".getBytes(StandardCharsets.US_ASCII)));
			try (UpstreamHandshake upstream = gateway.upstream().accept()) {
				upstream.acceptWebSocket();
				assertThat(client.response().status()).isEqualTo(101);
			}
		}
	}

	@Test
	void restOfTheBodyOfARefusal() {
		try (ClientHandshake client = gateway.client().path("/handshake").start();
				UpstreamHandshake upstream = gateway.upstream().accept()) {
			upstream
				.answer("HTTP/1.1 401 Refused\r\nContent-Length: 10\r\n\r\n12345".getBytes(StandardCharsets.US_ASCII));
			byte[] beginning = client.peer().receiveBytes(12);
			assertThat(new String(beginning, StandardCharsets.US_ASCII)).endsWith("401");
			begin();
			block(() -> upstream.answer("67890".getBytes(StandardCharsets.US_ASCII)));
			StringBuilder rest = new StringBuilder();
			while (rest.indexOf("1234567890") < 0) {
				rest.append(new String(client.peer().receiveBytes(1), StandardCharsets.US_ASCII));
			}
		}
	}

	@Test
	void messageThatCancelsATaskOfAPolicy() {
		RawSession session = gateway.open("deadline");
		begin();
		block(() -> session.client().send(WireFrame.text("in time").masked()));
		assertInTime(session);
	}

	private static Map<Side, RawSession> openForEachSide(String route) {
		Map<Side, RawSession> sessions = new EnumMap<>(Side.class);
		for (Side side : Side.values()) {
			sessions.put(side, gateway.open(route));
		}
		return sessions;
	}

	private static void assertInTime(RawSession session) {
		WireFrame received = session.upstream().receiveFrame();
		while (received.opcode() == WireFrame.PING) {
			received = session.upstream().receiveFrame();
		}
		assertThat(received.payloadAsText()).isEqualTo("in time");
	}

	private void begin() {
		this.begun = System.nanoTime();
	}

	/**
	 * Blocks the event loop while it reads a channel, until the timeout is over.
	 */
	private void block(Runnable meanwhile) {
		long begun = this.begun;
		Beans beans = gateway.bean(Beans.class);
		this.blocking.client().send(WireFrame.text("block").masked());
		await().until(() -> beans.blocked);
		try {
			meanwhile.run();
			await().until(() -> System.nanoTime() - begun > TIMEOUT.plusMillis(300).toNanos());
		}
		finally {
			beans.blocked = false;
		}
	}

	@Configuration(proxyBeanMethods = false)
	static class Beans {

		private volatile boolean blocked;

		private long spins;

		@Bean
		FramePolicy blocking() {
			return (frame, context) -> {
				this.blocked = true;
				while (this.blocked) {
					// BlockHound would notice a thread that waits, even with onSpinWait
					this.spins++;
				}
				return Verdict.forward();
			};
		}

		/** Asks a service whose answer is read by the event loop of the client. */
		@Bean
		UpgradePolicy asking() {
			return (upgrade) -> HttpClient.newConnection()
				.runOn((EventLoop) Objects.requireNonNull(ThreadExecutorMap.currentExecutor()))
				.get()
				.uri("http://localhost:" + upgrade.upstreamUri().getPort())
				.response()
				.map((response) -> UpgradeVerdict.accept());
		}

		@Bean
		FramePolicy deadline() {
			return new Deadline();
		}

	}

	private static final class Deadline implements FramePolicy {

		private ScheduledTask task;

		@Override
		public void onOpen(ProxiedSession session) {
			this.task = session.schedule(TIMEOUT, () -> session.close(CloseStatus.of(4000, "late")));
		}

		@Override
		public Verdict apply(Frame frame, FrameContext context) {
			this.task.cancel();
			return Verdict.forward();
		}

	}

}
