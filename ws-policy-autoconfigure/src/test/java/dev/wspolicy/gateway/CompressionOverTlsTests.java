package dev.wspolicy.gateway;

import java.io.File;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;

import io.netty.handler.ssl.SslContextBuilder;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.reactivestreams.Publisher;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.netty.DisposableServer;
import reactor.netty.http.Http11SslContextSpec;
import reactor.netty.http.client.HttpClient;
import reactor.netty.http.client.WebsocketClientSpec;
import reactor.netty.http.server.HttpServer;
import reactor.netty.http.server.WebsocketServerSpec;
import reactor.netty.http.websocket.WebsocketInbound;
import reactor.netty.http.websocket.WebsocketOutbound;
import reactor.netty.tcp.SslProvider.GenericSslContextSpec;

import dev.wspolicy.frame.BinaryFrame;
import dev.wspolicy.frame.TextFrame;
import dev.wspolicy.gateway.CompressedConversation.Content;
import dev.wspolicy.gateway.CompressedConversation.End;
import dev.wspolicy.gateway.CompressedConversation.Legs;
import dev.wspolicy.gateway.CompressedConversation.Rewriting;
import dev.wspolicy.policy.FramePolicy;
import dev.wspolicy.policy.Verdict;
import dev.wspolicy.session.Side;
import dev.wspolicy.session.Termination.Cause;
import dev.wspolicy.testkit.ClientHandshake;
import dev.wspolicy.testkit.RawPeer;
import dev.wspolicy.testkit.TestCertificates;
import dev.wspolicy.testkit.UpstreamHandshake;
import dev.wspolicy.testkit.WireFrame;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for compressed legs within TLS, one or both. The peers use zlib's own classes or
 * Netty's extension, never the code under test.
 */
class CompressionOverTlsTests {

	private static final String EXTENSIONS = "Sec-WebSocket-Extensions";

	private static final String DEFLATE = "permessage-deflate";

	private static final int MEGABYTE = 1024 * CompressedConversation.KILOBYTE;

	private static final int LIMIT = 2 * MEGABYTE;

	private static final DisposableServer NETTY_ECHO = HttpServer.create()
		.secure((ssl) -> ssl.sslContext(serverTls()))
		.port(0)
		.route((routes) -> routes.ws("/{path}", CompressionOverTlsTests::echo,
				WebsocketServerSpec.builder().compress(true).maxFramePayloadLength(LIMIT).build()))
		.bindNow();

	@RegisterExtension
	static final GatewayExtension gateway = gateway();

	private static GatewayExtension gateway() {
		GatewayExtension gateway = GatewayExtension.with(Policies.class)
			.tls()
			.pipeline("limits.inbound-message", LIMIT + "B")
			.pipeline("limits.outbound-message", LIMIT + "B")
			.pipeline("compression.min-size", "1B")
			// Nothing waits for this one
			.pipeline("session.close-timeout", "1m")
			.everyEndIsAskedFor();
		for (Legs legs : Legs.values()) {
			for (Rewriting rewriting : Rewriting.values()) {
				String pipeline = pipeline(legs, rewriting);
				gateway.pipeline(pipeline, "compression.client", legs.compressed(Side.CLIENT))
					.pipeline(pipeline, "compression.upstream", legs.compressed(Side.UPSTREAM))
					.routesByName(pipeline)
					.routeTo("netty-" + pipeline, "wss://localhost:" + NETTY_ECHO.port(), "WsPolicy=" + pipeline);
				if (rewriting == Rewriting.REWRITTEN) {
					gateway.pipeline(pipeline, "inbound[0]", "rewriting")
						.pipeline(pipeline, "outbound[0]", "rewriting");
				}
			}
		}
		return gateway;
	}

	@AfterAll
	static void stopNetty() {
		NETTY_ECHO.disposeNow();
	}

	static Stream<Arguments> messages() {
		return Stream.of(Legs.values())
			.flatMap((legs) -> Stream.of(Rewriting.values())
				.flatMap((rewriting) -> Stream.of(Content.values())
					.flatMap((content) -> Stream.of(1, 10 * CompressedConversation.KILOBYTE, MEGABYTE)
						.map((size) -> Arguments.of(legs, rewriting, content, size)))));
	}

	@ParameterizedTest
	@MethodSource("messages")
	void messageArrivesWholeOrInFragments(Legs legs, Rewriting rewriting, Content content, int size) {
		try (CompressedConversation session = open(legs, rewriting)) {
			byte[] message = content.ofSize(size);
			byte[] expected = rewriting.apply(message);
			for (int fragments : new int[] { 1, 5 }) {
				for (Side side : Side.values()) {
					session.end(side).send(session.end(side).frames(content, message, fragments));
					assertThat(session.end(side.peer()).receive(content)).isEqualTo(expected);
				}
			}
			session.closeBy(Side.CLIENT, WireFrame.close(4001, "all said"));
		}
	}

