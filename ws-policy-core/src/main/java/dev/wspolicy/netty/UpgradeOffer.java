package dev.wspolicy.netty;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpHeaders;
import org.jspecify.annotations.Nullable;

import dev.wspolicy.pipeline.Compression;

/**
 * What the gateway offers an upstream in one upgrade request, and what the upstream may
 * answer (<a href="https://www.rfc-editor.org/rfc/rfc6455#section-4.1">RFC 6455, section
 * 4.1</a>).
 */
final class UpgradeOffer {

	private static final String ACCEPT_GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

	private final String key = newKey();

	private final List<String> subprotocols;

	private final Compression compression;

	UpgradeOffer(List<String> subprotocols, Compression compression) {
		this.subprotocols = List.copyOf(subprotocols);
		this.compression = compression;
	}

	/**
	 * Sets the headers of the request, spelled as in RFC 6455: some devices compare them
	 * case-sensitively.
	 * @param headers the headers to send
	 */
	void writeTo(HttpHeaders headers) {
		headers.set("Connection", "Upgrade");
		headers.set("Upgrade", "websocket");
		headers.set("Sec-WebSocket-Version", "13");
		headers.set("Sec-WebSocket-Key", this.key);
		if (!this.subprotocols.isEmpty()) {
			headers.set("Sec-WebSocket-Protocol", String.join(", ", this.subprotocols));
		}
		String extensions = PerMessageDeflate.offer(this.compression);
		if (extensions != null) {
			headers.set("Sec-WebSocket-Extensions", extensions);
		}
	}

	/**
	 * Checks a 101.
	 * @param headers the headers of the answer
	 * @return why it does not answer this offer, or {@code null} if it does
	 */
	@Nullable String problemOf(HttpHeaders headers) {
		if (!headers.containsValue(HttpHeaderNames.UPGRADE, HttpHeaderValues.WEBSOCKET, true)) {
			return "no 'Upgrade: websocket'";
		}
		if (!headers.containsValue(HttpHeaderNames.CONNECTION, HttpHeaderValues.UPGRADE, true)) {
			return "no 'Connection: upgrade'";
		}
		if (!List.of(acceptOf(this.key)).equals(headers.getAll(HttpHeaderNames.SEC_WEBSOCKET_ACCEPT))) {
			return "wrong Sec-WebSocket-Accept";
		}
		List<String> chosen = valuesOf(headers, HttpHeaderNames.SEC_WEBSOCKET_PROTOCOL);
		if (chosen.size() > 1) {
			return "more than one subprotocol";
		}
		if (!this.subprotocols.containsAll(chosen)) {
			return "a subprotocol that was not offered";
		}
		if (!valuesOf(headers, HttpHeaderNames.SEC_WEBSOCKET_EXTENSIONS).isEmpty() && agreedDeflate(headers) == null) {
			return "an extension that was not offered";
		}
		return null;
	}

	/** Returns the subprotocol that the upstream has chosen. */
	@Nullable String agreedSubprotocol(HttpHeaders headers) {
		List<String> chosen = valuesOf(headers, HttpHeaderNames.SEC_WEBSOCKET_PROTOCOL);
		return chosen.isEmpty() ? null : chosen.get(0);
	}

	/** Returns what has been agreed about compression. */
	@Nullable PerMessageDeflate agreedDeflate(HttpHeaders headers) {
		List<String> extensions = valuesOf(headers, HttpHeaderNames.SEC_WEBSOCKET_EXTENSIONS);
		return extensions.isEmpty() ? null : PerMessageDeflate.agreed(extensions, this.compression);
	}

	/** Returns the values of a header; an empty one means the same as none. */
	private static List<String> valuesOf(HttpHeaders headers, CharSequence name) {
		return headers.getAll(name).stream().filter((value) -> !value.isBlank()).toList();
	}

	private static String newKey() {
		byte[] nonce = new byte[16];
		ThreadLocalRandom.current().nextBytes(nonce);
		return Base64.getEncoder().encodeToString(nonce);
	}

	/**
	 * Computes the answer that proves that a key was understood.
	 * @param key the value of {@code Sec-WebSocket-Key}
	 * @return the value of {@code Sec-WebSocket-Accept}
	 */
	private static String acceptOf(String key) {
		try {
			MessageDigest sha1 = MessageDigest.getInstance("SHA-1");
			byte[] digest = sha1.digest((key + ACCEPT_GUID).getBytes(StandardCharsets.US_ASCII));
			return Base64.getEncoder().encodeToString(digest);
		}
		catch (NoSuchAlgorithmException ex) {
			throw new IllegalStateException("every JDK has SHA-1", ex);
		}
	}

}
