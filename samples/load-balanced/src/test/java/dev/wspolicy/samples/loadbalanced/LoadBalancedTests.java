package dev.wspolicy.samples.loadbalanced;

import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;

import dev.wspolicy.test.SocketPeer;
import dev.wspolicy.test.WebSocketUpstream;

@SpringBootTest(webEnvironment = SpringBootTest.WebEnvironment.RANDOM_PORT)
class LoadBalancedTests {

	private static final String INSTANCES = "spring.cloud.discovery.client.simple.instances.chat";

	@RegisterExtension
	static final WebSocketUpstream first = new WebSocketUpstream();

	@RegisterExtension
	static final WebSocketUpstream second = new WebSocketUpstream();

	private final String chat;

	LoadBalancedTests(@LocalServerPort int port) {
		this.chat = "ws://localhost:" + port + "/chat";
	}

	@DynamicPropertySource
	static void properties(DynamicPropertyRegistry registry) {
		registry.add(INSTANCES + "[0].uri", () -> first.uri().toString().replace("ws:", "http:"));
		registry.add(INSTANCES + "[1].uri", () -> second.uri().toString().replace("ws:", "http:"));
		// Nothing listens there
		registry.add(INSTANCES + "[2].uri", () -> "http://127.0.0.1:1");
	}

	@Test
	void balancesSessionsAndPassesOverInstancesThatCannotBeReached() {
		List<SocketPeer> clients = open();
		for (WebSocketUpstream upstream : List.of(first, second)) {
			SocketPeer server = upstream.accept();
			SocketPeer client = clients.get(number(server));
			client.send("hello");
			server.expect("hello").send("welcome");
			client.expect("welcome");
		}
	}

	@Test
	void tellsAClientThatItsInstanceIsGone() {
		List<SocketPeer> clients = open();
		SocketPeer server = second.accept();
		server.disconnect();
		clients.get(number(server)).expectClosed(1012);
	}

	/** Instances are taken in turn, so that three sessions reach both. */
	private List<SocketPeer> open() {
		return IntStream.range(0, 3)
			.mapToObj((number) -> first.client(this.chat).header("X-Number", String.valueOf(number)).open())
			.toList();
	}

	private static int number(SocketPeer server) {
		return Integer.parseInt(Objects.requireNonNull(server.header("X-Number")));
	}

}
