package dev.wspolicy.samples.compression;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

import javax.net.ssl.SSLException;

import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;
import reactor.core.publisher.Mono;
import reactor.netty.http.client.HttpClient;
import reactor.netty.http.client.WebsocketClientSpec;

import dev.wspolicy.test.SocketPeer;
import dev.wspolicy.test.WebSocketUpstream;
import dev.wspolicy.testkit.TestCertificates;

import static org.assertj.core.api.Assertions.assertThat;

@SpringBootTest(webEnvironment = SpringBootTest.WebEnvironment.RANDOM_PORT)
class CompressionTests {

	private static final String EXTENSIONS = "Sec-WebSocket-Extensions";

	private static final String QUESTION = "all work and no play ".repeat(1_000);

	private static final String ANSWER = "makes a dull boy ".repeat(2_000);

	@RegisterExtension
	static final WebSocketUpstream upstream = new WebSocketUpstream();

	private final String chat;

	CompressionTests(@LocalServerPort int port) {
		this.chat = "wss://localhost:" + port + "/chat";
	}

	@DynamicPropertySource
	static void properties(DynamicPropertyRegistry registry) {
		TestCertificates certificates = TestCertificates.localhost();
		registry.add("gateway.certificate", () -> certificates.certificateFile().toUri().toString());
		registry.add("gateway.key", () -> certificates.privateKeyFile().toUri().toString());
		registry.add("chat.uri", upstream::uri);
	}

	@Test
	void compressesTowardsTheClientOnly() throws Exception {
		CompletableFuture<String> extensions = new CompletableFuture<>();
		CompletableFuture<String> answer = client(trust()).uri(this.chat).handle((in, out) -> {
			extensions.complete(in.headers().get(EXTENSIONS));
			return out.sendString(Mono.just(QUESTION))
				.then()
				.thenMany(in.aggregateFrames(1_000_000).receive().asString());
		}).next().toFuture();
		SocketPeer server = upstream.accept();
		assertThat(server.header(EXTENSIONS)).isNull();
		server.expect(QUESTION).send(ANSWER);
		assertThat(answer.get(1, TimeUnit.MINUTES)).isEqualTo(ANSWER);
		assertThat(extensions.get(1, TimeUnit.MINUTES)).startsWith("permessage-deflate");
	}

	private static HttpClient.WebsocketSender client(SslContext trust) {
		return HttpClient.newConnection()
			.secure((ssl) -> ssl.sslContext(trust))
			.websocket(WebsocketClientSpec.builder().compress(true).maxFramePayloadLength(1_000_000).build());
	}

	private static SslContext trust() throws SSLException {
		return SslContextBuilder.forClient()
			.trustManager(TestCertificates.localhost().certificateFile().toFile())
			.build();
	}

}
