package dev.wspolicy.proving.load;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The upstreams of all sessions, served by one thread. What is sent to {@code /good}
 * comes back, frame by frame; {@code /push} gets more than it reads; all others are read
 * and not answered.
 */
final class Crew implements AutoCloseable {

	private static final Pattern REQUEST = Pattern
		.compile("(?is)GET /([a-z]+).*sec-websocket-key: *(.*?)\r\n(.*\r\n)?\r\n");

	private static final int LONGEST_HEAD = 16 * 1024;

	private static final byte[] PUSHED = new byte[16 * 1024];

	static {
		PUSHED[0] = (byte) 0x82;
		PUSHED[1] = 126;
		PUSHED[2] = (byte) (PUSHED.length - 4 >> 8);
		PUSHED[3] = (byte) (PUSHED.length - 4);
	}

	private final Selector selector;

	private final ServerSocketChannel server;

	private final ByteBuffer bytes = ByteBuffer.allocateDirect(256 * 1024);

	private volatile boolean closed;

	Crew() throws IOException {
		this.selector = Selector.open();
		this.server = ServerSocketChannel.open();
		this.server.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 4096);
		this.server.configureBlocking(false);
		this.server.register(this.selector, SelectionKey.OP_ACCEPT);
		Thread thread = new Thread(this::run, "upstreams");
		thread.setDaemon(true);
		thread.start();
	}

	URI uri() {
		return URI.create("ws://localhost:" + this.server.socket().getLocalPort());
	}

	private void run() {
		try {
			while (!this.closed) {
				this.selector.select(this::serve);
			}
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	private void serve(SelectionKey key) {
		try {
			if (key.isAcceptable()) {
				SocketChannel channel = this.server.accept();
				while (channel != null) {
					channel.configureBlocking(false);
					channel.socket().setTcpNoDelay(true);
					channel.register(this.selector, SelectionKey.OP_READ, new Upstream());
					channel = this.server.accept();
				}
				return;
			}
			Upstream upstream = (Upstream) key.attachment();
			SocketChannel channel = (SocketChannel) key.channel();
			if (upstream.pushes) {
				push(channel, upstream);
			}
			if (key.isReadable()) {
				read(key, channel, upstream);
			}
		}
		catch (IOException ex) {
			close(key);
		}
	}

	private void read(SelectionKey key, SocketChannel channel, Upstream upstream) throws IOException {
		this.bytes.clear();
		if (upstream.kept.position() > 0) {
			this.bytes.put(upstream.kept.flip());
			upstream.kept.clear();
		}
		if (channel.read(this.bytes) < 0) {
			close(key);
			return;
		}
		this.bytes.flip();
		if (!upstream.open) {
			open(key, channel, upstream);
		}
		else if (upstream.echoes) {
			echo(channel);
			upstream.kept.put(this.bytes);
		}
	}

	private void open(SelectionKey key, SocketChannel channel, Upstream upstream) throws IOException {
		String head = StandardCharsets.ISO_8859_1.decode(this.bytes.duplicate()).toString();
		Matcher request = REQUEST.matcher(head);
		if (!request.matches()) {
			if (head.length() > LONGEST_HEAD) {
				throw new IOException("No request");
			}
			upstream.grow(head.length());
			upstream.kept.put(this.bytes);
			return;
		}
		channel.write(StandardCharsets.ISO_8859_1
			.encode("HTTP/1.1 101 Go ahead\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: "
					+ accept(request.group(2)) + "\r\n\r\n"));
		upstream.open = true;
		upstream.echoes = request.group(1).equals("good");
		upstream.pushes = request.group(1).equals("push");
		if (upstream.pushes) {
			key.interestOps(SelectionKey.OP_READ | SelectionKey.OP_WRITE);
		}
	}

	/** Returns short frames, unmasked. */
	private void echo(SocketChannel channel) throws IOException {
		ByteBuffer answer = ByteBuffer.allocate(this.bytes.remaining());
		while (this.bytes.remaining() >= 6) {
			int start = this.bytes.position();
			int length = this.bytes.get(start + 1) & 0x7F;
			if (this.bytes.remaining() < 6 + length) {
				break;
			}
			answer.put(this.bytes.get(start)).put((byte) length);
			for (int i = 0; i < length; i++) {
				answer.put((byte) (this.bytes.get(start + 6 + i) ^ this.bytes.get(start + 2 + (i & 3))));
			}
			this.bytes.position(start + 6 + length);
		}
		channel.write(answer.flip());
	}

	private static void push(SocketChannel channel, Upstream upstream) throws IOException {
		while (channel.write(upstream.pushed) > 0) {
			if (!upstream.pushed.hasRemaining()) {
				upstream.pushed.rewind();
			}
		}
	}

	private static String accept(String key) {
		try {
			return Base64.getEncoder()
				.encodeToString(MessageDigest.getInstance("SHA-1")
					.digest((key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").getBytes(StandardCharsets.ISO_8859_1)));
		}
		catch (GeneralSecurityException ex) {
			throw new IllegalStateException(ex);
		}
	}

	private static void close(SelectionKey key) {
		try {
			key.channel().close();
		}
		catch (IOException ex) {
			// It is closed already.
		}
	}

	@Override
	public void close() throws IOException {
		this.closed = true;
		this.selector.wakeup();
		this.server.close();
		for (SelectionKey key : this.selector.keys()) {
			close(key);
		}
	}

	/**
	 * The upstream's end of a session.
	 */
	private static final class Upstream {

		private ByteBuffer kept = ByteBuffer.allocate(256);

		private final ByteBuffer pushed = ByteBuffer.wrap(PUSHED);

		private boolean open;

		private boolean echoes;

		private boolean pushes;

		void grow(int needed) {
			if (this.kept.capacity() < needed) {
				this.kept = ByteBuffer.allocate(2 * needed);
			}
		}

	}

}
