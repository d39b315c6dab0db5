package dev.wspolicy.gateway;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;

import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

import dev.wspolicy.policy.FramePolicy;
import dev.wspolicy.policy.Verdict;
import dev.wspolicy.session.Side;
import dev.wspolicy.session.Termination;
import dev.wspolicy.session.Termination.Cause;
import dev.wspolicy.testkit.ClientLeg;
import dev.wspolicy.testkit.RawPeer;
import dev.wspolicy.testkit.RawSession;
import dev.wspolicy.testkit.WireFrame;
import dev.wspolicy.testkit.WireFrame.LengthForm;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for peers that violate RFC 6455 or exceed a limit, on either side.
 */
@ParameterizedClass
@EnumSource(ClientLeg.class)
class ViolationTests {

	@RegisterExtension
	static final GatewayExtension gateway = GatewayExtension.with(Beans.class)
		.http2()
		.pipeline("limits.inbound-message", "10KB")
		.pipeline("limits.outbound-message", "10KB")
		.pipeline("limits.inbound-frame", "8KB")
		.pipeline("limits.outbound-frame", "8KB")
		.pipeline("limits.fragments", "4")
		// Much more than a test needs for an answer, however busy the machine is
		.pipeline("session.close-timeout", "1m")
		.pipeline("hasty", "session.close-timeout", "400ms")
		.pipeline("read", "inbound[0]", "reading")
		.pipeline("read", "outbound[0]", "reading")
		.routes("passed")
		.routesByName("read", "hasty")
		.everyEndIsAskedFor();

	static Stream<Arguments> violations() {
		return Stream.of(Violation.values())
			.flatMap((violation) -> Stream.of(Side.values())
				.flatMap((side) -> Stream.of("passed", "read").map((route) -> Arguments.of(violation, side, route))));
	}

	@ParameterizedTest
	@MethodSource("violations")
	void offenderIsClosedAndTheOtherSideGets1001(Violation violation, Side side, String route) throws Exception {
		try (RawSession session = gateway.open(route)) {
			RawPeer offender = session.peer(side);
			RawPeer other = session.peer(side.peer());
			offender.send(violation.from(side));
			WireFrame close = skipTo(WireFrame.CLOSE, offender);
			assertThat(close.closeCode()).isEqualTo(violation.code);
			assertThat(close.isMasked()).isEqualTo(side == Side.UPSTREAM);
			int toOther = (side == Side.UPSTREAM && violation.cause != Cause.LIMIT_EXCEEDED) ? 1011 : 1001;
			assertThat(skipTo(WireFrame.CLOSE, other).closeCode()).isEqualTo(toOther);
			other.send(WireFrame.close(toOther).from(side.peer()));
			offender.send(WireFrame.close(violation.code).from(side));
			if (side == Side.CLIENT) {
				// The gateway is the client on that leg, so it waits for the upstream to
				// end the connection
				other.close();
			}
			else {
				other.expectEof();
			}
			offender.shutdownOutput();
			offender.expectEof();
		}
		Termination termination = gateway.termination();
		assertThat(termination.cause()).isEqualTo(violation.cause);
	}

	@ParameterizedTest
	@ValueSource(ints = { 2000, 999, 1100, 1005, 1006 })
	void invalidCodeFromTheUpstreamIsReported(int code) {
		try (RawSession session = gateway.open("passed")) {
			session.upstream().send(WireFrame.close(code));
			assertThat(session.client().receiveFrame().closeCode()).isEqualTo(1011);
			assertThat(session.upstream().receiveFrame().closeCode()).isEqualTo(1002);
		}
		Termination termination = gateway.termination();
		assertThat(termination.cause()).isEqualTo(Cause.PROTOCOL_VIOLATION);
		assertThat(termination.fromUpstream().code()).isEqualTo(code);
		assertThat(termination.toClient().code()).isEqualTo(1011);
	}

