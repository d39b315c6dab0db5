package dev.wspolicy.gateway;

import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedTransferQueue;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

import dev.wspolicy.frame.CloseStatus;
import dev.wspolicy.frame.TextFrame;
import dev.wspolicy.netty.LiveSessions;
import dev.wspolicy.policy.FramePolicy;
import dev.wspolicy.policy.Verdict;
import dev.wspolicy.session.ProxiedSession;
import dev.wspolicy.session.Side;
import dev.wspolicy.session.Termination;
import dev.wspolicy.session.Termination.Cause;
import dev.wspolicy.session.Termination.Initiator;
import dev.wspolicy.testkit.ClientLeg;
import dev.wspolicy.testkit.RawPeer;
import dev.wspolicy.testkit.RawSession;
import dev.wspolicy.testkit.WireFrame;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests how sessions end, according to the table in docs/semantics.md.
 */
@ParameterizedClass
@EnumSource(ClientLeg.class)
class ClosingTests {

	@RegisterExtension
	static final GatewayExtension gateway = GatewayExtension.with(Beans.class)
		.http2()
		// Nothing waits for this one
		.pipeline("session.close-timeout", "1m")
		.pipeline("impatient", "session.close-timeout", "300ms")
		.pipeline("impatient", "session.frame-timeout", "400ms")
		// Longer than a test can be held up between two steps
		.pipeline("lenient", "session.close-timeout", "4s")
		.pipeline("lenient", "session.frame-timeout", "4s")
		.pipeline("telling", "on-loss.upstream", "1013")
		.pipeline("telling", "on-loss.client", "4001")
		.pipeline("speechless", "on-loss.upstream", "abort")
		.pipeline("speechless", "on-loss.client", "Abort")
		.pipeline("waiting", "inbound[0]", "waiting")
		.pipeline("waiting", "outbound[0]", "waiting")
		.routes("plain")
		.routesByName("impatient", "lenient", "telling", "speechless", "waiting")
		.everyEndIsAskedFor();

	static Stream<Arguments> closes() {
		return Stream.of(Side.values())
			.flatMap((side) -> Stream
				.of(WireFrame.close(), WireFrame.close(1000), WireFrame.close(1001, "going"),
						WireFrame.close(1003, "no binary"), WireFrame.close(1012, "restart"),
						WireFrame.close(1013, "later"), WireFrame.close(1014, "bad gateway"),
						WireFrame.close(3000, "ä€𝄞"), WireFrame.close(4999, "x".repeat(123)))
				.map((close) -> Arguments.of(side, close)));
	}

	@ParameterizedTest
	@MethodSource("closes")
	void closeAndItsReplyAreRelayedUnchanged(Side side, WireFrame close) throws Exception {
		try (RawSession session = gateway.open("plain")) {
			RawPeer closing = session.peer(side);
			RawPeer other = session.peer(side.peer());
			closing.send(close.from(side));
			assertThat(other.receiveFrame()).isEqualTo(close.from(side));
			WireFrame reply = ((close.payload().length == 0) ? close : WireFrame.close(4321, "re")).from(side.peer());
			other.send(reply);
			assertThat(closing.receiveFrame()).isEqualTo(reply);
			session.endInOrder();
		}
		Termination termination = gateway.termination();
		assertThat(termination.cause()).isEqualTo(Cause.CLOSE_FRAME);
		assertThat(termination.initiator()).isEqualTo((side == Side.CLIENT) ? Initiator.CLIENT : Initiator.UPSTREAM);
		CloseStatus status = (side == Side.CLIENT) ? termination.fromClient() : termination.fromUpstream();
		assertThat(status.code()).isEqualTo(close.closeCode());
		assertThat(status.reason()).isEqualTo(close.closeReason());
	}

	@ParameterizedTest
	@EnumSource
	@ExtendWith(OutputCaptureExtension.class)
	void remainingLegCanBeReset(Side lost, CapturedOutput output) {
		try (RawSession session = gateway.open("plain")) {
			session.peer(lost).close();
			RawPeer other = session.peer(lost.peer());
			assertThat(other.receiveFrame().opcode()).isEqualTo(WireFrame.CLOSE);
			gateway.bean(LiveSessions.class).abort();
			other.expectReset();
		}
		assertThat(gateway.termination().cause()).isEqualTo(Cause.CONNECTION_LOST);
		assertThat(output).doesNotContain("relaying failed");
	}

