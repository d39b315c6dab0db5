package dev.wspolicy.gateway;

import java.util.Arrays;
import java.util.concurrent.CompletableFuture;

import io.netty.channel.epoll.Epoll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

import dev.wspolicy.policy.Verdict;
import dev.wspolicy.session.Side;
import dev.wspolicy.testkit.ClientLeg;
import dev.wspolicy.testkit.RawSession;
import dev.wspolicy.testkit.WireFrame;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Tests for peers that end their side while the gateway does not read from them. With
 * epoll, everything that a socket contains is then read, even if reading is suspended.
 */
@ParameterizedClass
@EnumSource(ClientLeg.class)
class EndedSenderTests {

	private static final int RECEIVE_BUFFER = 512 * 1024;

	/** What a stream of HTTP/2 takes in place of a socket that is not read. */
	private static final int WINDOW = 65_535;

	/** The maximum number of bytes per read. */
	private static final int READ = 64 * 1024;

	@RegisterExtension
	static final GatewayExtension gateway = GatewayExtension.with(WatchedTransport.class, Beans.class)
		.http2()
		.set("test.socket-buffer", RECEIVE_BUFFER)
		// Nothing waits for this one
		.pipeline("session.close-timeout", "1m")
		.pipeline("inbound[0]", "waiting")
		.pipeline("outbound[0]", "waiting")
		.routes("waiting");

	@Parameter
	ClientLeg leg;

	@ParameterizedTest
	@EnumSource
	void buffersNoMoreThanTheSocketContained(Side sender) {
		Assumptions.assumeTrue(Epoll.isAvailable());
		check(sender, 1000);
	}

	@ParameterizedTest
	@ValueSource(ints = { 0, 1, 100 })
	void smallFramesDoNotWasteMemory(int size) {
		Assumptions.assumeTrue(Epoll.isAvailable());
		check(Side.CLIENT, size);
	}

	private void check(Side sender, int size) {
		boolean inStream = sender == Side.CLIENT && this.leg == ClientLeg.HTTP_2;
		int count = (inStream ? WINDOW - 10 : 300_000) / (size + 8);
		try (RawSession session = gateway.open("waiting")) {
			session.peer(sender).send(WireFrame.text("wait").from(sender));
			CompletableFuture<Verdict> verdict = gateway.bean(WaitingPolicy.class).awaitAsked();
			WireFrame[] frames = new WireFrame[count];
			Arrays.fill(frames, WireFrame.binary(new byte[size]).from(sender));
			byte[] bytes = WireFrame.encodeAll(frames);
			assertThat(bytes.length).isLessThan(inStream ? WINDOW : RECEIVE_BUFFER);
			session.peer(sender).send(bytes);
			session.peer(sender).shutdownOutput();
			WatchedTransport transport = gateway.bean(WatchedTransport.class);
			if (inStream) {
				// Netty keeps what the session has not read
				await().until(() -> transport.usedBytes() >= bytes.length);
			}
			else {
				await().until(() -> gateway.onlySession().buffered(sender.peer()) == bytes.length + 4);
			}
			assertThat(transport.usedBytes()).isLessThan(bytes.length + 2 * READ);
			verdict.complete(Verdict.forward());
			assertThat(session.peer(sender.peer()).receiveFrames(count + 1)).hasSize(count + 1);
			assertThat(session.peer(sender.peer()).receiveFrame().opcode()).isEqualTo(WireFrame.CLOSE);
		}
	}

	@Configuration(proxyBeanMethods = false)
	static class Beans {

		@Bean
		WaitingPolicy waiting() {
			return new WaitingPolicy();
		}

	}

}
