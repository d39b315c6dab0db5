package dev.wspolicy.benchmarks.load;

import java.io.IOException;

import org.jspecify.annotations.Nullable;

/**
 * Sessions that are opened, and closed at once by a closing handshake.
 */
final class HandshakeRun extends AbstractRun {

	private boolean going = true;

	private int living;

	private @Nullable IOException refused;

	HandshakeRun(LoadCommand command, SocketLoop loop) {
		super(command, loop);
	}

	@Override
	LoadResult run() throws IOException {
		startClosing();
		for (int i = 0; i < this.command.sessions(); i++) {
			begin();
		}
		LoadResult result = measure();
		this.going = false;
		while (this.living > 0 && failure() == null) {
			step(100);
		}
		if (this.refused != null) {
			return LoadResult.failed("handshakes: " + this.refused.getMessage());
		}
		return (failure() == null) ? result : LoadResult.failed("handshakes: " + failure());
	}

	private void begin() throws IOException {
		this.living++;
		openOne();
	}

	@Override
	void onOpen(ClientConnection connection) throws IOException {
		super.onOpen(connection);
		connection.sendClose();
	}

	@Override
	void onClose(ClientConnection connection) {
		count();
		connection.close();
	}

	@Override
	void onGone(ClientConnection connection) {
		this.living--;
		if (!open().remove(connection)) {
			fail("a session was not opened");
		}
		if (this.going && failure() == null) {
			try {
				begin();
			}
			catch (IOException ex) {
				this.refused = ex;
				fail("cannot open");
			}
		}
	}

}
