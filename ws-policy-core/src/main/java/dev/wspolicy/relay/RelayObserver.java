package dev.wspolicy.relay;

import dev.wspolicy.frame.Direction;
import dev.wspolicy.pipeline.PolicyBinding;
import dev.wspolicy.pipeline.SessionPipeline;
import dev.wspolicy.session.Side;
import dev.wspolicy.session.Termination;

/**
 * Observes a relay. Called on the relay's thread.
 */
public interface RelayObserver {

	/**
	 * A policy has failed.
	 * @param direction the direction of the frame it was shown
	 * @param binding the policy
	 * @param failure what it threw, or what was wrong with its verdict
	 */
	void onPolicyFailure(Direction direction, PolicyBinding binding, Throwable failure);

	/**
	 * A peer has not answered a heartbeat. The session is about to be closed.
	 * @param side the side that is silent
	 */
	void onHeartbeatMissed(Side side);

	/**
	 * A direction has switched to another pipeline, and no longer uses the one before.
	 * The relay must not be called from here.
	 * @param direction the direction
	 * @param pipeline the pipeline that it uses now
	 */
	void onPipelineSwitched(Direction direction, SessionPipeline pipeline);

	/**
	 * The session begins to close. Called once.
	 */
	void onEnding();

	/**
	 * Both legs are gone. Called once; the relay does nothing more.
	 * @param termination how the session ended
	 */
	void onTerminated(Termination termination);

}
