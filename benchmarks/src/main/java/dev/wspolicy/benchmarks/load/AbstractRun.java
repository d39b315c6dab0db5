package dev.wspolicy.benchmarks.load;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;

import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

/**
 * One load on one proxy, from its first session to its last.
 */
abstract class AbstractRun {

	/** A masked close frame, code 1000. */
	static final byte[] CLOSE = { (byte) 0x88, (byte) 0x82, 0, 0, 0, 0, 3, (byte) 0xE8 };

	private static final int MAX_OPENING = 64;

	private static final long PATIENCE = TimeUnit.SECONDS.toNanos(60);

	protected final LoadCommand command;

	private final SocketLoop loop;

	private final byte[] request;

	private final Template template;

	private final long mark;

	private final Set<ClientConnection> opening = new HashSet<>();

	private final List<ClientConnection> open = new ArrayList<>();

	private final Histogram latencies = new Histogram(1, TimeUnit.SECONDS.toNanos(60), 3);

	private long messages;

	private boolean closing;

	private int gone;

	private @Nullable String failure;

	AbstractRun(LoadCommand command, SocketLoop loop) {
		this.command = command;
		this.loop = loop;
		this.request = Handshake.request(command.port(), path(command), command.compressed());
		this.template = command.compressed() ? Template.compressed(command.size(), true)
				: Template.plain(command.size(), true);
		this.mark = command.replaced() ? Message.REPLACED : Message.ORIGINAL;
	}

	private static String path(LoadCommand command) {
		return (command.kind() == LoadCommand.Kind.FAN_OUT)
				? "/fan-out?size=" + command.size() + "&micros=" + command.intervalMicros() : "/echo";
	}

	/** Put the load on. */
	abstract LoadResult run() throws IOException;

	// What connections ask

	byte[] request() {
		return this.request;
	}

	Template template() {
		return this.template;
	}

	boolean compressed() {
		return this.command.compressed();
	}

	int size() {
		return this.command.size();
	}

	long mark() {
		return this.mark;
	}

	boolean isOpening(ClientConnection connection) {
		return this.opening.contains(connection);
	}

	// What connections tell

	void onOpen(ClientConnection connection) throws IOException {
		this.opening.remove(connection);
		this.open.add(connection);
	}

	void onMessage(long now, long sentAt) {
		this.messages++;
		if (sentAt != 0) {
			this.latencies.recordValue(Math.max(1, now - sentAt));
		}
	}

	void onMessages(ClientConnection connection, int count, long now) throws IOException {
	}

	void onClose(ClientConnection connection) {
		if (!this.closing) {
			fail("a session was closed by the proxy");
		}
	}

	void onGone(ClientConnection connection) {
		this.gone++;
		if (!this.closing) {
			fail("a session was lost or not opened");
		}
	}

	final void fail(String failure) {
		if (this.failure == null) {
			this.failure = failure;
		}
	}

	// For runs

	protected final List<ClientConnection> open() {
		return this.open;
	}

	protected final @Nullable String failure() {
		return this.failure;
	}

	protected final void count() {
		this.messages++;
	}

	protected final void openOne() throws IOException {
		SocketChannel channel = SocketChannel.open();
		int window = (this.command.kind() == LoadCommand.Kind.ECHO) ? this.command.window() : 1;
		ClientConnection connection = new ClientConnection(this, this.loop, channel, window);
		this.opening.add(connection);
		connection.connect(new InetSocketAddress("127.0.0.1", this.command.port()));
	}

	/** Open all sessions, some at a time. */
	protected final void openAll() throws IOException {
		long deadline = System.nanoTime() + PATIENCE;
		int asked = 0;
		while (this.failure == null && this.open.size() < this.command.sessions()) {
			while (asked < this.command.sessions() && this.opening.size() < MAX_OPENING) {
				openOne();
				asked++;
			}
			this.loop.step(100);
			if (System.nanoTime() > deadline) {
				fail("only " + this.open.size() + " of " + this.command.sessions() + " sessions opened in time");
			}
		}
	}

	protected final void go(long millis) throws IOException {
		long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis);
		long left = deadline - System.nanoTime();
		while (this.failure == null && left > 0) {
			this.loop.step(Math.max(1, TimeUnit.NANOSECONDS.toMillis(left)));
			left = deadline - System.nanoTime();
		}
	}

	/** Go on until it is measured. */
	protected final LoadResult measure() throws IOException {
		go(this.command.warmUpMillis());
		List<Long> ends = List.of(this.command.upstream(), ProcessHandle.current().pid());
		this.messages = 0;
		this.latencies.reset();
		long start = System.nanoTime();
		long proxy = CpuTime.nanos(this.command.proxy());
		long others = CpuTime.nanos(ends);
		go(this.command.durationMillis());
		// On a busy machine it may take a while until anything comes at all.
		while (this.command.durationMillis() > 0 && this.messages == 0 && this.failure == null
				&& System.nanoTime() - start < PATIENCE) {
			this.loop.step(100);
		}
		long nanos = System.nanoTime() - start;
		proxy = CpuTime.nanos(this.command.proxy()) - proxy;
		others = CpuTime.nanos(ends) - others;
		return new LoadResult(this.messages, nanos, proxy, others, this.latencies.getValueAtPercentile(50),
				this.latencies.getValueAtPercentile(99), this.latencies.getValueAtPercentile(99.9), this.failure);
	}

	/** Close as is right, and those who do not answer all the same. */
	protected final void closeAll() throws IOException {
		this.closing = true;
		List<ClientConnection> connections = new ArrayList<>(this.opening);
		connections.addAll(this.open);
		int target = this.gone;
		for (ClientConnection connection : this.open) {
			if (connection.isOpen()) {
				connection.sendClose();
				target++;
			}
		}
		long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(5);
		while (this.gone < target && System.nanoTime() < deadline) {
			this.loop.step(100);
		}
		connections.forEach(ClientConnection::close);
		// Lets the closed sockets leave the selector.
		this.loop.step(0);
	}

	/** Whether a session that is gone had not been opened. It is forgotten. */
	protected final boolean gaveUp(ClientConnection connection) {
		return this.opening.remove(connection);
	}

	protected final void startClosing() {
		this.closing = true;
	}

	protected final void step(long timeoutMillis) throws IOException {
		this.loop.step(timeoutMillis);
	}

}