	@ParameterizedTest
	@EnumSource
	void invalidReplyReturnsTheStatusOfTheInitiator(Side side) {
		try (RawSession session = gateway.open("passed")) {
			session.peer(side.peer()).send(WireFrame.close(4000, "bye").from(side.peer()));
			session.peer(side).receiveFrame();
			session.peer(side).send(WireFrame.close(2000).from(side));
			assertThat(session.peer(side.peer()).receiveFrame().unmasked()).isEqualTo(WireFrame.close(4000, "bye"));
		}
		Termination termination = gateway.termination();
		assertThat(((side == Side.CLIENT) ? termination.fromClient() : termination.fromUpstream()).code())
			.isEqualTo(2000);
	}

	@ParameterizedTest
	@EnumSource
	void reasonTruncatedWithinACharacterKeepsItsCode(Side side) {
		try (RawSession session = gateway.open("passed")) {
			session.peer(side)
				.send(WireFrame.of(WireFrame.CLOSE, (byte) 0x0F, (byte) 0xA0, (byte) 'n', (byte) 'o', (byte) 0xC3)
					.from(side));
			WireFrame close = session.peer(side.peer()).receiveFrame();
			assertThat(close.unmasked()).isEqualTo(WireFrame.close(4000, "no"));
			session.peer(side.peer()).send(close.unmasked().from(side.peer()));
			assertThat(session.peer(side).receiveFrame().closeCode()).isEqualTo(4000);
		}
		assertThat(gateway.termination().cause()).isEqualTo(Cause.CLOSE_FRAME);
	}

	@ParameterizedTest
	@EnumSource
	void offenderReceivesTheCloseDespitePendingData(Side side) throws Exception {
		try (RawSession session = gateway.open("passed")) {
			RawPeer offender = session.peer(side);
			RawPeer other = session.peer(side.peer());
			byte[] wrong = WireFrame.text("wrong").rsv(4).from(side).encode();
			byte[] more = WireFrame.binary(new byte[60_000]).from(side).encode();
			List<byte[]> writes = new ArrayList<>(List.of(wrong));
			for (int i = 0; i < 100; i++) {
				writes.add(more);
			}
			CompletableFuture<Void> sent = offender.sendAsync(writes.toArray(byte[][]::new));
			assertThat(other.receiveFrame().closeCode()).isEqualTo((side == Side.CLIENT) ? 1001 : 1011);
			assertThat(sent).succeedsWithin(Duration.ofSeconds(30));
			assertThat(offender.receiveFrame().closeCode()).isEqualTo(1002);
			offender.send(WireFrame.close(1002).from(side));
			other.send(WireFrame.close(1001).from(side.peer()));
			offender.shutdownOutput();
			offender.expectEof();
		}
		assertThat(gateway.termination().cause()).isEqualTo(Cause.PROTOCOL_VIOLATION);
	}

	@ParameterizedTest
	@EnumSource
	void offenderThatKeepsSendingIsDisconnected(Side side) throws Exception {
		try (RawSession session = gateway.open("hasty")) {
			RawPeer offender = session.peer(side);
			offender.send(WireFrame.text("wrong").rsv(4).from(side));
			assertThat(offender.receiveFrame().closeCode()).isEqualTo(1002);
			byte[] more = WireFrame.binary(new byte[60_000]).from(side).encode();
			CompletableFuture<Void> endless = offender
				.sendAsync(Stream.generate(() -> more).limit(100_000).toArray(byte[][]::new));
			assertThat(endless).failsWithin(Duration.ofSeconds(60));
		}
		assertThat(gateway.termination().cause()).isEqualTo(Cause.PROTOCOL_VIOLATION);
	}

	private static WireFrame skipTo(int opcode, RawPeer peer) {
		WireFrame frame = peer.receiveFrame();
		return (frame.opcode() == opcode) ? frame : skipTo(opcode, peer);
	}

	enum Violation {

		RSV1(WireFrame.text("x").rsv(4)),

		RSV2(WireFrame.text("x").rsv(2)),

		RSV3(WireFrame.text("x").rsv(1)),

		RSV_OF_CONTROL(WireFrame.ping("x").rsv(4)),

		RSV_OF_CLOSE(WireFrame.close(1000).rsv(4)),

		DATA_OPCODE_3(WireFrame.of(3)),

		DATA_OPCODE_7(WireFrame.of(7)),

		CONTROL_OPCODE_11(WireFrame.of(11)),

		CONTROL_OPCODE_15(WireFrame.of(15)),

