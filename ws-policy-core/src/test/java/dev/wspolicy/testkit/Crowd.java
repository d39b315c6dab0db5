package dev.wspolicy.testkit;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.channels.ByteChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
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

	private final List<Http2Connection> connections = new ArrayList<>();

	/** The clients that wait for an answer, by the paths of their requests. */
	private final Map<String, Peer> asking = new LinkedHashMap<>();

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
		Peer client = ask(gatewayPort, path, headers);
		answer();
		return (side == Side.CLIENT) ? client : client.other();
	}

	/**
	 * Connects to a gateway over HTTP/2. The connection is closed with the others.
	 */
	public Http2Connection connectHttp2(int gatewayPort) {
		Http2Connection connection = Http2Connection.to(gatewayPort);
		this.connections.add(connection);
		return connection;
	}

	/**
	 * Asks for a session, which stands once it has been {@linkplain #answer() answered}.
	 * @param gatewayPort the port of the gateway
	 * @param path the path of the request, which no other has that waits for an answer
	 * @param headers further headers of the request
	 * @return the client's peer
	 */
	public Peer ask(int gatewayPort, String path, String... headers) {
		try {
			SocketChannel client = SocketChannel.open();
			Peer peer = add(new SocketEnd(client), Side.CLIENT);
			prepare(client);
			client.setOption(StandardSocketOptions.SO_RCVBUF, this.socketBuffer);
			client.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), gatewayPort));
			ask(peer, path, headers);
			return peer;
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	/**
	 * Asks for a session in a stream of a connection.
	 * @param connection the connection
	 * @param path the path of the request, which no other has that waits for an answer
	 * @return the client's peer
	 */
	public Peer ask(Http2Connection connection, String path) {
		try {
			Http2Socket client = connection.openStream(false, false);
			client.hurry();
			Peer peer = add(new StreamEnd(client), Side.CLIENT);
			ask(peer, path);
			return peer;
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	private void ask(Peer client, String path, String... headers) throws IOException {
		write(client.end,
				"GET " + path + " HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
						+ "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
						+ String.join("", Stream.of(headers).map((header) -> header + "\r\n").toList()) + "\r\n");
		this.asking.put(path, client);
	}

	/**
	 * Lets the upstreams agree to all sessions that have been asked for.
	 */
	public void answer() {
		try {
			for (int i = 0; i < this.asking.size(); i++) {
				SocketChannel upstream = this.server.accept();
				Peer peer = add(new SocketEnd(upstream), Side.UPSTREAM);
				prepare(upstream);
				String request = readHead(peer.end);
				Matcher key = KEY.matcher(request);
				if (!key.find()) {
					throw new AssertionError("A request without a key");
				}
				// A gateway may show another path to the upstream
				Peer client = (this.asking.size() == 1) ? this.asking.values().iterator().next()
						: Objects.requireNonNull(this.asking.get(request.split(" ")[1]));
				client.other = peer;
				peer.other = client;
				write(peer.end, "HTTP/1.1 101 Go ahead\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
						+ "Sec-WebSocket-Accept: " + UpstreamHandshake.acceptKey(key.group(1)) + "\r\n\r\n");
				peer.end.stopWaiting();
			}
			for (Peer client : this.asking.values()) {
				String response = readHead(client.end);
				if (!response.startsWith("HTTP/1.1 101 ")) {
					throw new AssertionError("Expected a 101, received " + response);
				}
				client.end.stopWaiting();
			}
			this.asking.clear();
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

	private Peer add(End end, Side side) {
		Peer peer = new Peer(end, side);
		this.peers.add(peer);
		return peer;
	}

	private void prepare(SocketChannel channel) throws IOException {
		channel.setOption(StandardSocketOptions.SO_SNDBUF, this.socketBuffer);
		channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
	}

	private static void write(End end, String text) throws IOException {
		ByteBuffer bytes = ByteBuffer.wrap(text.getBytes(StandardCharsets.ISO_8859_1));
		while (bytes.hasRemaining()) {
			end.write(bytes);
		}
	}

	private static String readHead(End end) throws IOException {
		StringBuilder head = new StringBuilder();
		ByteBuffer bytes = ByteBuffer.allocate(4096);
		while (head.indexOf("\r\n\r\n") < 0) {
			bytes.clear();
			if (end.read(bytes) < 0) {
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
				peer.end.close();
			}
			this.peers.clear();
			this.connections.forEach(Http2Connection::close);
			this.connections.clear();
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
	 * One end of a connection, or of a stream. Nothing that it does waits once a session
	 * stands.
	 */
	private interface End extends ByteChannel {

		void stopWaiting() throws IOException;

		void shutdownOutput() throws IOException;

		void reset() throws IOException;

	}

	private record SocketEnd(SocketChannel channel) implements End {

		@Override
		public int read(ByteBuffer target) throws IOException {
			return this.channel.read(target);
		}

		@Override
		public int write(ByteBuffer bytes) throws IOException {
			return this.channel.write(bytes);
		}

		@Override
		public void stopWaiting() throws IOException {
			this.channel.configureBlocking(false);
		}

		@Override
		public void shutdownOutput() throws IOException {
			this.channel.shutdownOutput();
		}

		@Override
		public void reset() throws IOException {
			this.channel.setOption(StandardSocketOptions.SO_LINGER, 0);
			this.channel.close();
		}

		@Override
		public boolean isOpen() {
			return this.channel.isOpen();
		}

		@Override
		public void close() throws IOException {
			this.channel.close();
		}

	}

	/**
	 * What is written is short, so that the window of the stream has room for it.
	 */
	private record StreamEnd(Http2Socket stream) implements End {

		@Override
		public void stopWaiting() {
			this.stream.readWithoutWaiting();
		}

		@Override
		public int read(ByteBuffer target) throws IOException {
			return this.stream.read(target);
		}

		@Override
		public int write(ByteBuffer bytes) throws IOException {
			byte[] all = new byte[bytes.remaining()];
			bytes.get(all);
			this.stream.getOutputStream().write(all);
			return all.length;
		}

		@Override
		public void shutdownOutput() throws IOException {
			this.stream.shutdownOutput();
		}

		@Override
		public void reset() {
			this.stream.setSoLinger(true, 0);
			this.stream.close();
		}

		@Override
		public boolean isOpen() {
			return !this.stream.isClosed();
		}

		@Override
		public void close() {
			this.stream.close();
		}

	}

	/**
	 * One end of a session. Nothing that it does waits.
	 */
	public static final class Peer {

		private final End end;

		private final Side side;

		private final ByteBuffer input = ByteBuffer.allocate(256);

		private @Nullable Peer other;

		private @Nullable ByteBuffer flood;

		private boolean ended;

		private Peer(End end, Side side) {
			this.end = end;
			this.side = side;
		}

		public Side side() {
			return this.side;
		}

		/**
		 * The peer at the other end of the session.
		 */
		public Peer other() {
			return Objects.requireNonNull(this.other);
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
					int written = this.end.write(bytes);
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
				this.ended |= !this.ended && this.end.read(this.input) < 0;
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
				this.end.write(bytes);
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
				this.end.reset();
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
				this.end.shutdownOutput();
			}
			catch (IOException ex) {
				throw new UncheckedIOException(ex);
			}
		}

	}

}
