package dev.wspolicy.netty;

/**
 * An upstream has answered the handshake with a 101 that RFC 6455 does not allow, or not
 * at all.
 */
public final class UpstreamHandshakeException extends RuntimeException {

	private static final long serialVersionUID = 1L;

	/**
	 * An exception.
	 * @param message what is wrong
	 */
	UpstreamHandshakeException(String message) {
		super(message, null, false, false);
	}

}
