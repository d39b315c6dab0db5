package dev.wspolicy.testkit;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.DefaultHttp2HeadersFrame;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2HeadersFrame;
import org.jspecify.annotations.Nullable;

/**
 * Translates a request of HTTP/1.1 to HTTP/2, an upgrade to an extended CONNECT (RFC 8441
 * section 5), and its response back.
 */
final class Http2Exchange {

	private static final Set<String> CONNECTION_SPECIFIC = Set.of("connection", "upgrade", "sec-websocket-key", "host",
			"transfer-encoding", "keep-alive");

	/** Whether the request ends the stream, whatever it asks for. */
	private final boolean ended;

	/** The key of an upgrade, from which the response to that is made up. */
	private @Nullable String key;

	Http2Exchange(boolean ended) {
		this.ended = ended;
	}

	/**
	 * The index behind the empty line, or a negative number.
	 */
	static int endOfHead(byte[] bytes) {
		for (int i = 3; i < bytes.length; i++) {
			if (bytes[i] == '\n' && bytes[i - 1] == '\r' && bytes[i - 2] == '\n' && bytes[i - 3] == '\r') {
				return i + 1;
			}
		}
		return -1;
	}

	Http2HeadersFrame request(byte[] bytes, int end, boolean secure) throws IOException {
		HttpHead head = HttpHead.read(new ByteArrayInputStream(bytes, 0, end));
		String[] line = head.startLine().split(" ");
		boolean upgrade = head.headers().hasToken("Upgrade", "websocket");
		boolean extended = upgrade || (line[0].equals("CONNECT") && head.headers().contains("Upgrade"));
		Http2Headers headers = new DefaultHttp2Headers(false).method(upgrade ? "CONNECT" : line[0])
			.scheme(secure ? "https" : "http")
			.path(line[1]);
		String host = head.headers().first("Host");
		if (host != null) {
			headers.authority(host);
		}
		if (extended) {
			headers.set(":protocol", upgrade ? "websocket" : head.headers().first("Upgrade"));
		}
		if (upgrade) {
			String sent = head.headers().first("Sec-WebSocket-Key");
			this.key = (sent != null) ? sent : "";
		}
		for (Map.Entry<String, String> field : head.headers().fields()) {
			String name = field.getKey().toLowerCase(Locale.ROOT);
			if (!CONNECTION_SPECIFIC.contains(name)) {
				headers.add(name, field.getValue());
			}
		}
		boolean body = (extended && !this.ended) || bytes.length > end || head.headers().contains("Content-Length");
		return new DefaultHttp2HeadersFrame(headers, !body);
	}

	String response(Http2Headers headers) {
		String key = this.key;
		boolean upgraded = key != null && "200".contentEquals(headers.status());
		StringBuilder head = new StringBuilder("HTTP/1.1 ").append(upgraded ? "101" : headers.status())
			.append(" over HTTP/2\r\n");
		if (upgraded) {
			for (String line : List.of("Upgrade: websocket", "Connection: Upgrade",
					"Sec-WebSocket-Accept: " + UpstreamHandshake.acceptKey(key))) {
				head.append(line).append("\r\n");
			}
		}
		for (Map.Entry<CharSequence, CharSequence> field : headers) {
			if (field.getKey().charAt(0) != ':') {
				head.append(field.getKey()).append(": ").append(field.getValue()).append("\r\n");
			}
		}
		return head.append("\r\n").toString();
	}

}
