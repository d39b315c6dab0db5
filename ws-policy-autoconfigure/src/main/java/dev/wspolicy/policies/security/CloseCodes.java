package dev.wspolicy.policies.security;

import dev.wspolicy.frame.CloseStatus;

/**
 * Reads the settings that say how a client is sent away.
 */
final class CloseCodes {

	private CloseCodes() {
	}

	static CloseStatus read(int code, String reason) {
		if (!CloseStatus.isValidOnTheWire(code)) {
			throw new IllegalArgumentException(
					"code: " + code + " (expected: 1000 to 1003, 1007 to 1014, or 3000 to 4999)");
		}
		return CloseStatus.of(code, reason);
	}

}
