package dev.wspolicy.gateway;

import java.util.Arrays;
import java.util.List;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

import dev.wspolicy.testkit.ClientHandshake;
import dev.wspolicy.testkit.RawPeer;
import dev.wspolicy.testkit.RawSession;
import dev.wspolicy.testkit.RawUpstream;
import dev.wspolicy.testkit.UpstreamHandshake;
import dev.wspolicy.testkit.WireDeflate;
import dev.wspolicy.testkit.WireFrame;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Compression is agreed upon with each side by itself, on real sockets.
 */
class CompressionTests {

	private static final String EXTENSIONS = "Sec-WebSocket-Extensions";

	private static final String TEXT = "a text that is worth compressing, as it is worth it again and again. "
		.repeat(9);

	private static RawUpstream upstream;

	private static TestGateway gateway;

	@BeforeAll
	static void start() {
		upstream = RawUpstream.start();
		gateway = TestGateway.with()
			.route("off", upstream.uri())
			.route("client", upstream.uri(), "WsPolicy=client")
			.route("header", upstream.uri(), "AddResponseHeader=" + EXTENSIONS + ", permessage-deflate")
			.route("both", upstream.uri(), "WsPolicy=both")
			.set("ws-policy.pipelines.client.compression.client", "true")
			.set("ws-policy.pipelines.client.limits.inbound-message", "100KB")
			.set("ws-policy.pipelines.both.compression.client", "true")
			.set("ws-policy.pipelines.both.compression.upstream", "true")
			.set("ws-policy.pipelines.both.compression.context-takeover", "false")
			.set("ws-policy.pipelines.both.inbound[0].text-pattern.patterns[0]", "worth")
			.set("ws-policy.pipelines.both.inbound[0].text-pattern.action", "mask")
			.set("ws-policy.pipelines.both.inbound[0].text-pattern.replacement", "good")
			.start();
	}

	@AfterAll
	static void stop() {
		gateway.close();
		upstream.close();
	}

	@AfterEach
	void noSessionIsLeft() {
		gateway.awaitNoSessions();
	}

	@Test
	void offMeansNeitherAcceptedNorOffered() {
		ClientHandshake handshake = gateway.client().path("/off").header(EXTENSIONS, "permessage-deflate").start();
		UpstreamHandshake request = upstream.accept();
		assertThat(request.headers().all(EXTENSIONS)).isEmpty();
		try (RawSession session = open(handshake, request)) {
			assertThat(session.client().handshakeResponse().headers().all(EXTENSIONS)).isEmpty();
		}
	}

	@Test
	void noFilterAgreesUponCompression() {
		ClientHandshake handshake = gateway.client().path("/header").header(EXTENSIONS, "permessage-deflate").start();
		try (RawSession session = open(handshake, upstream.accept())) {
			assertThat(session.client().handshakeResponse().headers().all(EXTENSIONS)).isEmpty();
		}
	}

	@Test
	void malformedOfferIsNoOffer() {
		ClientHandshake handshake = gateway.client().path("/client").header(EXTENSIONS, ";").start();
		try (RawSession session = open(handshake, upstream.accept())) {
			assertThat(session.client().handshakeResponse().headers().all(EXTENSIONS)).isEmpty();
		}
	}

	@Test
	void clientIsCompressedAndUpstreamIsNot() {
		ClientHandshake handshake = gateway.client()
			.path("/client")
			.header(EXTENSIONS, "permessage-deflate; client_max_window_bits")
			.start();
		UpstreamHandshake request = upstream.accept();
		assertThat(request.headers().all(EXTENSIONS)).isEmpty();
		try (RawSession session = open(handshake, request)) {
			assertThat(session.client().handshakeResponse().headers().all(EXTENSIONS))
				.containsExactly("permessage-deflate");
			WireDeflate deflate = new WireDeflate();
			session.client().sendByteByByte(deflate.text(TEXT).masked());
			WireFrame arrived = session.upstream().receiveFrame();
			assertThat(arrived.rsv()).isZero();
			assertThat(arrived.payloadAsText()).isEqualTo(TEXT);
			session.upstream().send(WireFrame.text(TEXT));
			WireFrame answer = session.client().receiveFrame();
			assertThat(answer.rsv()).isEqualTo(4);
			assertThat(deflate.inflateText(answer)).isEqualTo(TEXT);
			session.client().send(WireFrame.close(1000).masked());
			assertThat(session.upstream().receiveFrame().closeCode()).isEqualTo(1000);
			session.upstream().send(WireFrame.close(1000));
			assertThat(session.client().receiveFrame().closeCode()).isEqualTo(1000);
		}
	}