	@Test
	void bothSidesCloseAtTheSameTime() throws Exception {
		try (RawSession session = gateway.open("plain")) {
			CompletableFuture<Void> one = session.client().sendAsync(WireFrame.close(4001, "c").masked().encode());
			CompletableFuture<Void> other = session.upstream().sendAsync(WireFrame.close(4002, "u").encode());
			assertThat(CompletableFuture.allOf(one, other)).succeedsWithin(Duration.ofSeconds(20));
			// One close frame arrived first and was relayed; the other one counts as its
			// reply
			assertThat(session.client().receiveFrame().closeCode()).isIn(4001, 4002);
			assertThat(session.upstream().receiveFrame().closeCode()).isIn(4001, 4002);
			session.endInOrder();
		}
		assertThat(gateway.termination().cause()).isEqualTo(Cause.CLOSE_FRAME);
	}

	@Test
	void closeFrameAndEndOfStreamInOneWrite() throws Exception {
		try (RawSession session = gateway.open("plain")) {
			session.client().send(WireFrame.text("last words").masked(), WireFrame.close(1000, "bye").masked());
			session.client().close();
			assertThat(session.upstream().receiveFrame().payloadAsText()).isEqualTo("last words");
			assertThat(session.upstream().receiveFrame().closeReason()).isEqualTo("bye");
			session.upstream().send(WireFrame.close(1000));
			session.upstream().close();
		}
		Termination termination = gateway.termination();
		assertThat(termination.initiator()).isEqualTo(Initiator.CLIENT);
		assertThat(termination.fromClient()).isEqualTo(CloseStatus.of(1000, "bye"));
	}

	@Test
	void lastFramesOfTheUpstreamArriveBeforeItsClose() throws Exception {
		try (RawSession session = gateway.open("plain")) {
			WireFrame[] frames = Stream.generate(() -> WireFrame.binary(new byte[100_000]))
				.limit(20)
				.toArray(WireFrame[]::new);
			session.upstream().sendAsync(WireFrame.encodeAll(frames), WireFrame.close(1000).encode()).join();
			session.upstream().shutdownOutput();
			assertThat(session.client().receiveFrames(20)).containsExactly(frames);
			assertThat(session.client().receiveFrame()).isEqualTo(WireFrame.close(1000));
			session.client().send(WireFrame.close(1000).masked());
			session.client().expectEof();
		}
		assertThat(gateway.termination().initiator()).isEqualTo(Initiator.UPSTREAM);
	}

	@ParameterizedTest
	@EnumSource
	void legLostWithoutACloseFrame(Loss loss) throws Exception {
		for (Side side : Side.values()) {
			for (String route : new String[] { "plain", "telling" }) {
				try (RawSession session = gateway.open(route)) {
					session.peer(side).send(WireFrame.text("last").from(side));
					RawPeer other = session.peer(side.peer());
					assertThat(other.receiveFrame().payloadAsText()).isEqualTo("last");
					loss.happenTo(session.peer(side));
					int expected = route.equals("plain") ? ((side == Side.CLIENT) ? 1001 : 1011)
							: ((side == Side.CLIENT) ? 4001 : 1013);
					assertThat(other.receiveFrame().closeCode()).isEqualTo(expected);
					other.send(WireFrame.close(expected).from(side.peer()));
					other.shutdownOutput();
					other.expectEof();
				}
				Termination termination = gateway.termination();
				assertThat(termination.cause()).isEqualTo(Cause.CONNECTION_LOST);
				assertThat(termination.initiator())
					.isEqualTo((side == Side.CLIENT) ? Initiator.CLIENT : Initiator.UPSTREAM);
			}
		}
	}

	@ParameterizedTest
	@EnumSource
	void lossCanAbortTheOtherLeg(Loss loss) throws Exception {
		for (Side side : Side.values()) {
			try (RawSession session = gateway.open("speechless")) {
				session.peer(side).send(WireFrame.text("last").from(side));
				RawPeer other = session.peer(side.peer());
				assertThat(other.receiveFrame().payloadAsText()).isEqualTo("last");
				loss.happenTo(session.peer(side));
				other.expectEof();
				other.shutdownOutput();
			}
			Termination termination = gateway.termination();
			assertThat(termination).returns(Cause.CONNECTION_LOST, Termination::cause)
				.returns(null, Termination::toClient)
				.returns(null, Termination::toUpstream);
		}
	}

