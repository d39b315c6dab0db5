package dev.wspolicy.relay;

import dev.wspolicy.frame.Frame;
import dev.wspolicy.policy.IllegalVerdictException;
import dev.wspolicy.policy.VerdictRules;

/**
 * The frames that can be inserted between those that a relay forwards.
 */
public final class SendableFrames {

	private SendableFrames() {
	}

	/**
	 * Checks a frame for {@link Relay#send}.
	 * @param frame the frame
	 * @throws IllegalArgumentException if it is a fragment or a close frame
	 */
	public static void check(Frame frame) {
		try {
			VerdictRules.checkInserted(frame);
		}
		catch (IllegalVerdictException ex) {
			throw new IllegalArgumentException(ex.getMessage(), ex);
		}
	}

}
