package dev.wspolicy.benchmarks.load;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.Locale;

/**
 * Both halves of the opening handshake. Requests and answers here are small and come
 * whole.
 */
final class Handshake {

	private static final String GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

	private static final String KEY = "dGhlIHNhbXBsZSBub25jZQ==";

	private static final String DEFLATE = "permessage-deflate";

	private static final String EXTENSION = "\r\nSec-WebSocket-Extensions: " + DEFLATE;

	private static final String END = "\r\n\r\n";

	private static final String KEY_HEADER = "\r\nsec-websocket-key:";

	private Handshake() {
	}

	static byte[] request(int port, String path, boolean compressed) {
		return ("GET " + path + " HTTP/1.1\r\nHost: localhost:" + port
				+ "\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: " + KEY
				+ "\r\nSec-WebSocket-Version: 13" + (compressed ? EXTENSION : "") + END)
			.getBytes(StandardCharsets.US_ASCII);
	}

	/**
	 * Where the answer to a request ends; fails if it is no 101, or without compression.
	 */
	static int endOfAnswer(ByteBuffer in, boolean compressed) throws IOException {
		String head = StandardCharsets.US_ASCII.decode(in.duplicate()).toString();
		int end = head.indexOf(END);
		if (!head.startsWith("HTTP/1.1 101") || end < 0) {
			throw new IOException("no 101: " + head.lines().findFirst().orElse("nothing"));
		}
		if (compressed != head.substring(0, end).contains(DEFLATE)) {
			throw new IOException("no agreement about compression");
		}
		return in.position() + end + END.length();
	}

	static void answer(ByteBuffer in, UpstreamConnection connection) throws IOException {
		String request = StandardCharsets.US_ASCII.decode(in).toString();
		int key = request.toLowerCase(Locale.ROOT).indexOf(KEY_HEADER);
		if (key < 0 || !request.endsWith(END)) {
			throw new IOException("no upgrade: " + request);
		}
		int start = key + KEY_HEADER.length();
		String accept = accept(request.substring(start, request.indexOf('\r', start)).trim());
		boolean compressed = request.contains(DEFLATE);
		connection.opened(request, compressed);
		connection.write(ByteBuffer.wrap(("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
				+ "Connection: Upgrade\r\nSec-WebSocket-Accept: " + accept + (compressed ? EXTENSION : "") + END)
			.getBytes(StandardCharsets.US_ASCII)));
	}

	private static String accept(String key) {
		try {
			MessageDigest sha1 = MessageDigest.getInstance("SHA-1");
			return Base64.getEncoder().encodeToString(sha1.digest((key + GUID).getBytes(StandardCharsets.US_ASCII)));
		}
		catch (NoSuchAlgorithmException ex) {
			throw new IllegalStateException("every JDK has SHA-1", ex);
		}
	}

}