	@ParameterizedTest
	@EnumSource
	void legLostWithinAFrame(Loss loss) throws Exception {
		for (Side side : Side.values()) {
			try (RawSession session = gateway.open("plain")) {
				byte[] frame = WireFrame.binary(new byte[1000]).from(side).encode();
				session.peer(side).send(Arrays.copyOf(frame, 600));
				session.peer(side.peer()).receiveBytes(600);
				loss.happenTo(session.peer(side));
				session.peer(side.peer()).expectReset();
			}
			assertThat(gateway.termination().cause()).isEqualTo(Cause.CONNECTION_LOST);
		}
	}

	@Test
	void closeWaitsForTheEndOfAFrame() throws Exception {
		try (RawSession session = gateway.open("plain")) {
			byte[] frame = WireFrame.binary(new byte[1000]).masked().encode();
			session.client().send(Arrays.copyOf(frame, 600));
			session.upstream().receiveBytes(600);
			session.upstream().send(WireFrame.close(1000));
			assertThat(session.client().receiveFrame().closeCode()).isEqualTo(1000);
			session.client().send(Arrays.copyOfRange(frame, 600, frame.length));
			session.upstream().receiveBytes(frame.length - 600);
			session.client().send(WireFrame.close(1000).masked());
			assertThat(session.upstream().receiveFrame().closeCode()).isEqualTo(1000);
			session.endInOrder();
		}
		assertThat(gateway.termination().cause()).isEqualTo(Cause.CLOSE_FRAME);
	}

	@ParameterizedTest
	@EnumSource
	void silentPeerIsClosedAfterTheCloseTimeout(Side silent) throws Exception {
		try (RawSession session = gateway.open("impatient")) {
			RawPeer closing = session.peer(silent.peer());
			closing.send(WireFrame.close(4444, "hello?").from(silent.peer()));
			assertThat(session.peer(silent).receiveFrame().closeCode()).isEqualTo(4444);
			// Neither side has answered, so only the gateway's own close can be reported
			assertThat(closing.receiveFrame().closeCode()).isEqualTo(4444);
			closing.expectEof();
			session.peer(silent).expectEof();
		}
		Termination termination = gateway.termination();
		assertThat((silent == Side.CLIENT) ? termination.fromClient() : termination.fromUpstream()).isNull();
	}

	@Test
	void upstreamThatRepliesButKeepsItsConnectionOpen() throws Exception {
		try (RawSession session = gateway.open("lenient")) {
			session.client().send(WireFrame.close(1000).masked());
			session.upstream().receiveFrame();
			session.upstream().send(WireFrame.close(1000));
			session.client().receiveFrame();
			session.client().expectEof();
			session.upstream().expectEof();
		}
		assertThat(gateway.termination().fromUpstream()).isEqualTo(CloseStatus.of(1000));
	}

	@ParameterizedTest
	@EnumSource
	void stalledFrame(Side side) throws Exception {
		try (RawSession session = gateway.open("impatient")) {
			byte[] frame = WireFrame.binary(new byte[1000]).from(side).encode();
			session.peer(side).send(Arrays.copyOf(frame, 500));
			session.peer(side.peer()).receiveBytes(500);
			assertThat(session.peer(side).receiveFrame().closeCode()).isEqualTo(1001);
			session.peer(side.peer()).expectReset();
			session.peer(side).expectClosed();
		}
		assertThat(gateway.termination().cause()).isEqualTo(Cause.FRAME_TIMEOUT);
	}

	@Test
	void stalledHeader() throws Exception {
		try (RawSession session = gateway.open("impatient")) {
			session.client().send(new byte[] { (byte) 0x82 });
			assertThat(session.client().receiveFrame().closeCode()).isEqualTo(1001);
			assertThat(session.upstream().receiveFrame().closeCode()).isEqualTo(1001);
		}
		assertThat(gateway.termination().cause()).isEqualTo(Cause.FRAME_TIMEOUT);
	}

	@Test
	void slowFrameDoesNotTimeOut() throws Exception {
		try (RawSession session = gateway.open("lenient")) {
			byte[] frame = WireFrame.binary(new byte[12]).masked().encode();
			for (byte drip : frame) {
				session.client().send(new byte[] { drip });
				session.client().expectNothingFor(Duration.ofMillis(250));
			}
			assertThat(session.upstream().receiveFrame().payload()).hasSize(12);
		}
		gateway.termination();
	}

