package dev.wspolicy.testkit;

import java.util.Arrays;
import java.util.List;
import java.util.Objects;

import org.jspecify.annotations.Nullable;

/**
 * A request for a WebSocket that has been sent and whose answer nobody has read yet.
 */
public final class ClientHandshake implements AutoCloseable {

	private final RawPeer peer;

	private final String method;

	private final RawHeaders request;

	ClientHandshake(RawPeer peer, String method, RawHeaders request) {
		this.peer = peer;
		this.method = method;
		this.request = request;
	}

	/**
	 * Reads the response and fails unless it opens the WebSocket as RFC 6455 section 4.1
	 * demands.
	 */
	public RawPeer connected() {
		RawResponse response = response();
		RawHeaders headers = response.headers();
		require(response, response.status() == 101, "status 101");
		require(response, "websocket".equalsIgnoreCase(headers.first("Upgrade")), "Upgrade: websocket");
		require(response, headers.hasToken("Connection", "Upgrade"), "Connection: Upgrade");
		String key = Objects.requireNonNullElse(this.request.first("Sec-WebSocket-Key"), "");
		String accept = UpstreamHandshake.acceptKey(key);
		require(response, headers.all("Sec-WebSocket-Accept").equals(List.of(accept)),
				"one Sec-WebSocket-Accept: " + accept);
		String chosen = subprotocol(response);
		require(response, chosen == null || offers(chosen), "a subprotocol that was offered");
		return this.peer;
	}

	/**
	 * Reads the response with its whole body, whatever it is.
	 */
	public RawResponse response() {
		return this.peer.receiveResponse(this.method);
	}

	/**
	 * The connection on which the response will come.
	 */
	public RawPeer peer() {
		return this.peer;
	}

	private @Nullable String subprotocol(RawResponse response) {
		require(response, response.headers().all("Sec-WebSocket-Protocol").size() < 2, "at most one subprotocol");
		return response.headers().first("Sec-WebSocket-Protocol");
	}

	private boolean offers(String subprotocol) {
		return this.request.all("Sec-WebSocket-Protocol")
			.stream()
			.flatMap((value) -> Arrays.stream(value.split(",")))
			.anyMatch((offered) -> offered.trim().equals(subprotocol));
	}

	private void require(RawResponse response, boolean condition, String expected) {
		if (!condition) {
			this.peer.close();
			throw new AssertionError("Expected " + expected + " in this response:\n" + response);
		}
	}

	@Override
	public void close() {
		this.peer.close();
	}

}
