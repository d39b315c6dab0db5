package dev.wspolicy.testkit;

import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * The start line and the header fields of an HTTP/1.1 message.
 *
 * @param startLine the request line or status line
 * @param headers the header fields
 */
record HttpHead(String startLine, RawHeaders headers) {

	/**
	 * Reads up to and with the empty line, and not a byte more.
	 */
	static HttpHead read(InputStream input) throws IOException {
		String startLine = readLine(input);
		List<String> lines = new ArrayList<>();
		for (String line = readLine(input); !line.isEmpty(); line = readLine(input)) {
			lines.add(line);
		}
		return new HttpHead(startLine, RawHeaders.parse(lines));
	}

	static String readLine(InputStream input) throws IOException {
		ByteArrayOutputStream line = new ByteArrayOutputStream();
		for (int next = input.read(); next != '\n'; next = input.read()) {
			if (next == -1) {
				throw new EOFException("The stream ended in the line '" + latin1(line) + "'");
			}
			line.write(next);
		}
		String text = latin1(line);
		if (!text.endsWith("\r")) {
			throw new IOException("A line without CR: '" + text + "'");
		}
		return text.substring(0, text.length() - 1);
	}

	private static String latin1(ByteArrayOutputStream bytes) {
		return bytes.toString(StandardCharsets.ISO_8859_1);
	}

}
