package dev.wspolicy.benchmarks.load;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

import org.jspecify.annotations.Nullable;

/**
 * The upstream: answers each message with one of the same size and sequence number. To
 * sessions of the path {@code /fan-out} it sends without being asked.
 */
public final class EchoUpstream {

	private static final int BACKLOG = 16_384;

	private final SocketLoop loop;

	private final ServerSocketChannel server;

	private final Set<UpstreamConnection> listeners = new LinkedHashSet<>();

	private EchoUpstream(int port) throws IOException {
		this.loop = new SocketLoop();
		this.server = ServerSocketChannel.open();
		this.server.bind(new InetSocketAddress("127.0.0.1", port), BACKLOG);
		this.server.configureBlocking(false);
		this.server.register(this.loop.selector(), java.nio.channels.SelectionKey.OP_ACCEPT);
		this.loop.onAcceptable(this::accept);
	}

	/**
	 * Run until the process is ended.
	 * @param args the port
	 * @throws IOException if the port cannot be had
	 */
	public static void main(String[] args) throws IOException {
		new EchoUpstream(Integer.parseInt(args[0])).run();
	}

	private void run() throws IOException {
		while (true) {
			this.loop.step(this.listeners.isEmpty() ? 1000 : 1);
			if (!this.listeners.isEmpty()) {
				long now = System.nanoTime();
				for (UpstreamConnection listener : List.copyOf(this.listeners)) {
					listener.sendDue(now);
				}
			}
		}
	}

	private void accept() {
		try {
			@Nullable SocketChannel channel = this.server.accept();
			while (channel != null) {
				new UpstreamConnection(this.loop, channel, this.listeners);
				channel = this.server.accept();
			}
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

}
