package dev.wspolicy.gateway;

import java.util.Arrays;
import java.util.concurrent.CompletableFuture;

import io.netty.channel.epoll.Epoll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

import dev.wspolicy.policy.Verdict;
import dev.wspolicy.session.Side;
import dev.wspolicy.testkit.RawSession;
import dev.wspolicy.testkit.WireFrame;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Tests for peers that end their side while the gateway does not read from them. With
 * epoll, everything that they have sent is then read, even if reading is suspended.
 */
class EndedSenderTests {

	private static final int RECEIVE_BUFFER = 512 * 1024;

	/** The maximum number of bytes per read. */
	private static final int READ = 64 * 1024;

	@RegisterExtension
	static final GatewayExtension gateway = GatewayExtension.with(WatchedTransport.class, Beans.class)
		.set("test.socket-buffer", RECEIVE_BUFFER)
		// Nothing waits for this one
		.pipeline("session.close-timeout", "1m")
		.pipeline("inbound[0]", "waiting")
		.pipeline("outbound[0]", "waiting")
		.routes("waiting");

	@ParameterizedTest
	@EnumSource
	void buffersNoMoreThanTheSocketContained(Side sender) {
		Assumptions.assumeTrue(Epoll.isAvailable());
		check(sender, 300, 1000);
	}

	@ParameterizedTest
	@ValueSource(ints = { 0, 1, 100 })
	void smallFramesDoNotWasteMemory(int size) {
		Assumptions.assumeTrue(Epoll.isAvailable());
		check(Side.CLIENT, 300_000 / (size + 6), size);
	}

	private void check(Side sender, int count, int size) {
		try (RawSession session = gateway.open("waiting")) {
			session.peer(sender).send(WireFrame.text("wait").from(sender));
			CompletableFuture<Verdict> verdict = gateway.bean(WaitingPolicy.class).awaitAsked();
			WireFrame[] frames = new WireFrame[count];
			Arrays.fill(frames, WireFrame.binary(new byte[size]).from(sender));
			byte[] bytes = WireFrame.encodeAll(frames);
			assertThat(bytes.length).isLessThan(RECEIVE_BUFFER);
			session.peer(sender).send(bytes);
			session.peer(sender).shutdownOutput();
			await().until(() -> gateway.onlySession().buffered(sender.peer()) == bytes.length + 4);
			assertThat(gateway.bean(WatchedTransport.class).usedBytes()).isLessThan(bytes.length + 2 * READ);
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
