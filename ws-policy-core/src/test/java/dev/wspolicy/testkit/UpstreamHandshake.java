package dev.wspolicy.testkit;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;

import org.jspecify.annotations.Nullable;

/**
 * A request that has reached a {@link RawUpstream} and waits for its answer, which is
 * forever unless the test gives one.
 */
public final class UpstreamHandshake implements AutoCloseable {

	/** What RFC 6455 section 1.3 appends to the client's key. */
	private static final String GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

	private final RawPeer peer;

	private final HttpHead request;

	private final List<Map.Entry<String, String>> responseHeaders = new ArrayList<>();

	private @Nullable String acceptKey;

	private byte[] glued = new byte[0];

	UpstreamHandshake(RawPeer peer) {
		this.peer = peer;
		this.request = peer.receiveRequest();
	}

	/**
	 * The accept key that answers a key (RFC 6455 section 4.2.2).
	 */
	static String acceptKey(String key) {
		try {
			byte[] hash = MessageDigest.getInstance("SHA-1").digest((key + GUID).getBytes(StandardCharsets.ISO_8859_1));
			return Base64.getEncoder().encodeToString(hash);
		}
		catch (NoSuchAlgorithmException ex) {
			throw new IllegalStateException(ex);
		}
	}

	public String requestLine() {
		return this.request.startLine();
	}

	/**
	 * The request target: the path and the query.
	 */
	public String target() {
		return requestLine().split(" ")[1];
	}

	public RawHeaders headers() {
		return this.request.headers();
	}

	/**
	 * The connection, for what this class has no word for.
	 */
	public RawPeer peer() {
		return this.peer;
	}

	/**
	 * Adds a field to the 101.
	 */
	public UpstreamHandshake header(String name, String value) {
		this.responseHeaders.add(Map.entry(name, value));
		return this;
	}

	/**
	 * Chooses a subprotocol, offered or not.
	 */
	public UpstreamHandshake subprotocol(String name) {
		return header("Sec-WebSocket-Protocol", name);
	}

	/**
	 * Sends another accept key than the right one.
	 */
	public UpstreamHandshake acceptKeyOverride(String value) {
		this.acceptKey = value;
		return this;
	}

	/**
	 * Sends these frames in the same write as the 101.
	 */
	public UpstreamHandshake glue(WireFrame... frames) {
		return glue(WireFrame.encodeAll(frames));
	}

	/**
	 * Sends these bytes, such as half a frame, in the same write as the 101.
	 */
	public UpstreamHandshake glue(byte[] bytes) {
		this.glued = bytes.clone();
		return this;
	}

	/**
	 * Agrees, as a proxy, to a CONNECT, and waits for what the tunnel brings.
	 */
	public UpstreamHandshake tunnel() {
		answer("HTTP/1.1 200 OK\r\n\r\n".getBytes(StandardCharsets.ISO_8859_1));
		return new UpstreamHandshake(this.peer);
	}

	/**
	 * Answers 101, with what was added to it.
	 */
	public RawPeer acceptWebSocket() {
		List<Map.Entry<String, String>> fields = new ArrayList<>();
		fields.add(Map.entry("Upgrade", "websocket"));
		fields.add(Map.entry("Connection", "Upgrade"));
		String key = Objects.requireNonNullElse(headers().first("Sec-WebSocket-Key"), "");
		fields.add(
				Map.entry("Sec-WebSocket-Accept", Objects.requireNonNullElseGet(this.acceptKey, () -> acceptKey(key))));
		fields.addAll(this.responseHeaders);
		this.peer.send(message("101 Switching Protocols", fields, this.glued));
		return this.peer;
	}

	/**
	 * Answers 101 with more fields, such as {@code Set-Cookie}.
	 */
	public RawPeer acceptWebSocket(Map<String, String> headers) {
		headers.forEach(this::header);
		return acceptWebSocket();
	}

	/**
	 * Answers with another status, no body, and the fields added so far.
	 */
	public CompletableFuture<Void> refuse(int status) {
		return refuse(status, Map.of(), new byte[0]);
	}

	public CompletableFuture<Void> refuse(int status, String body) {
		return refuse(status, Map.of("Content-Type", "text/plain;charset=UTF-8"),
				body.getBytes(StandardCharsets.UTF_8));
	}

	/**
	 * Answers with another status and a body of any length, without waiting for anybody
	 * to read it. {@code Content-Length} is added, unless {@code Transfer-Encoding}
	 * stands among the fields and the body is thus in chunks already.
	 * @return completes when the last byte is in the socket's buffer
	 */
	public CompletableFuture<Void> refuse(int status, Map<String, String> headers, byte[] body) {
		headers.forEach(this::header);
		List<Map.Entry<String, String>> fields = new ArrayList<>(this.responseHeaders);
		if (!new RawHeaders(fields).contains("Transfer-Encoding")) {
			fields.add(Map.entry("Content-Length", String.valueOf(body.length)));
		}
		return this.peer.sendAsync(message(status + " Refused", fields, body));
	}

	/**
	 * Cuts a body into chunks of at most this many bytes, for
	 * {@code Transfer-Encoding: chunked}.
	 */
	public static byte[] chunked(int size, byte[] body) {
		StringBuilder chunks = new StringBuilder();
		for (int start = 0; start < body.length; start += size) {
			byte[] chunk = Arrays.copyOfRange(body, start, Math.min(body.length, start + size));
			chunks.append(Integer.toHexString(chunk.length)).append("\r\n");
			chunks.append(new String(chunk, StandardCharsets.ISO_8859_1)).append("\r\n");
		}
		return chunks.append("0\r\n\r\n").toString().getBytes(StandardCharsets.ISO_8859_1);
	}

	/**
	 * Answers with these bytes and nothing else.
	 */
	public CompletableFuture<Void> answer(byte[] raw) {
		return this.peer.sendAsync(raw);
	}

	public void closeWithoutAnswer() {
		this.peer.close();
	}

	@Override
	public void close() {
		closeWithoutAnswer();
	}

	private static byte[] message(String status, List<Map.Entry<String, String>> fields, byte[] body) {
		byte[] head = ("HTTP/1.1 " + status + "\r\n" + new RawHeaders(fields) + "\r\n")
			.getBytes(StandardCharsets.ISO_8859_1);
		byte[] message = Arrays.copyOf(head, head.length + body.length);
		System.arraycopy(body, 0, message, head.length, body.length);
		return message;
	}

}