		LENGTH_IN_16_BITS(WireFrame.text("x").lengthForm(LengthForm.SIXTEEN_BIT)),

		LENGTH_IN_64_BITS(WireFrame.text("x").lengthForm(LengthForm.SIXTY_FOUR_BIT)),

		LENGTH_126_IN_64_BITS(WireFrame.binary(new byte[126]).lengthForm(LengthForm.SIXTY_FOUR_BIT)),

		TOP_BIT_OF_LENGTH(WireFrame.binary().claimedLength(Long.MIN_VALUE + 5)),

		LONG_PING(WireFrame.ping(new byte[126])),

		LONG_CLOSE(WireFrame.close(1000, "x".repeat(124))),

		HUGE_PONG(WireFrame.pong().claimedLength(1L << 40)),

		FRAGMENTED_PING(WireFrame.ping("x").fin(false)),

		FRAGMENTED_CLOSE(WireFrame.close(1000).fin(false)),

		CONTINUATION_OF_NOTHING(WireFrame.continuation("x")),

		CONTINUATION_AFTER_THE_END(WireFrame.text("x").fin(false), WireFrame.continuation("y"),
				WireFrame.continuation("z")),

		TEXT_WITHIN_A_MESSAGE(WireFrame.text("x").fin(false), WireFrame.text("y")),

		BINARY_WITHIN_A_MESSAGE(WireFrame.text("x").fin(false), WireFrame.ping("p"), WireFrame.binary((byte) 1)),

		CLOSE_OF_ONE_BYTE(WireFrame.of(WireFrame.CLOSE, (byte) 3)),

		CLOSE_999(WireFrame.close(999)),

		CLOSE_1004(WireFrame.close(1004)),

		CLOSE_1005(WireFrame.close(1005)),

		CLOSE_1006(WireFrame.close(1006)),

		CLOSE_1015(WireFrame.close(1015)),

		CLOSE_1016(WireFrame.close(1016)),

		CLOSE_2999(WireFrame.close(2999)),

		CLOSE_5000(WireFrame.close(5000)),

		CLOSE_REASON_NOT_UTF8(1007, Cause.INVALID_PAYLOAD,
				WireFrame.of(WireFrame.CLOSE, (byte) 0x03, (byte) 0xE8, (byte) 0xC3, (byte) 'a')),

		FRAME_OVER_LIMIT(1009, Cause.LIMIT_EXCEEDED, WireFrame.binary(new byte[8 * 1024 + 1])),

		HUGE_FRAME_BY_ITS_HEADER(1009, Cause.LIMIT_EXCEEDED, WireFrame.binary().claimedLength(Long.MAX_VALUE)),

		MESSAGE_OVER_LIMIT(1009, Cause.LIMIT_EXCEEDED, WireFrame.binary(new byte[8 * 1024]).fin(false),
				WireFrame.continuation().claimedLength(2 * 1024 + 1)),

		TOO_MANY_FRAGMENTS(1009, Cause.LIMIT_EXCEEDED, WireFrame.binary(new byte[5]).fin(false).fragments(1)[0],
				WireFrame.continuation().fin(false), WireFrame.continuation().fin(false),
				WireFrame.continuation().fin(false), WireFrame.continuation().fin(false)),

		WRONG_MASK(WireFrame.text("x")) {

			@Override
			WireFrame[] from(Side side) {
				return super.from(side.peer());
			}

		},

		WRONG_MASK_OF_CLOSE(WireFrame.close(1000)) {

			@Override
			WireFrame[] from(Side side) {
				return super.from(side.peer());
			}

		};

		private final int code;

		private final Cause cause;

		private final WireFrame[] frames;

		Violation(WireFrame... frames) {
			this(1002, Cause.PROTOCOL_VIOLATION, frames);
		}

		Violation(int code, Cause cause, WireFrame... frames) {
			this.code = code;
			this.cause = cause;
			this.frames = frames;
		}

		WireFrame[] from(Side side) {
			return Arrays.stream(this.frames).map((frame) -> frame.from(side)).toArray(WireFrame[]::new);
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class Beans {

		@Bean
		FramePolicy reading() {
			return (frame, context) -> {
				assertThat(frame.toByteArray()).hasSize(frame.length());
				return Verdict.forward();
			};
		}

	}

}
