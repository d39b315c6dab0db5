package dev.wspolicy.frame;

import java.nio.charset.StandardCharsets;

/**
 * Why a WebSocket connection closes: the code and reason of a close frame, see
 * <a href="https://www.rfc-editor.org/rfc/rfc6455#section-7.4">RFC 6455, section 7.4</a>.
 * <p>
 * Only statuses that may stand on the wire can be made: 1000 to 1003, 1007 to 1014 and
 * 3000 to 4999. A reason longer than the 123 bytes that a close frame has room for is cut
 * at the last whole character. {@link #EMPTY} is the close frame without a status.
 *
 * @param code the status code, or {@code 1005} for {@link #EMPTY}
 * @param reason the reason, never {@code null}, at most 123 bytes of UTF-8
 */
public record CloseStatus(int code, String reason) {

	/**
	 * The number of UTF-8 bytes that a reason may have.
	 */
	public static final int MAX_REASON_BYTES = 123;

	private static final int NO_STATUS_CODE = 1005;

	/**
	 * A close frame without code and reason; {@link #code()} is {@code 1005}, which never
	 * stands on the wire.
	 */
	public static final CloseStatus EMPTY = new CloseStatus(NO_STATUS_CODE, "");

	/**
	 * 1000: the purpose of the connection is fulfilled.
	 */
	public static final CloseStatus NORMAL = new CloseStatus(1000, "");

	/**
	 * 1001: an endpoint goes away.
	 */
	public static final CloseStatus GOING_AWAY = new CloseStatus(1001, "");

	/**
	 * 1002: the peer broke the protocol.
	 */
	public static final CloseStatus PROTOCOL_ERROR = new CloseStatus(1002, "");

	/**
	 * 1003: the peer sent a type of data that is not accepted.
	 */
	public static final CloseStatus UNSUPPORTED_DATA = new CloseStatus(1003, "");

	/**
	 * 1007: the peer sent data that does not fit its type, text that is not UTF-8 for
	 * one.
	 */
	public static final CloseStatus INVALID_PAYLOAD = new CloseStatus(1007, "");

	/**
	 * 1008: the peer broke a policy.
	 */
	public static final CloseStatus POLICY_VIOLATION = new CloseStatus(1008, "");

	/**
	 * 1009: the peer sent a message that is too big.
	 */
	public static final CloseStatus TOO_BIG = new CloseStatus(1009, "");

	/**
	 * 1011: an unexpected condition kept the endpoint from doing its work.
	 */
	public static final CloseStatus INTERNAL_ERROR = new CloseStatus(1011, "");

	/**
	 * 1012: the service restarts.
	 */
	public static final CloseStatus SERVICE_RESTART = new CloseStatus(1012, "");

	/**
	 * 1013: the service is overloaded; try again later.
	 */
	public static final CloseStatus TRY_AGAIN_LATER = new CloseStatus(1013, "");

	public CloseStatus {
		if (code == NO_STATUS_CODE && !reason.isEmpty()) {
			throw new IllegalArgumentException("reason: a close frame without a code has no reason");
		}
		if (code != NO_STATUS_CODE && !isValidOnTheWire(code)) {
			throw new IllegalArgumentException(
					"code: " + code + " (expected: 1000 to 1003, 1007 to 1014 or 3000 to 4999)");
		}
		reason = cut(reason);
	}

	/**
	 * A status without a reason.
	 * @param code the status code, 1005 for {@link #EMPTY}
	 * @return the status
	 * @throws IllegalArgumentException if any other code may not stand in a close frame
	 */
	public static CloseStatus of(int code) {
		return new CloseStatus(code, "");
	}

	/**
	 * A status.
	 * @param code the status code, 1005 for {@link #EMPTY}
	 * @param reason the reason, cut at 123 bytes of UTF-8
	 * @return the status
	 * @throws IllegalArgumentException if any other code may not stand in a close frame,
	 * or there is a reason with 1005
	 */
	public static CloseStatus of(int code, String reason) {
		return new CloseStatus(code, reason);
	}

	/**
	 * This status with another reason.
	 * @param reason the reason, cut at 123 bytes of UTF-8
	 * @return the status
	 * @throws IllegalArgumentException if this is {@link #EMPTY}, which has no reason
	 */
	public CloseStatus withReason(String reason) {
		return new CloseStatus(this.code, reason);
	}

	/**
	 * Whether this is {@link #EMPTY}, the close frame without a status.
	 * @return {@code true} if there is neither code nor reason
	 */
	public boolean isEmpty() {
		return this.code == NO_STATUS_CODE;
	}

	/**
	 * Whether a code may stand in a close frame (RFC 6455, section 7.4, with the codes
	 * 1012 to 1014 that IANA has registered since).
	 * @param code the code
	 * @return {@code true} if it may
	 */
	public static boolean isValidOnTheWire(int code) {
		return (code >= 1000 && code <= 1003) || (code >= 1007 && code <= 1014) || (code >= 3000 && code <= 4999);
	}

	private static String cut(String reason) {
		// At most three bytes per char: most reasons need no look at their bytes.
		if (reason.length() * 3 <= MAX_REASON_BYTES
				|| reason.getBytes(StandardCharsets.UTF_8).length <= MAX_REASON_BYTES) {
			return reason;
		}
		int bytes = 0;
		int end = 0;
		while (end < reason.length()) {
			int character = reason.codePointAt(end);
			bytes += utf8Length(character);
			if (bytes > MAX_REASON_BYTES) {
				break;
			}
			end += Character.charCount(character);
		}
		return reason.substring(0, end);
	}

	private static int utf8Length(int character) {
		if (character < 0x80) {
			return 1;
		}
		if (character < 0x800) {
			return 2;
		}
		return (character < 0x10000) ? 3 : 4;
	}

	@Override
	public String toString() {
		if (isEmpty()) {
			return "(no status)";
		}
		return this.reason.isEmpty() ? Integer.toString(this.code) : this.code + " " + this.reason;
	}

}
