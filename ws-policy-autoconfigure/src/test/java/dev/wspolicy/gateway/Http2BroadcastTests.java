package dev.wspolicy.gateway;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.stereotype.Component;

import dev.wspolicy.frame.TextFrame;
import dev.wspolicy.policy.FrameContext;
import dev.wspolicy.policy.TextPolicy;
import dev.wspolicy.policy.Verdict;
import dev.wspolicy.session.SessionRegistry;
import dev.wspolicy.session.Side;
import dev.wspolicy.testkit.ClientLeg;
import dev.wspolicy.testkit.Http2Connection;
import dev.wspolicy.testkit.RawClient;
import dev.wspolicy.testkit.RawPeer;
import dev.wspolicy.testkit.RawSession;
import dev.wspolicy.testkit.WireFrame;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for policies of one stream that send to the sessions of the others of its
 * connection, while messages are written there that take several writes.
 */
class Http2BroadcastTests {

	private static final int SESSIONS = 3;

	private static final int MESSAGES = 100;

	@RegisterExtension
	static final GatewayExtension gateway = GatewayExtension
		.with(Broadcast.class, Reading.class, WatchedTransport.class)
		.http2()
		.set("test.socket-buffer", 64 * 1024)
		.pipeline("session.high-water-mark", "2KB")
		.pipeline("session.low-water-mark", "1KB")
		.pipeline("inbound[0]", "broadcast")
		.pipeline("outbound[0]", "reading")
		.routes("ws");

	@Test
	void broadcastsStandBetweenMessages() {
		String[] texts = new String[MESSAGES];
		Arrays.setAll(texts, (i) -> (char) ('a' + i % 26) + "x".repeat(i % 2 * 40_000 + i));
		byte[][] messages = new byte[MESSAGES][];
		Arrays.setAll(messages, (i) -> WireFrame.text(texts[i]).encode());
		byte[][] calls = new byte[MESSAGES][];
		Arrays.setAll(calls, (i) -> WireFrame.text("call " + i).masked().encode());
		RawClient client = gateway.client().over(ClientLeg.HTTP_2).path("/ws");
		try (Http2Connection connection = client.connectHttp2()) {
			List<RawSession> sessions = new ArrayList<>();
			for (int i = 0; i < SESSIONS; i++) {
				sessions.add(gateway.register(client.over(connection)));
			}
			List<CompletableFuture<List<String>>> received = new ArrayList<>();
			for (RawSession session : sessions) {
				session.upstream().sendAsync(messages);
				session.client().sendAsync(calls);
				received.add(CompletableFuture.supplyAsync(() -> receive(session.client())));
			}
			String[] broadcasts = IntStream.range(0, MESSAGES).mapToObj((i) -> "call " + i).toArray(String[]::new);
			for (CompletableFuture<List<String>> future : received) {
				List<String> all = future.join();
				assertThat(all).filteredOn((text) -> !text.startsWith("call ")).containsExactly(texts);
				assertThat(all).filteredOn((text) -> text.startsWith("call "))
					.hasSize(SESSIONS * MESSAGES)
					.contains(broadcasts);
			}
			gateway.closeSessions();
		}
	}

	private static List<String> receive(RawPeer peer) {
		List<String> texts = new ArrayList<>();
		for (int i = 0; i < (SESSIONS + 1) * MESSAGES; i++) {
			texts.add(peer.receiveFrame().payloadAsText());
		}
		return texts;
	}

	/** Tells all clients what one of them has sent. */
	@Component("broadcast")
	static class Broadcast implements TextPolicy {

		private final ObjectProvider<SessionRegistry> sessions;

		Broadcast(ObjectProvider<SessionRegistry> sessions) {
			this.sessions = sessions;
		}

		@Override
		public Verdict apply(String text, FrameContext context) {
			this.sessions.getObject().stream().forEach((session) -> session.send(Side.CLIENT, TextFrame.of(text)));
			return Verdict.drop();
		}

	}

	/** Has messages held until they are whole. */
	@Component("reading")
	static class Reading implements TextPolicy {

		@Override
		public Verdict apply(String text, FrameContext context) {
			return Verdict.forward();
		}

	}

}
