package dev.wspolicy.recording;

import java.io.Serial;

import org.jspecify.annotations.Nullable;

/**
 * A line of a recording cannot be read.
 */
public final class InvalidRecordingException extends RuntimeException {

	@Serial
	private static final long serialVersionUID = 1L;

	private final long line;

	InvalidRecordingException(long line, String message, @Nullable Throwable cause) {
		super(message, cause);
		this.line = line;
	}

	/**
	 * Returns the number of the line.
	 * @return the number, 1 for the first line
	 */
	public long line() {
		return this.line;
	}

}
