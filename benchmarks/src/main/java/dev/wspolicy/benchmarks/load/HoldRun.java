package dev.wspolicy.benchmarks.load;

import java.io.IOException;
import java.util.concurrent.TimeUnit;

/**
 * Sessions that are opened, used once, and then only live.
 */
final class HoldRun extends AbstractRun {

	private int answered;

	HoldRun(LoadCommand command, SocketLoop loop) {
		super(command, loop);
	}

	@Override
	LoadResult run() throws IOException {
		openAll();
		for (int i = 0; i < open().size() && failure() == null; i++) {
			open().get(i).send(1, System.nanoTime());
			if (i % 100 == 99) {
				step(0);
			}
		}
		long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
		while (failure() == null && this.answered < this.command.sessions()) {
			step(100);
			if (System.nanoTime() > deadline) {
				fail("only " + this.answered + " sessions answered");
			}
		}
		if (failure() != null) {
			String failure = failure();
			closeAll();
			return LoadResult.failed("idle sessions: " + failure);
		}
		return new LoadResult(this.answered, 0, 0, 0, 0, 0, 0, null);
	}

	@Override
	void onMessages(ClientConnection connection, int count, long now) {
		this.answered += count;
	}

	/** Let the sessions go. */
	void release() throws IOException {
		closeAll();
	}

}
