package dev.wspolicy.netty;

import java.io.IOException;

/**
 * An upstream has answered the handshake with a 101 that RFC 6455 does not allow, or not
 * at all. An {@link IOException}, as it is when an HTTP request fails this way: filters
 * that try again look for that.
 */
public final class UpstreamHandshakeException extends IOException {

	private static final long serialVersionUID = 1L;

	/**
	 * An exception.
	 * @param message what is wrong
	 */
	UpstreamHandshakeException(String message) {
		super(message);
	}

	/** Where it was thrown tells nothing. */
	@Override
	public synchronized Throwable fillInStackTrace() {
		return this;
	}

}
