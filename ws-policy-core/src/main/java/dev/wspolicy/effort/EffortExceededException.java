package dev.wspolicy.effort;

import java.io.Serial;

/**
 * Thrown if the processing of a message exceeds its {@link Effort}.
 */
public final class EffortExceededException extends RuntimeException {

	@Serial
	private static final long serialVersionUID = 1L;

	EffortExceededException() {
		super("takes too long", null, false, false);
	}

}
