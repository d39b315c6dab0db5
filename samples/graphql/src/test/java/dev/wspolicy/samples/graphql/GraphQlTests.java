package dev.wspolicy.samples.graphql;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;

import dev.wspolicy.test.SocketPeer;
import dev.wspolicy.test.WebSocketUpstream;

@SpringBootTest(webEnvironment = SpringBootTest.WebEnvironment.RANDOM_PORT)
class GraphQlTests {

	@RegisterExtension
	static final WebSocketUpstream upstream = new WebSocketUpstream();

	private final String gateway;

	private SocketPeer client;

	private SocketPeer server;

	GraphQlTests(@LocalServerPort int port) {
		this.gateway = "ws://localhost:" + port + "/graphql";
	}

	@DynamicPropertySource
	static void properties(DynamicPropertyRegistry registry) {
		registry.add("graphql.uri", upstream::uri);
	}

	@BeforeEach
	void connect() {
		this.client = upstream.subprotocols("graphql-transport-ws")
			.client(this.gateway)
			.subprotocols("graphql-transport-ws")
			.open();
		this.server = upstream.accept();
		this.client.send("{\"type\":\"connection_init\"}");
		this.server.expect("{\"type\":\"connection_init\"}").send("{\"type\":\"connection_ack\"}");
		this.client.expect("{\"type\":\"connection_ack\"}");
	}

	@Test
	void passesOnSubscriptionsUpToTheLimit() {
		this.client.send(subscribe("1", "subscription { news }")).send(subscribe("2", "subscription { news }"));
		this.server.expect(subscribe("1", "subscription { news }")).expect(subscribe("2", "subscription { news }"));
		this.client.send(subscribe("3", "subscription { news }"));
		expectError("3", "Too many subscriptions at a time (allowed: 2)");
		this.server.send("{\"id\":\"1\",\"type\":\"complete\"}");
		this.client.expect("{\"id\":\"1\",\"type\":\"complete\"}").send(subscribe("4", "subscription { news }"));
		this.server.expect(subscribe("4", "subscription { news }"));
	}

	@Test
	void refusesMutationsAndDeepQueries() {
		this.client.send(subscribe("1", "mutation { publish }"));
		expectError("1", "Not allowed: mutation");
		this.client.send(subscribe("2", "{ a { b { c { d { e } } } } }"));
		expectError("2", "The query is deeper than 4");
		this.client.send(subscribe("3", "{ a { b } }"));
		this.server.expect(subscribe("3", "{ a { b } }"));
	}

	private void expectError(String id, String message) {
		this.client
			.expect("{\"id\":\"" + id + "\",\"type\":\"error\",\"payload\":[{\"message\":\"" + message + "\"}]}");
	}

	private static String subscribe(String id, String query) {
		return "{\"id\":\"" + id + "\",\"type\":\"subscribe\",\"payload\":{\"query\":\"" + query + "\"}}";
	}

}
