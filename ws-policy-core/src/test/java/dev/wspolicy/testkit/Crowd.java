package dev.wspolicy.testkit;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

import org.jspecify.annotations.Nullable;

import dev.wspolicy.session.Side;

/**
 * Thousands of WebSocket sessions through a gateway, both of whose ends are served by the
 * thread of the test: nothing blocks once a session stands.
 */
public final class Crowd implements AutoCloseable {

	private static final Pattern KEY = Pattern.compile("(?i)sec-websocket-key: *(.*?)\r\n");

	private final ServerSocketChannel server;

	private final int socketBuffer;

	private final List<Peer> peers = new ArrayList<>();

	private Crowd(ServerSocketChannel server, int socketBuffer) {
		this.server = server;
		this.socketBuffer = socketBuffer;
	}

	/**
	 * Listens on a free port, with socket buffers of that size at both ends.
	 */
	public static Crowd start(int socketBuffer) {
		try {
			ServerSocketChannel server = ServerSocketChannel.open();
			server.setOption(StandardSocketOptions.SO_RCVBUF, socketBuffer);
			server.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 1024);
			return new Crowd(server, socketBuffer);
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	/**
	 * Where a gateway finds the upstreams.
	 */
	public URI uri() {
		return URI.create("ws://localhost:" + this.server.socket().getLocalPort());
	}

	/**
	 * Opens a session through a gateway, and gives the peer on that side.
	 * @param gatewayPort the port of the gateway
	 * @param path the path of the request
	 * @param side the side of the peer that is returned
	 * @param headers further headers of the request, such as {@code X-User: ana}
	 */
	public Peer open(int gatewayPort, String path, Side side, String... headers) {
		try {
			SocketChannel client = SocketChannel.open();
			Peer clientPeer = add(client, Side.CLIENT);
			client.setOption(StandardSocketOptions.SO_RCVBUF, this.socketBuffer);
			client.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), gatewayPort));
			write(client,
					"GET " + path + " HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
							+ "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
							+ String.join("", Stream.of(headers).map((header) -> header + "\r\n").toList()) + "\r\n");
			SocketChannel upstream = this.server.accept();
			Peer upstreamPeer = add(upstream, Side.UPSTREAM);
			Matcher key = KEY.matcher(readHead(upstream));
			if (!key.find()) {
				throw new AssertionError("A request without a key");
			}
			write(upstream, "HTTP/1.1 101 Go ahead\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
					+ "Sec-WebSocket-Accept: " + UpstreamHandshake.acceptKey(key.group(1)) + "\r\n\r\n");
			String response = readHead(client);
			if (!response.startsWith("HTTP/1.1 101 ")) {
				throw new AssertionError("Expected a 101, received " + response);
			}
			client.configureBlocking(false);
			upstream.configureBlocking(false);
			clientPeer.other = upstreamPeer;
			upstreamPeer.other = clientPeer;
			return (side == Side.CLIENT) ? clientPeer : upstreamPeer;
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	/**
	 * All peers of both sides.
	 */
	public List<Peer> peers() {
		return this.peers;
	}

	private Peer add(SocketChannel channel, Side side) throws IOException {
		Peer peer = new Peer(channel, side);
		this.peers.add(peer);
		channel.setOption(StandardSocketOptions.SO_SNDBUF, this.socketBuffer);
		channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
		return peer;
	}

	private static void write(SocketChannel channel, String text) throws IOException {
		ByteBuffer bytes = ByteBuffer.wrap(text.getBytes(StandardCharsets.ISO_8859_1));
		while (bytes.hasRemaining()) {
			channel.write(bytes);
		}
	}

	private static String readHead(SocketChannel channel) throws IOException {
		StringBuilder head = new StringBuilder();
		ByteBuffer bytes = ByteBuffer.allocate(4096);
		while (head.indexOf("\r\n\r\n") < 0) {
			bytes.clear();
			if (channel.read(bytes) < 0) {
				throw new AssertionError("The connection ended after '" + head + "'");
			}
			head.append(StandardCharsets.ISO_8859_1.decode(bytes.flip()));
		}
		return head.toString();
	}

	/**
	 * Closes all connections, and is ready for others.
	 */
	public void dismiss() {
		try {
			for (Peer peer : this.peers) {
				peer.channel.close();
			}
			this.peers.clear();
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	@Override
	public void close() {
		dismiss();
		try {
			this.server.close();
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	/**
	 * One end of a session. Nothing that it does waits.
	 */
	public static final class Peer {

		private final SocketChannel channel;

		private final Side side;

		private final ByteBuffer input = ByteBuffer.allocate(256);

		private @Nullable Peer other;

		private @Nullable ByteBuffer flood;

		private boolean ended;

		Peer(SocketChannel channel, Side side) {
			this.channel = channel;
			this.side = side;
		}

		public Side side() {
			return this.side;
		}

		/**
		 * Writes a frame over and over, until the socket takes no more.
		 * @return how many bytes it has taken
		 */
		public long flood(byte[] frame) {
			ByteBuffer bytes = this.flood;
			if (bytes == null) {
				bytes = ByteBuffer.wrap(frame);
				this.flood = bytes;
			}
			try {
				long all = 0;
				while (true) {
					int written = this.channel.write(bytes);
					if (written <= 0) {
						return all;
					}
					all += written;
					if (!bytes.hasRemaining()) {
						bytes.rewind();
					}
				}
			}
			catch (IOException ex) {
				throw new UncheckedIOException(ex);
			}
		}

		/**
		 * The next short frame, if one has come.
		 */
		public @Nullable WireFrame poll() {
			try {
				this.ended |= !this.ended && this.channel.read(this.input) < 0;
				int mask = (this.side == Side.UPSTREAM) ? 4 : 0;
				if (this.input.position() < 2 || this.input.position() < 2 + mask + (this.input.get(1) & 0x7F)) {
					return null;
				}
				int length = 2 + mask + (this.input.get(1) & 0x7F);
				ByteArrayOutputStream payload = new ByteArrayOutputStream();
				for (int i = 2 + mask; i < length; i++) {
					int key = (mask > 0) ? this.input.get(2 + (i - 2 - mask) % 4) : 0;
					payload.write(this.input.get(i) ^ key);
				}
				int opcode = this.input.get(0) & 0x0F;
				this.input.flip().position(length);
				this.input.compact();
				return WireFrame.of(opcode, payload.toByteArray());
			}
			catch (IOException ex) {
				throw new UncheckedIOException(ex);
			}
		}

		/**
		 * Sends a short frame.
		 */
		public void send(WireFrame frame) {
			try {
				ByteBuffer bytes = ByteBuffer.wrap(frame.from(this.side).encode());
				this.channel.write(bytes);
				if (bytes.hasRemaining()) {
					throw new AssertionError("The socket takes no more");
				}
			}
			catch (IOException ex) {
				throw new UncheckedIOException(ex);
			}
		}

		/**
		 * Resets the connections at both ends of the session.
		 */
		public void resetBoth() {
			reset();
			if (this.other != null) {
				this.other.reset();
			}
		}

		private void reset() {
			try {
				this.channel.setOption(StandardSocketOptions.SO_LINGER, 0);
				this.channel.close();
			}
			catch (IOException ex) {
				throw new UncheckedIOException(ex);
			}
		}

		/**
		 * Whether the other end has been found to have finished by the last poll.
		 */
		public boolean hasEnded() {
			return this.ended;
		}

		public void shutdownOutput() {
			try {
				this.channel.shutdownOutput();
			}
			catch (IOException ex) {
				throw new UncheckedIOException(ex);
			}
		}

	}

}
