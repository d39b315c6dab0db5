package dev.wspolicy.test;

import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.context.SpringBootTest.WebEnvironment;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.context.annotation.Bean;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;

import dev.wspolicy.frame.CloseFrame;
import dev.wspolicy.frame.CloseStatus;
import dev.wspolicy.frame.Direction;
import dev.wspolicy.frame.FrameType;
import dev.wspolicy.frame.PingFrame;
import dev.wspolicy.frame.PongFrame;
import dev.wspolicy.policy.FramePolicy;
import dev.wspolicy.policy.TextPolicy;
import dev.wspolicy.policy.Verdict;
import dev.wspolicy.policy.WsPolicy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

/**
 * Tests a gateway on real sockets with the kit, as its users do.
 */
@SpringBootTest(webEnvironment = WebEnvironment.RANDOM_PORT,
		properties = { "spring.cloud.gateway.server.webflux.routes[0].id=chat",
				"spring.cloud.gateway.server.webflux.routes[0].uri=${chat.uri}",
				"spring.cloud.gateway.server.webflux.routes[0].predicates[0]=Path=/chat/**" })
class WebSocketUpstreamTests {

	@RegisterExtension
	static final WebSocketUpstream upstream = new WebSocketUpstream();

	private final String uri;

	WebSocketUpstreamTests(@LocalServerPort int port) {
		this.uri = "ws://localhost:" + port + "/chat";
	}

	@DynamicPropertySource
	static void properties(DynamicPropertyRegistry registry) {
		registry.add("chat.uri", upstream::uri);
	}

	@Test
	void conversation() {
		SocketPeer client = upstream.client(this.uri).open();
		SocketPeer server = upstream.accept();
		client.send("hello");
		server.expect("hello!").send("hi");
		client.expect("hi").send(new byte[] { 1, 2 });
		server.expect(new byte[] { 1, 2 });
		client.send(PingFrame.of(new byte[] { 3 })).expect(PongFrame.of(new byte[] { 3 }));
		client.close(CloseStatus.of(4000, "bye"));
		server.expectClosed(CloseStatus.of(4000, "bye"));
		client.expectClosed(4000);
	}

	@Test
	void answerToACloseFrameIsThatOfTheGateway() {
		SocketPeer client = upstream.client(this.uri).open();
		client.close(CloseStatus.of(4001, "bye"));
		client.expectClosed(4009);
		upstream.accept().expectClosed(4009);
	}

	@Test
	void upstreamCloses() {
		SocketPeer client = upstream.client(this.uri).open();
		upstream.accept().close(CloseStatus.GOING_AWAY);
		client.expectClosed(1001);
	}

	@Test
	void upstreamIsLost() {
		SocketPeer client = upstream.client(this.uri).open();
		upstream.accept().disconnect();
		client.expectClosed(1011);
	}

	@Test
	void handshake() {
		SocketPeer client = upstream.subprotocols("v2", "v1")
			.client(this.uri)
			.header("X-Tenant", "blue")
			.subprotocols("v1")
			.open();
		assertThat(client.subprotocol()).isEqualTo("v1");
		assertThat(client.header("Sec-WebSocket-Protocol")).isEqualTo("v1");
		assertThat(upstream.accept().header("X-Tenant")).isEqualTo("blue");
	}

	@Test
	void upstreamRefuses() {
		upstream.refuse(418).client(this.uri).expectRefused(418);
		assertThatExceptionOfType(AssertionError.class).isThrownBy(() -> upstream.client(this.uri).open())
			.withMessageContaining("but it has answered with 418");
		upstream.refuse(0);
		assertThatExceptionOfType(AssertionError.class).isThrownBy(() -> upstream.client(this.uri).expectRefused(418))
			.withMessageContaining("but it has accepted the client");
	}

	@Test
	void expectationsFail() {
		upstream.client(this.uri).open().send(new byte[] { 1 });
		SocketPeer server = upstream.accept();
		assertThatExceptionOfType(AssertionError.class).isThrownBy(() -> server.expect("x"))
			.withMessage("Expected the upstream to get text \"x\", but it got binary [01].");
		assertThatIllegalArgumentException().isThrownBy(() -> server.send(CloseFrame.of(CloseStatus.EMPTY)));
	}

	@Test
	void connectionWithoutAGateway() {
		SocketPeer direct = upstream.client(upstream.uri().toString()).open();
		SocketPeer server = upstream.accept();
		direct.disconnect();
		server.expectDisconnected();
	}

	// Both share the gateway, and with it the URI of the upstream.

	@Nested
	class FirstGroup {

		@Test
		void conversationInAGroup() {
			conversation();
		}

	}

	@Nested
	class SecondGroup {

		@Test
		void conversationInAGroup() {
			conversation();
		}

	}

	@SpringBootConfiguration
	@EnableAutoConfiguration
	static class Gateway {

		@Bean
		@WsPolicy(direction = Direction.INBOUND)
		TextPolicy exclaim() {
			return (text, context) -> Verdict.replaceText(text + "!");
		}

		@Bean
		@WsPolicy(direction = Direction.INBOUND, types = FrameType.CLOSE)
		FramePolicy closeWithAnotherStatus() {
			return (frame, context) -> (((CloseFrame) frame).status().code() == 4001)
					? Verdict.close(CloseStatus.of(4009)) : Verdict.forward();
		}

	}

}
