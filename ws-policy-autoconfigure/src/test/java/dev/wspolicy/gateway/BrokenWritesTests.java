package dev.wspolicy.gateway;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

import dev.wspolicy.frame.CloseStatus;
import dev.wspolicy.policy.Verdict;
import dev.wspolicy.session.ProxiedSession;
import dev.wspolicy.session.Side;
import dev.wspolicy.session.Termination;
import dev.wspolicy.session.Termination.Cause;
import dev.wspolicy.testkit.RawClient;
import dev.wspolicy.testkit.RawPeer;
import dev.wspolicy.testkit.RawSession;
import dev.wspolicy.testkit.WireFrame;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Tests that what a peer sent before it resets its connection is delivered, including its
 * close frame, regardless of what is being written to that peer. A server that refuses an
 * upload does this.
 */
class BrokenWritesTests extends AbstractWireTests {

	private static final CloseStatus FULL = CloseStatus.of(4001, "full");

	private static final int FILLING = 8 * 1024;

	private static final byte[] INCOMPRESSIBLE = new byte[100_000];

	static {
		new Random(42).nextBytes(INCOMPRESSIBLE);
	}

	static Stream<Arguments> peers() {
		return Stream.of(Wire.values())
			.flatMap((wire) -> Stream.of(Side.values()).map((side) -> Arguments.of(wire, side)));
	}

	@ParameterizedTest
	@MethodSource("peers")
	void resetWhileThePeerIsWrittenTo(Wire wire, Side closing) {
		GatewayExtension gateway = wire.gateway();
		for (String route : List.of("patient", "patient-reading")) {
			try (RawSession session = gateway.open(client(gateway, "/" + route))) {
				ProxiedSession live = gateway.session(route);
				RawPeer closer = session.peer(closing);
				RawPeer other = session.peer(closing.peer());
				other.sendAsync(WireFrame.binary(new byte[4_000_000]).from(closing.peer()).encode());
				await().until(() -> live.buffered(closing) > 0);
				HeldLoop loop = new HeldLoop(live);
				closer.send(WireFrame.text("last").from(closing), WireFrame.close(4001, "full").from(closing));
				closer.reset();
				loop.release();
				assertThat(other.receiveFrame().payloadAsText()).isEqualTo("last");
				assertThat(other.receiveFrame().unmasked()).isEqualTo(WireFrame.close(4001, "full"));
			}
			assertClosedBy(closing, gateway.recorder().termination("/" + route));
		}
	}

	@ParameterizedTest
	@MethodSource("peers")
	void resetWhileThePeerIsNotRead(Wire wire, Side closing) {
		GatewayExtension gateway = wire.gateway();
		WaitingPolicy policy = gateway.bean(WaitingPolicy.class);
		try (RawSession session = gateway.open(client(gateway, "/waiting"))) {
			RawPeer closer = session.peer(closing);
			RawPeer other = session.peer(closing.peer());
			closer.send(WireFrame.text("wait").from(closing));
			CompletableFuture<Verdict> verdict = policy.awaitAsked();
			closer.send(WireFrame.text("last").from(closing), WireFrame.close(4001, "full").from(closing));
			closer.reset();
			other.send(WireFrame.binary(new byte[100]).from(closing.peer()));
			if (wire == Wire.NIO) {
				// Epoll has detected the reset by now, but here the failing write reports
				// it
				ProxiedSession live = gateway.session("waiting");
				await().until(() -> live.counts(closing.peer().sends()).bytes() == 100);
			}
			verdict.complete(Verdict.forward());
			List<String> arrived = new ArrayList<>();
			for (WireFrame frame : other.receiveFrames(2)) {
				arrived.add(frame.payloadAsText());
			}
			assertThat(arrived).containsExactly("wait", "last");
			assertThat(other.receiveFrame().unmasked()).isEqualTo(WireFrame.close(4001, "full"));
		}
		assertClosedBy(closing, gateway.recorder().termination("/waiting"));
	}

	@ParameterizedTest
	@MethodSource("peers")
	void ofAPeerThatIsHeardBySomebodyWhoWritesBeforeReading(Wire wire, Side closing) {
		GatewayExtension gateway = wire.gateway();
		for (String route : List.of("patient", "patient-reading", "replacing", "patient-compressed")) {
			if (route.equals("patient-compressed") && closing == Side.UPSTREAM) {
				// Which does not compress
				continue;
			}
			RawClient client = client(gateway, "/" + route).header("Sec-WebSocket-Extensions", "permessage-deflate");
			try (RawSession session = gateway.open(client)) {
				ProxiedSession live = gateway.session(route);
				RawPeer closer = session.peer(closing);
				RawPeer other = session.peer(closing.peer());
				byte[][] messages = new byte[40][];
				Arrays.fill(messages, WireFrame.binary(INCOMPRESSIBLE).from(closing.peer()).encode());
				CompletableFuture<Void> upload = other.sendAsync(messages);
				await().until(() -> live.buffered(closing) > 0);
				int sent = fill(live, closing, closer);
				HeldLoop loop = new HeldLoop(live);
				closer.send(WireFrame.text("last").from(closing), WireFrame.close(4001, "full").from(closing));
				closer.reset();
				loop.release();
				assertThat(upload).succeedsWithin(Duration.ofSeconds(20));
				assertThat(other.receiveFrames(sent)).allMatch((frame) -> frame.payload().length == FILLING);
				assertThat(other.receiveFrame().payloadAsText()).isEqualTo("last");
				assertThat(other.receiveFrame().unmasked()).isEqualTo(WireFrame.close(4001, "full"));
			}
			assertClosedBy(closing, gateway.recorder().termination("/" + route));
		}
	}

	/** Send until the gateway reads no more, and tell how many frames that were. */
	private static int fill(ProxiedSession live, Side from, RawPeer sender) {
		WireFrame frame = WireFrame.binary(new byte[FILLING]).from(from);
		int[] sent = { 0 };
		int[] polls = { 0 };
		while (polls[0] < 100) {
			polls[0] = 0;
			sent[0]++;
			sender.send(frame);
			await().pollDelay(Duration.ZERO)
				.pollInterval(Duration.ofMillis(1))
				.until(() -> live.counts(from.sends()).frames() == sent[0] || ++polls[0] == 100);
		}
		return sent[0];
	}

	private static void assertClosedBy(Side closing, Termination termination) {
		assertThat(termination.cause()).isEqualTo(Cause.CLOSE_FRAME);
		assertThat(from(closing, termination)).isEqualTo(FULL);
		assertThat(to(closing.peer(), termination)).isEqualTo(FULL);
		assertThat(to(closing, termination)).isNull();
	}

	/**
	 * Blocks the event loop of a session, so that everything that arrives meanwhile is
	 * processed together.
	 */
	private static final class HeldLoop {

		private volatile boolean held;

		private volatile boolean released;

		HeldLoop(ProxiedSession session) {
			session.schedule(Duration.ZERO, this::hold);
			await().until(() -> this.held);
		}

		private void hold() {
			this.held = true;
			while (!this.released) {
				// Without a blocking call, which BlockHound would report
			}
		}

		void release() {
			this.released = true;
		}

	}

}
