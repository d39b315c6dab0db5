package dev.wspolicy.testkit;

/**
 * A WebSocket session with a test at both ends and a gateway between them.
 *
 * @param client the client's end
 * @param upstream the upstream's end
 */
public record RawSession(RawPeer client, RawPeer upstream) implements AutoCloseable {

	/**
	 * Opens a session: the client asks, the upstream agrees to what reaches it.
	 */
	public static RawSession open(RawClient client, RawUpstream upstream) {
		ClientHandshake handshake = client.start();
		RawPeer upstreamPeer = upstream.accept().acceptWebSocket();
		return new RawSession(handshake.connected(), upstreamPeer);
	}

	@Override
	public void close() {
		this.client.close();
		this.upstream.close();
	}

}
