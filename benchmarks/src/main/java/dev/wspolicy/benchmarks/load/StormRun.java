package dev.wspolicy.benchmarks.load;

import java.io.IOException;
import java.util.List;
import java.util.concurrent.TimeUnit;

import org.HdrHistogram.Histogram;

/**
 * Sessions that are dropped at once, and whose clients return at once and again and
 * again, until all of them are back.
 */
final class StormRun extends AbstractRun {

	private static final long PATIENCE = TimeUnit.MINUTES.toNanos(5);

	private final Histogram returns = new Histogram(1, PATIENCE, 3);

	private long dropped;

	/** Whether the clients are on their way back. */
	private boolean returning;

	private long refused;

	StormRun(LoadCommand command, SocketLoop loop) {
		super(command, loop);
	}

	@Override
	LoadResult run() throws IOException {
		openAll();
		if (failure() != null) {
			closeAll();
			return LoadResult.failed("reconnect storm: " + failure());
		}
		startClosing();
		List<ClientConnection> sessions = List.copyOf(open());
		open().clear();
		sessions.forEach(ClientConnection::close);
		step(0);
		this.returning = true;
		long proxy = CpuTime.nanos(this.command.proxy());
		this.dropped = System.nanoTime();
		for (int i = 0; i < this.command.sessions(); i++) {
			openOne();
		}
		while (open().size() < this.command.sessions() && failure() == null) {
			step(100);
			if (System.nanoTime() - this.dropped > PATIENCE) {
				fail("only " + open().size() + " of " + this.command.sessions() + " sessions returned in time");
			}
		}
		long nanos = System.nanoTime() - this.dropped;
		proxy = CpuTime.nanos(this.command.proxy()) - proxy;
		this.returning = false;
		int returned = open().size();
		closeAll();
		return new LoadResult(returned, nanos, proxy, 0, this.returns.getValueAtPercentile(50),
				this.returns.getValueAtPercentile(99), this.returns.getValueAtPercentile(99.9), failure(),
				this.refused);
	}

	@Override
	void onOpen(ClientConnection connection) throws IOException {
		super.onOpen(connection);
		if (this.returning) {
			this.returns.recordValue(Math.min(PATIENCE, System.nanoTime() - this.dropped));
		}
	}

	@Override
	void onGone(ClientConnection connection) {
		super.onGone(connection);
		if (!this.returning) {
			return;
		}
		if (!gaveUp(connection)) {
			fail("a session was lost after its client had returned");
			return;
		}
		this.refused++;
		try {
			openOne();
		}
		catch (IOException ex) {
			fail("cannot open: " + ex.getMessage());
		}
	}

}