	static Stream<Arguments> legsAndSides() {
		return Stream.of(Legs.values())
			.flatMap((legs) -> Stream.of(Side.values()).map((side) -> Arguments.of(legs, side)));
	}

	@ParameterizedTest
	@MethodSource("legsAndSides")
	void closingHandshakeFollowsTheMessageBeforeIt(Legs legs, Side side) {
		for (Rewriting rewriting : Rewriting.values()) {
			try (CompressedConversation session = open(legs, rewriting)) {
				byte[] message = Content.NOISE.ofSize(10 * CompressedConversation.KILOBYTE);
				session.end(side).sendAsync(session.end(side).frames(Content.NOISE, message, 3));
				session.end(side).sendAsync(WireFrame.ping("still there").from(side));
				session.end(side).sendAsync(WireFrame.close(1012, "restart").from(side));
				assertThat(session.end(side.peer()).receive(Content.NOISE)).isEqualTo(rewriting.apply(message));
				assertThat(session.end(side.peer()).peer.receiveFrame().payloadAsText()).isEqualTo("still there");
				session.expectCloseBy(side, WireFrame.close(1012, "restart"));
			}
		}
	}

	@ParameterizedTest
	@MethodSource("legsAndSides")
	void tlsRecordsMayEndAnywhere(Legs legs, Side side) {
		try (CompressedConversation session = open(legs, Rewriting.REWRITTEN)) {
			byte[] message = Content.TEXT.ofSize(10 * CompressedConversation.KILOBYTE);
			for (int size : new int[] { 1, 7 }) {
				WireFrame[] frames = session.end(side).frames(Content.TEXT, message, 2);
				session.end(side).peer.sendInPieces(size, WireFrame.encodeAll(frames));
				assertThat(session.end(side.peer()).receive(Content.TEXT))
					.isEqualTo(Rewriting.REWRITTEN.apply(message));
			}
			session.closeBy(side, WireFrame.close(1000));
		}
	}

	@ParameterizedTest
	@EnumSource
	void bothDirectionsAtOnce(Legs legs) {
		byte[] text = Content.TEXT.ofSize(MEGABYTE);
		byte[] noise = Content.NOISE.ofSize(MEGABYTE);
		try (CompressedConversation session = open(legs, Rewriting.NONE)) {
			List<CompletableFuture<Void>> sent = new ArrayList<>();
			for (int i = 0; i < 6; i++) {
				for (Side side : Side.values()) {
					sent.add(session.end(side).sendAsync(session.end(side).frames(Content.TEXT, text, 3)));
					sent.add(session.end(side).sendAsync(session.end(side).frames(Content.NOISE, noise, 1)));
				}
			}
			for (Side side : Side.values()) {
				for (int i = 0; i < 6; i++) {
					assertThat(session.end(side).receive(Content.TEXT)).isEqualTo(text);
					assertThat(session.end(side).receive(Content.NOISE)).isEqualTo(noise);
				}
			}
			assertThat(sent).allSatisfy((write) -> assertThat(write).succeedsWithin(CompressedConversation.TIMEOUT));
			session.closeBy(Side.UPSTREAM, WireFrame.close(1001, "enough"));
		}
	}

	@ParameterizedTest
	@MethodSource("legsAndSides")
	void legLostWithinAMessage(Legs legs, Side side) {
		try (CompressedConversation session = open(legs, Rewriting.NONE)) {
			WireFrame[] frames = session.end(side)
				.frames(Content.NOISE, Content.NOISE.ofSize(10 * CompressedConversation.KILOBYTE), 3);
			session.end(side).send(frames[0], frames[1]);
			session.end(side).peer.close();
			assertThat(session.end(side.peer()).closed()).isEqualTo((side == Side.CLIENT) ? 1001 : 1011);
			assertThat(gateway.termination().cause()).isEqualTo(Cause.CONNECTION_LOST);
		}
	}

	@ParameterizedTest
	@MethodSource("legsAndSides")
	void messageBeyondTheLimit(Legs legs, Side side) {
		try (CompressedConversation session = open(legs, Rewriting.REWRITTEN)) {
			session.end(side).sendAsync(session.end(side).frames(Content.TEXT, new byte[2 * LIMIT], 1));
			assertThat(session.end(side).closed()).isEqualTo(1009);
			assertThat(session.end(side.peer()).closed()).isEqualTo(1001);
			assertThat(gateway.termination().cause()).isEqualTo(Cause.LIMIT_EXCEEDED);
		}
	}

