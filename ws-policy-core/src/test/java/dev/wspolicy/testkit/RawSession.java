package dev.wspolicy.testkit;

import dev.wspolicy.session.Side;

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

	/**
	 * The end on that side of the gateway.
	 */
	public RawPeer peer(Side side) {
		return (side == Side.CLIENT) ? this.client : this.upstream;
	}

	/**
	 * Ends both connections after the closing handshake, each in the order that the
	 * gateway waits for.
	 */
	public void endInOrder() {
		this.client.expectEof();
		this.client.close();
		this.upstream.shutdownOutput();
		this.upstream.expectEof();
	}

	/**
	 * Sends a ping through the gateway, which by then has done what it was asked before.
	 */
	public void roundTrip() {
		this.client.send(WireFrame.ping("round trip").masked());
		WireFrame arrived = this.upstream.receiveFrame();
		if (arrived.opcode() != WireFrame.PING) {
			throw new AssertionError("Expected a ping, received " + arrived);
		}
	}

	/**
	 * Sends a message each way, which must arrive unchanged.
	 */
	public void exchangeMessages() {
		this.client.send(WireFrame.text("there").masked());
		requireText("there", this.upstream.receiveFrame());
		this.upstream.send(WireFrame.text("back"));
		requireText("back", this.client.receiveFrame());
	}

	private static void requireText(String text, WireFrame frame) {
		if (!frame.unmasked().equals(WireFrame.text(text))) {
			throw new AssertionError("Expected the message '" + text + "', received " + frame);
		}
	}

	@Override
	public void close() {
		this.client.close();
		this.upstream.close();
	}

}
