package dev.wspolicy.samples.stomp;

import java.nio.charset.StandardCharsets;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.http.HttpHeaders;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;

import dev.wspolicy.frame.CloseStatus;
import dev.wspolicy.test.SocketClient;
import dev.wspolicy.test.SocketPeer;
import dev.wspolicy.test.WebSocketUpstream;

import static org.assertj.core.api.Assertions.assertThat;

@SpringBootTest(webEnvironment = SpringBootTest.WebEnvironment.RANDOM_PORT)
class StompTests {

	private static final String SUBSCRIBE = "SUBSCRIBE\nid:0\ndestination:/topic/news\n\n\0";

	private static final String SEND = "SEND\ndestination:/app/chat\n\nhello\0";

	private static final String SEND_AS_ADMIN = "SEND\ndestination:/app/admin/ban\nreceipt:7\n\nann\0";

	@RegisterExtension
	static final WebSocketUpstream broker = new WebSocketUpstream();

	private final String gateway;

	StompTests(@LocalServerPort int port) {
		this.gateway = "ws://localhost:" + port + "/ws";
	}

	@DynamicPropertySource
	static void properties(DynamicPropertyRegistry registry) {
		registry.add("broker.uri", broker::uri);
	}

	@Test
	void passesOnWhatTheRulesAllow() {
		SocketPeer client = client("ann").open();
		assertThat(client.subprotocol()).isEqualTo("v12.stomp");
		SocketPeer server = broker.accept();
		client.send(SUBSCRIBE).send(SEND);
		server.expect(SUBSCRIBE).expect(SEND).send("MESSAGE\nsubscription:0\nmessage-id:1\n\nhello\0");
		client.expect("MESSAGE\nsubscription:0\nmessage-id:1\n\nhello\0");
	}

	@Test
	void refusesADestinationOfAdministrators() {
		SocketPeer client = client("ann").open();
		client.send(SEND_AS_ADMIN);
		broker.accept().expectClosed(CloseStatus.GOING_AWAY);
		client.expect("ERROR\nmessage:Access denied\nreceipt-id:7\ncontent-length:0\n\n\0");
	}

	@Test
	void administratorsMaySendThere() {
		client("root").open().send(SEND_AS_ADMIN);
		broker.accept().expect(SEND_AS_ADMIN);
	}

	@Test
	void refusesClientsThatDoNotSpeakStomp() {
		broker.client(this.gateway).header(HttpHeaders.AUTHORIZATION, basic("ann")).expectRefused(400);
	}

	private SocketClient client(String user) {
		broker.subprotocols("v12.stomp");
		return broker.client(this.gateway)
			.subprotocols("v12.stomp", "v11.stomp")
			.header(HttpHeaders.AUTHORIZATION, basic(user));
	}

	private static String basic(String user) {
		return "Basic " + HttpHeaders.encodeBasicAuth(user, "secret", StandardCharsets.UTF_8);
	}

}
