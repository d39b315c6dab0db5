package dev.wspolicy.benchmarks.load;

import java.io.IOException;

/**
 * Messages that nobody asked for: the upstream sends, the clients count.
 */
final class FanOutRun extends AbstractRun {

	FanOutRun(LoadCommand command, SocketLoop loop) {
		super(command, loop);
	}

	@Override
	LoadResult run() throws IOException {
		openAll();
		LoadResult result = measure();
		closeAll();
		return (failure() == null) ? result : LoadResult.failed("fan-out: " + failure());
	}

}
