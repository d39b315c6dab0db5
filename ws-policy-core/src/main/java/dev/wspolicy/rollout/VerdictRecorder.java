package dev.wspolicy.rollout;

import org.jspecify.annotations.Nullable;

import dev.wspolicy.frame.Frame;
import dev.wspolicy.session.ObservedVerdict;

/**
 * Records what policies would have done to a session. Implemented by sessions.
 */
public interface VerdictRecorder {

	/**
	 * Records a verdict that has no effect. Safe from any thread.
	 * @param verdict the verdict
	 * @param frame the frame that the policy was shown, which may have been relayed
	 * meanwhile and is not read; {@code null} if there is none
	 */
	void record(ObservedVerdict verdict, @Nullable Frame frame);

}
