package dev.wspolicy.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;

import org.jspecify.annotations.Nullable;

/**
 * Opens WebSocket connections by hand, rightly (RFC 6455 section 4.1) or in whatever
 * wrong way a test asks for.
 */
public final class RawClient {

	private static final SecureRandom RANDOM = new SecureRandom();

	private final int port;

	private String method = "GET";

	private String target = "/";

	private String version = "HTTP/1.1";

	/** Names of the usual fields that are left out or replaced. */
	private final Set<String> without = new TreeSet<>(String.CASE_INSENSITIVE_ORDER);

	private final List<Map.Entry<String, String>> added = new ArrayList<>();

	private final List<String> subprotocols = new ArrayList<>();

	private byte[] glued = new byte[0];

	private @Nullable SSLContext tls;

	private @Nullable InetAddress localAddress;

	private int receiveBuffer;

	private ClientLeg leg = ClientLeg.HTTP_1_1;

	private boolean ended;

	/** The connection that others use, too; null for one of its own. */
	private @Nullable Http2Connection http2;

	private RawClient(int port) {
		this.port = port;
	}

	/**
	 * A client of a server on this machine.
	 */
	public static RawClient to(int port) {
		return new RawClient(port);
	}

	/**
	 * Sets the request target, which is not checked or encoded.
	 */
	public RawClient path(String target) {
		this.target = target;
		return this;
	}

	public RawClient method(String method) {
		this.method = method;
		return this;
	}

	/**
	 * Sets the version in the request line, such as {@code HTTP/1.0}.
	 */
	public RawClient version(String version) {
		this.version = version;
		return this;
	}

	/**
	 * Adds a header field beside those of the same name.
	 */
	public RawClient header(String name, String value) {
		this.added.add(Map.entry(name, value));
		return this;
	}

	/**
	 * Sends a header field in place of those of the same name.
	 */
	public RawClient replace(String name, String value) {
		return without(name).header(name, value);
	}

	/**
	 * Leaves out header fields, also those that every handshake has.
	 */
	public RawClient without(String... names) {
		this.without.addAll(List.of(names));
		this.added.removeIf((field) -> List.of(names).stream().anyMatch(field.getKey()::equalsIgnoreCase));
		return this;
	}

	/**
	 * Makes it a request like any other, with no word of WebSocket.
	 */
	public RawClient withoutUpgrade() {
		return without("Upgrade", "Connection", "Sec-WebSocket-Key", "Sec-WebSocket-Version");
	}

	/**
	 * Offers subprotocols, the preferred one first.
	 */
	public RawClient subprotocol(String... names) {
		this.subprotocols.addAll(List.of(names));
		return this;
	}

	/**
	 * Sends these frames in the same write as the request, before any answer.
	 */
	public RawClient glue(WireFrame... frames) {
		return glue(WireFrame.encodeAll(frames));
	}

	/**
	 * Sends these bytes, such as a request body, in the same write as the request.
	 */
	public RawClient glue(byte[] bytes) {
		this.glued = bytes.clone();
		return this;
	}

	/**
	 * Speaks TLS, with the name {@code localhost} to the server.
	 */
	public RawClient tls(SSLContext context) {
		this.tls = context;
		return this;
	}

	/**
	 * Connects from this address of the machine, such as {@code 127.0.0.2}.
	 */
	public RawClient from(String address) {
		try {
			this.localAddress = InetAddress.getByName(address);
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
		return this;
	}

	/**
	 * Asks for a socket receive buffer of this size, so that a client that does not read
	 * is felt sooner.
	 */
	public RawClient receiveBuffer(int bytes) {
		this.receiveBuffer = bytes;
		return this;
	}

	/**
	 * Speaks this protocol. In HTTP/2 an upgrade is sent as the extended CONNECT that
	 * stands for it, and a response of 200 is seen as a 101.
	 */
	public RawClient over(ClientLeg leg) {
		this.leg = leg;
		return this;
	}

	/**
	 * Uses a stream of this connection.
	 */
	public RawClient over(Http2Connection connection) {
		this.http2 = connection;
		return over(ClientLeg.HTTP_2);
	}

	/**
	 * Ends the stream of HTTP/2 with the request, so that no frame can follow.
	 */
	public RawClient ended() {
		this.ended = true;
		return this;
	}

	/**
	 * Opens a connection of HTTP/2 whose streams have the receive buffer as their window.
	 */
	public Http2Connection connectHttp2() {
		return Http2Connection.open(this.port, this.tls, this.receiveBuffer, this.localAddress);
	}

	/**
	 * Opens a WebSocket, and fails unless the server agrees to it rightly.
	 */
	public RawPeer connect() {
		return start().connected();
	}

	/**
	 * Sends the request, reads the response and closes the connection.
	 */
	public RawResponse exchange() {
		try (ClientHandshake handshake = start()) {
			return handshake.response();
		}
	}

	/**
	 * Sends the request and leaves it to the test when to read the response.
	 */
	public ClientHandshake start() {
		List<Map.Entry<String, String>> fields = headerFields();
		RawHeaders headers = new RawHeaders(fields);
		byte[] head = (this.method + " " + this.target + " " + this.version + "\r\n" + headers + "\r\n")
			.getBytes(StandardCharsets.ISO_8859_1);
		byte[] request = Arrays.copyOf(head, head.length + this.glued.length);
		System.arraycopy(this.glued, 0, request, head.length, this.glued.length);
		RawPeer peer = open();
		peer.send(request);
		return new ClientHandshake(peer, this.method, headers);
	}

	/**
	 * Connects and sends nothing.
	 */
	public RawPeer open() {
		try {
			if (this.leg == ClientLeg.HTTP_2) {
				Http2Connection shared = this.http2;
				Socket stream = ((shared != null) ? shared : connectHttp2()).openStream(shared == null, this.ended);
				return new RawPeer(stream, stream);
			}
			Socket transport = new Socket();
			if (this.receiveBuffer > 0) {
				transport.setReceiveBufferSize(this.receiveBuffer);
			}
			if (this.localAddress != null) {
				transport.bind(new InetSocketAddress(this.localAddress, 0));
			}
			int timeout = (int) RawPeer.DEFAULT_TIMEOUT.toMillis();
			transport.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), this.port), timeout);
			if (this.tls == null) {
				return new RawPeer(transport, transport);
			}
			SSLSocket socket = (SSLSocket) this.tls.getSocketFactory()
				.createSocket(transport, "localhost", this.port, true);
			transport.setSoTimeout(timeout);
			socket.startHandshake();
			return new RawPeer(transport, socket);
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	private List<Map.Entry<String, String>> headerFields() {
		byte[] nonce = new byte[16];
		RANDOM.nextBytes(nonce);
		List<Map.Entry<String, String>> fields = new ArrayList<>();
		fields.add(Map.entry("Host", "localhost:" + this.port));
		fields.add(Map.entry("Upgrade", "websocket"));
		fields.add(Map.entry("Connection", "Upgrade"));
		fields.add(Map.entry("Sec-WebSocket-Key", Base64.getEncoder().encodeToString(nonce)));
		fields.add(Map.entry("Sec-WebSocket-Version", "13"));
		fields.removeIf((field) -> this.without.contains(field.getKey()));
		if (!this.subprotocols.isEmpty()) {
			fields.add(Map.entry("Sec-WebSocket-Protocol", String.join(", ", this.subprotocols)));
		}
		fields.addAll(this.added);
		return fields;
	}

	@Override
	public String toString() {
		return String.format(Locale.ROOT, "%s %s to port %d", this.method, this.target, this.port);
	}

}
