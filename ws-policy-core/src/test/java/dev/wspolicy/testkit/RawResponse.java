package dev.wspolicy.testkit;

import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;

/**
 * An HTTP/1.1 response, its body freed of any chunks.
 *
 * @param status the status code
 * @param reason the reason phrase, maybe empty
 * @param headers the header fields as sent
 * @param body the whole body
 */
public record RawResponse(int status, String reason, RawHeaders headers, byte[] body) {

	private static final int SHOWN_CHARS = 2000;

	/**
	 * Reads a response to a request of this method (RFC 9112 section 6.3).
	 */
	static RawResponse read(InputStream input, String method) throws IOException {
		HttpHead head = HttpHead.read(input);
		String[] parts = head.startLine().split(" ", 3);
		if (parts.length < 2 || !parts[0].startsWith("HTTP/1.") || !parts[1].matches("\\d{3}")) {
			throw new IOException("Not a status line: '" + head.startLine() + "'");
		}
		int status = Integer.parseInt(parts[1]);
		boolean empty = method.equals("HEAD") || status < 200 || status == 204 || status == 304;
		byte[] body = empty ? new byte[0] : readBody(input, head.headers());
		return new RawResponse(status, (parts.length > 2) ? parts[2] : "", head.headers(), body);
	}

	public String bodyAsText() {
		return new String(this.body, StandardCharsets.UTF_8);
	}

	private static byte[] readBody(InputStream input, RawHeaders headers) throws IOException {
		if (headers.hasToken("Transfer-Encoding", "chunked")) {
			return readChunks(input);
		}
		String length = headers.first("Content-Length");
		return (length != null) ? readExactly(input, Integer.parseInt(length)) : input.readAllBytes();
	}

	private static byte[] readChunks(InputStream input) throws IOException {
		ByteArrayOutputStream body = new ByteArrayOutputStream();
		int size;
		do {
			size = Integer.parseInt(HttpHead.readLine(input).split(";", 2)[0].trim(), 16);
			body.write(readExactly(input, size));
			// After the last chunk come the trailer fields and an empty line
			String line = HttpHead.readLine(input);
			while (!line.isEmpty()) {
				if (size != 0) {
					throw new IOException("A chunk longer than its size of " + size);
				}
				line = HttpHead.readLine(input);
			}
		}
		while (size != 0);
		return body.toByteArray();
	}

	private static byte[] readExactly(InputStream input, int length) throws IOException {
		byte[] bytes = input.readNBytes(length);
		if (bytes.length < length) {
			throw new EOFException("The body ended after " + bytes.length + " of " + length + " bytes");
		}
		return bytes;
	}

	/**
	 * The response for assertion messages, with the start of its body.
	 */
	@Override
	public String toString() {
		String text = bodyAsText();
		String shown = (text.length() <= SHOWN_CHARS) ? text : text.substring(0, SHOWN_CHARS) + "...";
		return this.status + " " + this.reason + "\r\n" + this.headers + "\r\n" + shown;
	}

}
