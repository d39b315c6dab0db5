package dev.wspolicy.observation;

import org.jspecify.annotations.Nullable;

import dev.wspolicy.frame.CloseStatus;
import dev.wspolicy.session.Termination;

/**
 * Maps close codes to the values of a meter tag. The codes of RFC 6455 keep their number,
 * registered and private codes become {@code 3xxx} and {@code 4xxx}, and codes that are
 * not allowed in a close frame become {@code invalid}.
 */
final class CloseCodeTag {

	static final String NONE = "none";

	private static final String INVALID = "invalid";

	private CloseCodeTag() {
	}

	/**
	 * Return the tag of the code that ended a session: the code that the initiator sent
	 * or, if the gateway initiated the close, the code that the client got.
	 */
	static String of(Termination termination) {
		CloseStatus decisive = switch (termination.initiator()) {
			case CLIENT -> termination.fromClient();
			case UPSTREAM -> termination.fromUpstream();
			case GATEWAY -> termination.toClient();
		};
		return of(decisive);
	}

	static String of(@Nullable CloseStatus status) {
		if (status == null || status.isEmpty()) {
			return NONE;
		}
		if (!status.isValid()) {
			return INVALID;
		}
		int code = status.code();
		return (code < 3000) ? Integer.toString(code) : code / 1000 + "xxx";
	}

}