	@Test
	void verdictsBeforeACloseAreDeliveredFirst() throws Exception {
		try (RawSession session = gateway.open("waiting")) {
			session.client()
				.send(WireFrame.text("1").masked(), WireFrame.text("2").masked(),
						WireFrame.close(1000, "after two").masked());
			Question first = gateway.bean(Beans.class).questions.take();
			// The other direction does not close anything and is not delayed
			session.upstream().send(WireFrame.ping("still there"));
			assertThat(session.client().receiveFrame().payloadAsText()).isEqualTo("still there");
			first.answer().complete(Verdict.replaceText("one"));
			gateway.bean(Beans.class).questions.take().answer().complete(Verdict.forward());
			assertThat(session.upstream().receiveFrame().payloadAsText()).isEqualTo("one");
			assertThat(session.upstream().receiveFrame().payloadAsText()).isEqualTo("2");
			assertThat(session.upstream().receiveFrame().closeReason()).isEqualTo("after two");
			session.upstream().send(WireFrame.close(1000));
			assertThat(session.client().receiveFrame().closeCode()).isEqualTo(1000);
			session.endInOrder();
		}
		gateway.termination();
	}

	@Test
	void closeFromTheOtherSideWhileAVerdictIsPending() throws Exception {
		try (RawSession session = gateway.open("waiting")) {
			session.client().send(WireFrame.text("1").masked());
			Question question = gateway.bean(Beans.class).questions.take();
			session.upstream().send(WireFrame.close(1012, "restart"));
			assertThat(session.client().receiveFrame().closeCode()).isEqualTo(1012);
			session.client().send(WireFrame.close(1012).masked());
			question.answer().complete(Verdict.forward());
			// The pending message may or may not be delivered, but the close is
			WireFrame next = session.upstream().receiveFrame();
			WireFrame close = (next.opcode() == WireFrame.CLOSE) ? next : session.upstream().receiveFrame();
			assertThat(close.closeCode()).isEqualTo(1012);
			session.endInOrder();
		}
		assertThat(gateway.termination().initiator()).isEqualTo(Initiator.UPSTREAM);
	}

	@Test
	void clientLostWhileAVerdictIsPending() throws Exception {
		try (RawSession session = gateway.open("waiting")) {
			session.client().send(WireFrame.text("1").masked(), WireFrame.text("2").masked());
			Question question = gateway.bean(Beans.class).questions.take();
			session.client().close();
			question.answer().complete(Verdict.forward());
			assertThat(session.upstream().receiveFrame().payloadAsText()).isEqualTo("1");
			gateway.bean(Beans.class).questions.take().answer().complete(Verdict.forward());
			assertThat(session.upstream().receiveFrame().payloadAsText()).isEqualTo("2");
			assertThat(session.upstream().receiveFrame().closeCode()).isEqualTo(1001);
			session.upstream().close();
		}
		assertThat(gateway.termination().cause()).isEqualTo(Cause.CONNECTION_LOST);
	}

	@Test
	void closeByOperator() throws Exception {
		try (RawSession session = gateway.open("plain")) {
			ProxiedSession live = gateway.onlySession();
			live.close(CloseStatus.of(4100, "client"), CloseStatus.of(4200, "upstream"));
			live.close(CloseStatus.of(1000));
			live.send(Side.CLIENT, TextFrame.of("too late"));
			assertThat(session.client().receiveFrame()).isEqualTo(WireFrame.close(4100, "client"));
			assertThat(session.upstream().receiveFrame().unmasked()).isEqualTo(WireFrame.close(4200, "upstream"));
			session.client().send(WireFrame.close(4100).masked());
			session.upstream().send(WireFrame.close(4200));
			session.endInOrder();
		}
		assertThat(gateway.termination().cause()).isEqualTo(Cause.REQUESTED);
	}

	enum Loss {

		END_OF_STREAM {

			@Override
			void happenTo(RawPeer peer) {
				peer.close();
			}

		},

		RESET {

			@Override
			void happenTo(RawPeer peer) {
				peer.reset();
			}

		},

		HALF_CLOSED {

			@Override
			void happenTo(RawPeer peer) {
				peer.shutdownOutput();
			}

		};

		abstract void happenTo(RawPeer peer);

	}

	record Question(String text, CompletableFuture<Verdict> answer) {

	}

	@Configuration(proxyBeanMethods = false)
	static class Beans {

		private final BlockingQueue<Question> questions = new LinkedTransferQueue<>();

		@Bean
		FramePolicy waiting() {
			return (frame, context) -> {
				Question question = new Question(((TextFrame) frame).text(), new CompletableFuture<>());
				this.questions.add(question);
				return Verdict.later(question.answer());
			};
		}

	}

}
