package dev.wspolicy.frame;

/**
 * Payloads of control frames, which hold at most 125 bytes
 * (<a href="https://www.rfc-editor.org/rfc/rfc6455#section-5.5">RFC 6455, section
 * 5.5</a>).
 */
final class ControlPayload {

	static final int MAX_LENGTH = 125;

	private ControlPayload() {
	}

	static Payload of(byte[] bytes) {
		if (bytes.length > MAX_LENGTH) {
			throw new IllegalArgumentException("bytes: " + bytes.length + " (expected: at most " + MAX_LENGTH + ")");
		}
		return new HeapPayload(bytes.clone());
	}

}
