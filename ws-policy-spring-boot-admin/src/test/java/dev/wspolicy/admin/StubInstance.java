package dev.wspolicy.admin;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;

/**
 * An application whose endpoint {@code websockets} answers as a test wants. It lists one
 * session, and knows none when asked to close it, until it is told otherwise.
 */
final class StubInstance implements AutoCloseable {

	/** The server reads an index of no other type. */
	private static final String JSON = "application/vnd.spring-boot.actuator.v3+json";

	private static final String SESSIONS = """
			{ "sessions": [ { "id": "1a2b3c4d5e6f", "route": "chat", "pipeline": "chat", "path": "/chat",
			"openedAt": "2026-03-01T09:15:02.117Z", "lastActivityAt": "2026-03-01T09:15:02.117Z", "open": true,
			"inbound": { "frames": 0, "messages": 0, "bytes": 0 },
			"outbound": { "frames": 0, "messages": 0, "bytes": 0 } } ], "total": 1, "draining": false }""";

	private final HttpServer server;

	private volatile int status = 200;

	private volatile String body = SESSIONS;

	StubInstance() throws IOException {
		this.server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
		this.server.createContext("/actuator/health", (exchange) -> send(exchange, 200, "{ \"status\": \"UP\" }"));
		this.server.createContext("/actuator", (exchange) -> send(exchange, 200, """
				{ "_links": { "self": { "href": "%1$s/actuator", "templated": false },
				"websockets": { "href": "%1$s/actuator/websockets", "templated": false } } }""".formatted(url())));
		this.server.createContext("/actuator/websockets", this::answer);
		this.server.start();
	}

	String url() {
		return "http://127.0.0.1:" + this.server.getAddress().getPort();
	}

	/** Sets the answer to all requests from now on, except to whether it is read-only. */
	void answer(int status, String body) {
		this.body = body;
		this.status = status;
	}

	private void answer(HttpExchange exchange) throws IOException {
		switch (exchange.getRequestMethod()) {
			case "OPTIONS" -> send(exchange, 404, "");
			case "DELETE" -> send(exchange, 404, "{ \"message\": \"no such session\" }");
			default -> send(exchange, this.status, this.body);
		}
	}

	private static void send(HttpExchange exchange, int status, String body) throws IOException {
		byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
		exchange.getResponseHeaders().add("Content-Type", body.startsWith("<") ? "text/html" : JSON);
		exchange.sendResponseHeaders(status, (bytes.length > 0) ? bytes.length : -1);
		exchange.getResponseBody().write(bytes);
		exchange.close();
	}

	@Override
	public void close() {
		this.server.stop(0);
	}

}