	@Test
	void clientThatOffersNothingGetsNothing() {
		ClientHandshake handshake = gateway.client().path("/client").start();
		try (RawSession session = open(handshake, upstream.accept())) {
			assertThat(session.client().handshakeResponse().headers().all(EXTENSIONS)).isEmpty();
			session.client().send(WireFrame.text(TEXT).masked());
			assertThat(session.upstream().receiveFrame()).isEqualTo(WireFrame.text(TEXT).masked());
		}
	}

	@Test
	void bombIsRefused() {
		ClientHandshake handshake = gateway.client().path("/client").header(EXTENSIONS, "permessage-deflate").start();
		try (RawSession session = open(handshake, upstream.accept())) {
			session.client().send(new WireDeflate().message(WireFrame.BINARY, new byte[10_000_000]).masked());
			assertThat(session.client().receiveFrame().closeCode()).isEqualTo(1009);
			WireFrame last = session.upstream().receiveFrame();
			while (last.opcode() != WireFrame.CLOSE) {
				last = session.upstream().receiveFrame();
			}
			assertThat(last.closeCode()).isEqualTo(1001);
		}
	}

	@Test
	void messageThatIsCutShortIsNoMessage() {
		ClientHandshake handshake = gateway.client().path("/client").header(EXTENSIONS, "permessage-deflate").start();
		try (RawSession session = open(handshake, upstream.accept())) {
			byte[] whole = new WireDeflate().text(TEXT).payload();
			session.client().send(WireFrame.of(WireFrame.TEXT).rsv(4).masked());
			assertThat(session.upstream().receiveFrame().payload()).isEmpty();
			session.client().send(WireFrame.of(WireFrame.TEXT, whole).rsv(4).masked());
			assertThat(session.upstream().receiveFrame().payloadAsText()).isEqualTo(TEXT);
			session.client().send(WireFrame.of(WireFrame.TEXT, Arrays.copyOf(whole, whole.length / 2)).rsv(4).masked());
			assertThat(session.client().receiveFrame().closeCode()).isEqualTo(1007);
			assertThat(session.upstream().receiveFrame().closeCode()).isEqualTo(1001);
		}
	}

	@Test
	void bothAreCompressedAndThePolicyReadsText() {
		ClientHandshake handshake = gateway.client().path("/both").header(EXTENSIONS, "permessage-deflate").start();
		UpstreamHandshake request = upstream.accept();
		assertThat(request.headers().all(EXTENSIONS))
			.containsExactly("permessage-deflate; client_no_context_takeover; server_no_context_takeover");
		request.header(EXTENSIONS, "permessage-deflate; server_no_context_takeover; client_no_context_takeover");
		try (RawSession session = open(handshake, request)) {
			for (int i = 0; i < 2; i++) {
				session.client().send(new WireDeflate().text(TEXT).masked());
				WireFrame arrived = session.upstream().receiveFrame();
				assertThat(arrived.rsv()).isEqualTo(4);
				assertThat(arrived.isMasked()).isTrue();
				assertThat(new WireDeflate().inflateText(arrived)).isEqualTo(TEXT.replace("worth", "good"));
			}
		}
	}

	@Test
	void upstreamMayDecline() {
		ClientHandshake handshake = gateway.client().path("/both").start();
		try (RawSession session = open(handshake, upstream.accept())) {
			session.upstream().send(WireFrame.text(TEXT));
			assertThat(session.client().receiveFrame()).isEqualTo(WireFrame.text(TEXT));
		}
	}

	@Test
	void upstreamThatAnswersWhatWasNotOfferedIsNone() {
		for (String answer : List.of("permessage-deflate", "permessage-bzip2",
				"permessage-deflate; server_no_context_takeover; client_max_window_bits=8")) {
			ClientHandshake handshake = gateway.client().path("/both").start();
			upstream.accept().header(EXTENSIONS, answer).acceptWebSocket();
			assertThat(handshake.response().status()).as(answer).isEqualTo(502);
			handshake.close();
		}
	}

	private static RawSession open(ClientHandshake handshake, UpstreamHandshake request) {
		RawPeer server = request.acceptWebSocket();
		return new RawSession(handshake.connected(), server);
	}

}
