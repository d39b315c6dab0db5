package dev.wspolicy.gateway;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import dev.wspolicy.session.Side;
import dev.wspolicy.testkit.RawPeer;
import dev.wspolicy.testkit.RawSession;
import dev.wspolicy.testkit.WireFrame;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests that text must be UTF-8 even if no policy reads it, on real sockets.
 */
class TextValidationTests {

	@RegisterExtension
	static final GatewayExtension gateway = GatewayExtension.with()
		.pipeline("validate-utf8", "always")
		.pipeline("session.close-timeout", "400ms")
		.routes("always");

	@ParameterizedTest
	@EnumSource
	void textPassesUnchanged(Side side) {
		try (RawSession session = open()) {
			String text = "äöü € \uD83D\uDE00 and plain ".repeat(5000);
			byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
			WireFrame[] frames = { WireFrame.text("plain"), WireFrame.text(text), WireFrame.binary((byte) 0xFF),
					WireFrame.text(Arrays.copyOf(bytes, 1)).fin(false), WireFrame.ping("between"),
					WireFrame.continuation(Arrays.copyOfRange(bytes, 1, 40)).fin(false), WireFrame.continuation(""),
					WireFrame.text("") };
			frames[6] = WireFrame.continuation(Arrays.copyOfRange(bytes, 40, 44));
			byte[] sent = WireFrame.encodeAll(from(side, frames));
			peer(session, side).sendAsync(sent);
			assertThat(peer(session, side.peer()).receiveBytes(sent.length)).isEqualTo(sent);
		}
	}

	@ParameterizedTest
	@EnumSource
	void invalidTextEndsTheSession(Side side) {
		WireFrame[][] cases = { { text(0xC3) }, { text('a', 0xFF, 'b') }, { text(0xED, 0xA0, 0x80) },
				{ text('a').fin(false), WireFrame.ping("x"), WireFrame.continuation((byte) 0x80) },
				{ text('a', 0xE2).fin(false), WireFrame.continuation((byte) 0x82) },
				{ text(0xE2, 0x82).fin(false), WireFrame.continuation("") } };
		for (WireFrame[] frames : cases) {
			try (RawSession session = open()) {
				peer(session, side).send(from(side, frames));
				assertThat(skipToClose(peer(session, side)).closeCode()).isEqualTo(1007);
				assertThat(skipToClose(peer(session, side.peer())).closeCode())
					.isEqualTo((side == Side.CLIENT) ? 1001 : 1011);
			}
		}
	}

	@ParameterizedTest
	@EnumSource
	void invalidTextInALongFrameResetsTheOtherSide(Side side) {
		try (RawSession session = open()) {
			byte[] payload = new byte[500_000];
			Arrays.fill(payload, (byte) 'x');
			payload[payload.length - 1] = (byte) 0x80;
			peer(session, side).sendAsync(WireFrame.encodeAll(from(side, WireFrame.text(payload))));
			assertThat(skipToClose(peer(session, side)).closeCode()).isEqualTo(1007);
			RawPeer other = peer(session, side.peer());
			other.receiveBytes(10);
			assertThat(endsWithReset(other)).isTrue();
		}
	}

	private static boolean endsWithReset(RawPeer peer) {
		while (true) {
			try {
				peer.receiveBytes(1);
			}
			catch (AssertionError ex) {
				return ex.getMessage().contains("reset");
			}
		}
	}

	private static RawSession open() {
		return gateway.open("always");
	}

	private static RawPeer peer(RawSession session, Side side) {
		return (side == Side.CLIENT) ? session.client() : session.upstream();
	}

	private static WireFrame text(int... bytes) {
		byte[] payload = new byte[bytes.length];
		for (int i = 0; i < bytes.length; i++) {
			payload[i] = (byte) bytes[i];
		}
		return WireFrame.text(payload);
	}

	private static WireFrame[] from(Side side, WireFrame... frames) {
		return (side == Side.CLIENT) ? Arrays.stream(frames).map(WireFrame::masked).toArray(WireFrame[]::new) : frames;
	}

	private static WireFrame skipToClose(RawPeer peer) {
		WireFrame frame = peer.receiveFrame();
		while (frame.opcode() != WireFrame.CLOSE) {
			frame = peer.receiveFrame();
		}
		return frame;
	}

}
