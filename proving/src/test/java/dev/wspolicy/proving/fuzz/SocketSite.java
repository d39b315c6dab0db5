package dev.wspolicy.proving.fuzz;

import java.util.Random;
import java.util.concurrent.CompletableFuture;

import dev.wspolicy.session.Side;
import dev.wspolicy.session.Termination;
import dev.wspolicy.testkit.RawPeer;

/**
 * Opens sessions whose peers are sockets in the hands of a test, one after the other.
 */
interface SocketSite extends AutoCloseable {

	/** How many bytes a frame may have. */
	int LIMIT = 10_000;

	/**
	 * Opens a session.
	 * @param sender the side that will send
	 * @param compressed whether it may compress its messages, and refer to earlier ones
	 * @param random decides about all that must not make a difference
	 * @return the session
	 */
	Session open(Side sender, boolean compressed, Random random) throws Exception;

	/** Closes the site, and fails if a session has been left behind. */
	@Override
	void close();

	/**
	 * A session.
	 *
	 * @param client the client's end
	 * @param upstream the upstream's end
	 * @param ended completed when the session has ended
	 * @param description what is special about it
	 */
	record Session(RawPeer client, RawPeer upstream, CompletableFuture<Termination> ended,
			String description) implements AutoCloseable {

		RawPeer peer(Side side) {
			return (side == Side.CLIENT) ? this.client : this.upstream;
		}

		@Override
		public void close() {
			this.client.close();
			this.upstream.close();
		}

	}

}
