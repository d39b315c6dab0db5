package dev.wspolicy.benchmarks.load;

import java.io.IOException;
import java.util.concurrent.TimeUnit;

/**
 * Messages that are answered.
 */
final class EchoRun extends AbstractRun {

	private boolean sending = true;

	/** Where the next message goes, if sessions take turns. */
	private int next;

	EchoRun(LoadCommand command, SocketLoop loop) {
		super(command, loop);
	}

	@Override
	LoadResult run() throws IOException {
		openAll();
		if (failure() != null) {
			return LoadResult.failed("opening: " + failure());
		}
		long now = System.nanoTime();
		if (this.command.rotating()) {
			sendInTurn(this.command.window(), now);
		}
		else {
			for (ClientConnection connection : open()) {
				connection.send(this.command.window(), now);
			}
		}
		LoadResult result = measure();
		this.sending = false;
		awaitAll();
		closeAll();
		return (failure() == null) ? result : LoadResult.failed("echo: " + failure());
	}

	private void sendInTurn(int count, long now) throws IOException {
		for (int i = 0; i < count; i++) {
			open().get(this.next).send(1, now);
			this.next = (this.next + 1) % open().size();
		}
	}

	@Override
	void onMessages(ClientConnection connection, int count, long now) throws IOException {
		if (!this.sending) {
			return;
		}
		if (this.command.rotating()) {
			sendInTurn(count, now);
		}
		else {
			connection.send(count, now);
		}
	}

	/** Nothing may be missing in the end. */
	private void awaitAll() throws IOException {
		long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
		while (failure() == null && missing() > 0) {
			step(100);
			if (System.nanoTime() > deadline) {
				fail(missing() + " messages were never answered");
			}
		}
	}

	private long missing() {
		return open().stream().mapToLong((connection) -> connection.sent() - connection.received()).sum();
	}

}
