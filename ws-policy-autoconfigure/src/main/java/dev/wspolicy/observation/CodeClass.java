package dev.wspolicy.observation;

import org.jspecify.annotations.Nullable;

import dev.wspolicy.frame.CloseStatus;
import dev.wspolicy.session.Termination;

/**
 * Close codes in few enough classes to be a tag: those of RFC 6455 one by one, registered
 * and private ones as {@code 3xxx} and {@code 4xxx}.
 */
final class CodeClass {

	static final String NONE = "none";

	private CodeClass() {
	}

	/**
	 * The class of the code that ended a session: what its initiator sent; the client was
	 * sent, if that was the gateway.
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
		int code = status.code();
		return (code < 3000) ? Integer.toString(code) : code / 1000 + "xxx";
	}

}
