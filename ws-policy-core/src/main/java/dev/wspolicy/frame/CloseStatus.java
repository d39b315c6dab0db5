package dev.wspolicy.frame;

import java.nio.charset.StandardCharsets;

import org.jspecify.annotations.Nullable;

/**
 * The code and reason of a close frame
 * (<a href="https://www.rfc-editor.org/rfc/rfc6455#section-7.4">RFC 6455, section
 * 7.4</a>).
 * <p>
 * The factory methods create only what a close frame may carry; no other class checks
 * close codes. A reason that takes more than 123 bytes of UTF-8 is cut after the last
 * whole character that fits. {@link #EMPTY} is the close frame without a status.
 * {@link CloseFrame#received()} returns what a peer has sent even if it is not valid;
 * such a status cannot be sent.
 */
public final class CloseStatus {

	/**
	 * The codes that a close frame may carry, in words: those of RFC 6455, section 7.4.1,
	 * with 1012 to 1014, which IANA has registered since, and those of section 7.4.2 that
	 * libraries and applications may use.
	 */
	public static final String CODES = "1000 to 1003, 1007 to 1014 or 3000 to 4999";

	/**
	 * The number of UTF-8 bytes that a reason may have.
	 */
	public static final int MAX_REASON_BYTES = 123;

	private static final int NO_STATUS_CODE = 1005;

	/**
	 * A close frame without code and reason. Its {@link #code()} is {@code 1005}, which
	 * no close frame carries.
	 */
	public static final CloseStatus EMPTY = new CloseStatus(NO_STATUS_CODE, "");

	/**
	 * 1000: the connection has served its purpose.
	 */
	public static final CloseStatus NORMAL = new CloseStatus(1000, "");

	/**
	 * 1001: an endpoint is going away.
	 */
	public static final CloseStatus GOING_AWAY = new CloseStatus(1001, "");

	/**
	 * 1002: the peer violated the protocol.
	 */
	public static final CloseStatus PROTOCOL_ERROR = new CloseStatus(1002, "");

	/**
	 * 1003: the peer sent a type of data that is not accepted.
	 */
	public static final CloseStatus UNSUPPORTED_DATA = new CloseStatus(1003, "");

	/**
	 * 1007: the peer sent data that does not match its type, such as text that is not
	 * UTF-8.
	 */
	public static final CloseStatus INVALID_PAYLOAD = new CloseStatus(1007, "");

	/**
	 * 1008: the peer violated a policy.
	 */
	public static final CloseStatus POLICY_VIOLATION = new CloseStatus(1008, "");

	/**
	 * 1009: the peer sent a message that is too big.
	 */
	public static final CloseStatus TOO_BIG = new CloseStatus(1009, "");

	/**
	 * 1011: an unexpected condition prevented the endpoint from doing its work.
	 */
	public static final CloseStatus INTERNAL_ERROR = new CloseStatus(1011, "");

	/**
	 * 1012: the service is restarting.
	 */
	public static final CloseStatus SERVICE_RESTART = new CloseStatus(1012, "");

	/**
	 * 1013: the service is overloaded; try again later.
	 */
	public static final CloseStatus TRY_AGAIN_LATER = new CloseStatus(1013, "");

	private final int code;

	private final String reason;

	private CloseStatus(int code, String reason) {
		this.code = code;
		this.reason = cut(reason);
	}

	/**
	 * Returns the status that a peer has sent, valid or not.
	 */
	static CloseStatus received(int code, String reason) {
		return new CloseStatus(code, reason);
	}

	/**
	 * Returns a status without a reason.
	 * @param code the status code
	 * @return the status
	 * @throws IllegalArgumentException if a close frame may not carry the code: anything
	 * but {@link #CODES}
	 */
	public static CloseStatus of(int code) {
		return of(code, "");
	}

	/**
	 * Returns a status.
	 * @param code the status code
	 * @param reason the reason, cut at 123 bytes of UTF-8
	 * @return the status
	 * @throws IllegalArgumentException if a close frame may not carry the code: anything
	 * but {@link #CODES}
	 */
	public static CloseStatus of(int code, String reason) {
		if (!isValid(code)) {
			throw new IllegalArgumentException("code: " + code + " (expected: " + CODES + ")");
		}
		return new CloseStatus(code, reason);
	}

	/**
	 * Returns the status code.
	 * @return the code; {@code 1005} for {@link #EMPTY}
	 */
	public int code() {
		return this.code;
	}

	/**
	 * Returns the reason.
	 * @return the reason, at most 123 bytes of UTF-8; empty if there is none
	 */
	public String reason() {
		return this.reason;
	}

	/**
	 * Returns this status with another reason.
	 * @param reason the reason, cut at 123 bytes of UTF-8
	 * @return the status
	 * @throws IllegalArgumentException if this is {@link #EMPTY} and there is a reason
	 */
	public CloseStatus withReason(String reason) {
		if (!isEmpty()) {
			return of(this.code, reason);
		}
		if (!reason.isEmpty()) {
			throw new IllegalArgumentException("reason: " + reason + " (expected: none without a code)");
		}
		return this;
	}

	/**
	 * Whether this is the status of a close frame without one.
	 * @return {@code true} if there is no code
	 */
	public boolean isEmpty() {
		return this.code == NO_STATUS_CODE;
	}

	/**
	 * Whether a close frame may carry this status. Only one that a peer has sent in
	 * violation of the RFC is not valid.
	 * @return {@code true} if the status can be sent
	 */
	public boolean isValid() {
		return isValid(this.code) || (isEmpty() && this.reason.isEmpty());
	}

	/**
	 * Checks that a close frame may carry this status.
	 * @return this status
	 * @throws IllegalArgumentException if it is not {@linkplain #isValid() valid}
	 */
	public CloseStatus requireValid() {
		if (!isValid()) {
			throw new IllegalArgumentException("status: " + this + " (expected: " + CODES + ", or none)");
		}
		return this;
	}

	private static boolean isValid(int code) {
		return (code >= 1000 && code <= 1003) || (code >= 1007 && code <= 1014) || (code >= 3000 && code <= 4999);
	}

	private static String cut(String reason) {
		// A char takes at most three bytes, so most reasons need not be encoded.
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
	public boolean equals(@Nullable Object other) {
		return other instanceof CloseStatus that && this.code == that.code && this.reason.equals(that.reason);
	}

	@Override
	public int hashCode() {
		return 31 * this.code + this.reason.hashCode();
	}

	@Override
	public String toString() {
		if (isEmpty()) {
			return "(no status)";
		}
		return this.reason.isEmpty() ? Integer.toString(this.code) : this.code + " " + this.reason;
	}

}
