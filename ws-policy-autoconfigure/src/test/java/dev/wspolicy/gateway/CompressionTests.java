package dev.wspolicy.gateway;

import java.util.Arrays;
import java.util.List;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

import dev.wspolicy.testkit.ClientHandshake;
import dev.wspolicy.testkit.ClientLeg;
import dev.wspolicy.testkit.RawClient;
import dev.wspolicy.testkit.RawPeer;
import dev.wspolicy.testkit.RawSession;
import dev.wspolicy.testkit.RawUpstream;
import dev.wspolicy.testkit.UpstreamHandshake;
import dev.wspolicy.testkit.WireDeflate;
import dev.wspolicy.testkit.WireFrame;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests that compression is negotiated separately on each leg, on real sockets.
 */
@ParameterizedClass
@EnumSource(ClientLeg.class)
class CompressionTests {

	private static final String EXTENSIONS = "Sec-WebSocket-Extensions";

	private static final String TEXT = "a text that is worth compressing, as it is worth it again and again. "
		.repeat(9);

	private static final RawUpstream upstream = RawUpstream.start();

	@RegisterExtension
	static final GatewayExtension gateway = GatewayExtension.with()
		.http2()
		.inFrontOf(upstream)
		.pipeline("client", "compression.client", "true")
		.pipeline("client", "limits.inbound-message", "100KB")
		.pipeline("both", "compression.client", "true")
		.pipeline("both", "compression.upstream", "true")
		.pipeline("both", "compression.context-takeover", "false")
		.pipeline("both", "inbound[0].text-pattern.patterns[0]", "worth")
		.pipeline("both", "inbound[0].text-pattern.action", "mask")
		.pipeline("both", "inbound[0].text-pattern.replacement", "good")
		.pipeline("small", "compression.client", "true")
		.pipeline("small", "compression.upstream", "true")
		.pipeline("small", "compression.window-bits", 9)
		.pipeline("small", "compression.mem-level", 5)
		.routes("off")
		.routesByName("client", "both", "small")
		.filteredRoute("header", "AddResponseHeader=" + EXTENSIONS + ", permessage-deflate");

	@Test
	void offMeansNeitherAcceptedNorOffered() {
		ClientHandshake handshake = offering("/off").start();
		UpstreamHandshake request = upstream.accept();
		assertThat(request.headers().all(EXTENSIONS)).isEmpty();
		try (RawSession session = open(handshake, request)) {
			assertThat(session.client().handshakeResponse().headers().all(EXTENSIONS)).isEmpty();
		}
	}

	@Test
	void filtersCannotNegotiateCompression() {
		try (RawSession session = gateway.open(offering("/header"))) {
			assertThat(session.client().handshakeResponse().headers().all(EXTENSIONS)).isEmpty();
		}
	}

	@Test
	void windowsAreAsSmallAsConfigured() {
		ClientHandshake handshake = gateway.client()
			.path("/small")
			.header(EXTENSIONS, "permessage-deflate; client_max_window_bits; server_max_window_bits=10")
			.start();
		UpstreamHandshake request = upstream.accept();
		assertThat(request.headers().all(EXTENSIONS)).containsExactly(
				"permessage-deflate; server_max_window_bits=9; client_max_window_bits=9, permessage-deflate");
		WireDeflate client = new WireDeflate();
		WireDeflate server = new WireDeflate();
		request.header(EXTENSIONS, "permessage-deflate; server_max_window_bits=9; client_max_window_bits=9");
		try (RawSession session = open(handshake, request)) {
			assertThat(session.client().handshakeResponse().headers().all(EXTENSIONS))
				.containsExactly("permessage-deflate; server_max_window_bits=9; client_max_window_bits=9");
			for (int i = 0; i < 5; i++) {
				session.client().send(client.text(TEXT).masked());
				assertThat(server.inflateText(session.upstream().receiveFrame())).isEqualTo(TEXT);
				session.upstream().send(server.text(TEXT + i));
				assertThat(client.inflateText(session.client().receiveFrame())).isEqualTo(TEXT + i);
			}
		}
	}

	@Test
	void smallWindowIsAcceptedWhereNoneIsConfigured() {
		try (RawSession session = gateway.open(
				gateway.client().path("/client").header(EXTENSIONS, "permessage-deflate; server_max_window_bits=9"))) {
			assertThat(session.client().handshakeResponse().headers().all(EXTENSIONS))
				.containsExactly("permessage-deflate; server_max_window_bits=9");
			WireDeflate client = new WireDeflate();
			session.upstream().send(WireFrame.text(TEXT));
			assertThat(client.inflateText(session.client().receiveFrame())).isEqualTo(TEXT);
		}
	}

	@Test
	void malformedOfferIsIgnored() {
		try (RawSession session = gateway.open(gateway.client().path("/client").header(EXTENSIONS, ";"))) {
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
	void clientWithoutAnOfferIsNotCompressed() {
		try (RawSession session = gateway.open(gateway.client().path("/client"))) {
			assertThat(session.client().handshakeResponse().headers().all(EXTENSIONS)).isEmpty();
			session.client().send(WireFrame.text(TEXT).masked());
			assertThat(session.upstream().receiveFrame()).isEqualTo(WireFrame.text(TEXT).masked());
		}
	}

	@Test
	void compressionBombIsRejected() {
		try (RawSession session = gateway.open(offering("/client"))) {
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
	void truncatedMessageIsRejected() {
		try (RawSession session = gateway.open(offering("/client"))) {
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
		ClientHandshake handshake = offering("/both").start();
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
		try (RawSession session = gateway.open(gateway.client().path("/both"))) {
			session.upstream().send(WireFrame.text(TEXT));
			assertThat(session.client().receiveFrame()).isEqualTo(WireFrame.text(TEXT));
		}
	}

	@Test
	void responseWithoutAnOfferIsRejected() {
		for (String answer : List.of("permessage-deflate", "permessage-bzip2",
				"permessage-deflate; server_no_context_takeover; client_max_window_bits=8")) {
			ClientHandshake handshake = gateway.client().path("/both").start();
			upstream.accept().header(EXTENSIONS, answer).acceptWebSocket();
			assertThat(handshake.response().status()).as(answer).isEqualTo(502);
			handshake.close();
		}
	}

	private static RawClient offering(String path) {
		return gateway.client().path(path).header(EXTENSIONS, "permessage-deflate");
	}

	private static RawSession open(ClientHandshake handshake, UpstreamHandshake request) {
		RawPeer server = request.acceptWebSocket();
		return new RawSession(handshake.connected(), server);
	}

}
