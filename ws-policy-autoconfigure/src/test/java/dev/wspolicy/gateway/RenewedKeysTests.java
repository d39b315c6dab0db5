package dev.wspolicy.gateway;

import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.CompletableFuture;

import javax.net.ssl.SSLContext;

import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

import dev.wspolicy.policy.Verdict;
import dev.wspolicy.session.Side;
import dev.wspolicy.testkit.RawClient;
import dev.wspolicy.testkit.RawPeer;
import dev.wspolicy.testkit.RawSession;
import dev.wspolicy.testkit.TestCertificates;
import dev.wspolicy.testkit.WireFrame;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Tests for peers that renew the keys of TLS while frames are under way.
 */
class RenewedKeysTests {

	private static final SSLContext OLD_TLS = TestCertificates.localhost().client("TLSv1.2");

	@RegisterExtension
	static final GatewayExtension gateway = GatewayExtension.with(Policies.class)
		.tls()
		.pipeline("reading", "inbound[0]", "frame-log")
		.pipeline("reading", "outbound[0]", "frame-log")
		.pipeline("compressed", "compression.client", true)
		.pipeline("waiting", "inbound[0]", "waiting")
		.routes("plain")
		.routesByName("reading", "compressed", "waiting");

	@ParameterizedTest
	@ValueSource(strings = { "plain", "reading", "compressed" })
	void whileFramesGoBothWays(String route) {
		WireFrame[] up = frames(150, true);
		WireFrame[] down = frames(150, false);
		try (RawSession session = gateway.open(gateway.client().path("/" + route).receiveBuffer(32 * 1024))) {
			CompletableFuture<Void> fromClient = send(session.client(), up, 10);
			CompletableFuture<Void> fromUpstream = send(session.upstream(), down, 7);
			CompletableFuture<Void> toClient = CompletableFuture
				.runAsync(() -> assertThat(session.client().receiveFrames(down.length)).containsExactly(down));
			assertThat(session.upstream().receiveFrames(up.length)).containsExactly(up);
			assertThat(toClient).succeedsWithin(Duration.ofSeconds(20));
			assertThat(fromClient).succeedsWithin(Duration.ofSeconds(20));
			assertThat(fromUpstream).succeedsWithin(Duration.ofSeconds(20));
		}
	}

	@ParameterizedTest
	@EnumSource
	void whileTheGatewayCannotWrite(Side slow) {
		WireFrame[] frames = frames(600, slow == Side.UPSTREAM);
		try (RawSession session = gateway.open(gateway.client().path("/plain").receiveBuffer(32 * 1024))) {
			CompletableFuture<Void> sent = session.peer(slow.peer()).sendAsync(WireFrame.encodeAll(frames));
			await().until(() -> gateway.onlySession().buffered(slow) > 30_000);
			for (int i = 0; i < 20; i++) {
				session.peer(slow).renewKeys();
				WireFrame ping = WireFrame.ping("p" + i);
				session.peer(slow).send((slow == Side.CLIENT) ? ping.mask(i) : ping);
			}
			assertThat(session.peer(slow).receiveFrames(frames.length)).containsExactly(frames);
			assertThat(sent).succeedsWithin(Duration.ofSeconds(20));
		}
	}

	@ParameterizedTest
	@ValueSource(booleans = { true, false })
	void whileAVerdictIsPending(boolean oldTls) {
		RawClient client = gateway.client().path("/waiting");
		if (oldTls) {
			client.tls(OLD_TLS);
		}
		WireFrame[] frames = frames(50, true);
		try (RawSession session = gateway.open(client)) {
			session.client().send(WireFrame.text("wait").masked());
			CompletableFuture<Verdict> asked = gateway.bean(WaitingPolicy.class).awaitAsked();
			CompletableFuture<Void> sent = send(session.client(), frames, 10);
			session.client().expectNothingFor(Duration.ofMillis(50));
			asked.complete(Verdict.forward());
			assertThat(session.upstream().receiveFrame().payloadAsText()).isEqualTo("wait");
			assertThat(session.upstream().receiveFrames(frames.length)).containsExactly(frames);
			assertThat(sent).succeedsWithin(Duration.ofSeconds(20));
			session.upstream().send(WireFrame.text("back"));
			assertThat(session.client().receiveFrame().payloadAsText()).isEqualTo("back");
		}
	}

	@ParameterizedTest
	@ValueSource(strings = { "plain", "reading", "compressed" })
	void anotherHandshake(String route) {
		WireFrame[] frames = frames(200, true);
		try (RawSession session = gateway.open(gateway.client().path("/" + route).tls(OLD_TLS))) {
			CompletableFuture<Void> sent = send(session.client(), frames, 20);
			assertThat(session.upstream().receiveFrames(frames.length)).containsExactly(frames);
			assertThat(sent).succeedsWithin(Duration.ofSeconds(20));
			session.upstream().send(WireFrame.text("back"));
			assertThat(session.client().receiveFrame().payloadAsText()).isEqualTo("back");
		}
	}

	private static CompletableFuture<Void> send(RawPeer peer, WireFrame[] frames, int period) {
		return CompletableFuture.runAsync(() -> {
			for (int i = 0; i < frames.length; i++) {
				if (i % period == 0) {
					peer.renewKeys();
				}
				peer.send(frames[i]);
			}
		});
	}

	private static WireFrame[] frames(int count, boolean masked) {
		WireFrame[] frames = new WireFrame[count];
		Arrays.setAll(frames, (i) -> {
			WireFrame frame = WireFrame.binary(new byte[i * 7919 % 20_000]);
			return masked ? frame.mask(i) : frame;
		});
		return frames;
	}

	@Configuration(proxyBeanMethods = false)
	static class Policies {

		@Bean
		WaitingPolicy waiting() {
			return new WaitingPolicy();
		}

	}

}