	static Stream<Arguments> legsAndContents() {
		return Stream.of(Legs.values())
			.flatMap((legs) -> Stream.of(Content.values()).map((content) -> Arguments.of(legs, content)));
	}

	@ParameterizedTest
	@MethodSource("legsAndContents")
	void nettyOnBothSides(Legs legs, Content content) {
		List<byte[]> messages = Stream
			.of(1, 10 * CompressedConversation.KILOBYTE, MEGABYTE, 10 * CompressedConversation.KILOBYTE)
			.map(content::ofSize)
			.toList();
		AtomicReference<String> agreed = new AtomicReference<>();
		List<byte[]> answers = HttpClient.create()
			.secure((ssl) -> ssl.sslContext(clientTls()))
			.websocket(WebsocketClientSpec.builder().compress(true).maxFramePayloadLength(LIMIT).build())
			.uri("wss://localhost:" + gateway.gateway().port() + "/netty-" + pipeline(legs, Rewriting.REWRITTEN))
			.handle((in, out) -> {
				agreed.set(in.headers().get(EXTENSIONS));
				Flux<byte[]> received = in.aggregateFrames(LIMIT).receive().asByteArray().take(messages.size());
				return Flux.merge(send(out, content, messages).then(Mono.<byte[]>empty()), received);
			})
			.collectList()
			.block(CompressedConversation.TIMEOUT);
		assertThat(agreed.get()).isEqualTo(legs.compressed(Side.CLIENT) ? DEFLATE : null);
		assertThat(answers).usingElementComparator(Arrays::compare)
			.isEqualTo(messages.stream().map(Rewriting.REWRITTEN::apply).map(Rewriting.REWRITTEN::apply).toList());
		assertThat(gateway.termination().cause()).isEqualTo(Cause.CLOSE_FRAME);
	}

	private static GenericSslContextSpec<SslContextBuilder> serverTls() {
		TestCertificates certificates = TestCertificates.localhost();
		return Http11SslContextSpec.forServer(certificates.certificateFile().toFile(),
				certificates.privateKeyFile().toFile());
	}

	private static GenericSslContextSpec<SslContextBuilder> clientTls() {
		File trusted = TestCertificates.localhost().certificateFile().toFile();
		return Http11SslContextSpec.forClient().configure((context) -> context.trustManager(trusted));
	}

	private static Mono<Void> send(WebsocketOutbound out, Content content, List<byte[]> messages) {
		Flux<byte[]> bytes = Flux.fromIterable(messages);
		return ((content == Content.NOISE) ? out.sendByteArray(bytes)
				: out.sendString(bytes.map((text) -> new String(text, StandardCharsets.UTF_8))))
			.then();
	}

	private static Publisher<Void> echo(WebsocketInbound in, WebsocketOutbound out) {
		return out.sendObject(in.aggregateFrames(LIMIT).receiveFrames().map((frame) -> frame.retain()));
	}

	private static String pipeline(Legs legs, Rewriting rewriting) {
		return (legs + "-" + rewriting).toLowerCase(Locale.ROOT);
	}

	/**
	 * Both peers offer or accept compression. The pipeline decides whether it is used.
	 */
	private static CompressedConversation open(Legs legs, Rewriting rewriting) {
		ClientHandshake handshake = gateway.client()
			.path("/" + pipeline(legs, rewriting))
			.header(EXTENSIONS, DEFLATE)
			.start();
		UpstreamHandshake request = gateway.upstream().accept();
		assertThat(request.headers().all(EXTENSIONS))
			.isEqualTo(legs.compressed(Side.UPSTREAM) ? List.of(DEFLATE) : List.of());
		request.headers().all(EXTENSIONS).forEach((offer) -> request.header(EXTENSIONS, offer));
		RawPeer upstream = request.acceptWebSocket();
		RawPeer client = handshake.connected();
		assertThat(client.handshakeResponse().headers().all(EXTENSIONS))
			.isEqualTo(legs.compressed(Side.CLIENT) ? List.of(DEFLATE) : List.of());
		return new CompressedConversation(gateway, new End(Side.CLIENT, client, legs),
				new End(Side.UPSTREAM, upstream, legs));
	}

	@Configuration(proxyBeanMethods = false)
	static class Policies {

		@Bean
		FramePolicy rewriting() {
			return (frame, context) -> {
				if (frame instanceof TextFrame text) {
					return Verdict.replaceText(text.text() + "!");
				}
				byte[] bytes = frame.toByteArray();
				byte[] made = Arrays.copyOf(bytes, bytes.length + 1);
				made[bytes.length] = '!';
				return Verdict.replace(BinaryFrame.of(made));
			};
		}

	}

}
