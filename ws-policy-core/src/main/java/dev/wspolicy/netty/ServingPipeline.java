package dev.wspolicy.netty;

import java.util.List;
import java.util.function.Function;

import org.jspecify.annotations.Nullable;

import dev.wspolicy.frame.Direction;
import dev.wspolicy.pipeline.SessionPipeline;
import dev.wspolicy.policy.FramePolicy;
import dev.wspolicy.rollout.Rollout;

/**
 * The pipeline that serves a session, or will after the messages that are under way.
 * Replaced on the event loop, and read from any thread.
 */
final class ServingPipeline {

	private final NettySession session;

	private final SessionCallbacks callbacks;

	private volatile SessionPipeline pipeline;

	/** Null unless the pipeline has been replaced. */
	private @Nullable PipelineSwitch pipelineSwitch;

	/** Whether the pipeline is being replaced further up on the stack. */
	private boolean replacing;

	ServingPipeline(NettySession session, SessionCallbacks callbacks, SessionPipeline pipeline) {
		this.session = session;
		this.callbacks = callbacks;
		this.pipeline = pipeline;
	}

	SessionPipeline get() {
		return this.pipeline;
	}

	/**
	 * Replaces the pipeline, unless the session is about to end.
	 * @param successors called with the pipeline that serves until then; returns its
	 * successor, or {@code null} to keep it
	 * @param driver the driver of the session
	 */
	void replace(Function<SessionPipeline, @Nullable SessionPipeline> successors, RelayDriver driver) {
		if (this.replacing) {
			// A callback of a switch has begun another one.
			driver.runSoon(() -> this.session.switchPipeline(successors));
			return;
		}
		this.replacing = true;
		try {
			SessionPipeline successor = this.session.isOpen() ? successors.apply(this.pipeline) : null;
			if (successor != null) {
				replace(successor, driver);
			}
		}
		finally {
			this.replacing = false;
		}
	}

	private void replace(SessionPipeline successor, RelayDriver driver) {
		PipelineSwitch pipelineSwitch = this.pipelineSwitch;
		if (pipelineSwitch == null) {
			pipelineSwitch = new PipelineSwitch(this.session, this.pipeline);
			this.pipelineSwitch = pipelineSwitch;
		}
		this.pipeline = successor;
		pipelineSwitch.begin(successor).forEach(this.callbacks::begin);
		driver.relay().switchPipeline(successor);
		detachPolicies();
		this.callbacks.changed();
	}

	/** A direction is served by a pipeline from now on. */
	void switched(Direction direction, SessionPipeline pipeline, RelayDriver driver) {
		if (this.pipelineSwitch != null) {
			this.pipelineSwitch.serves(direction, pipeline);
			// Not at once, because a policy may do anything with the session.
			driver.runSoon(this::detachPolicies);
		}
	}

	/** Detaches the policies that will see no frame of the session any more. */
	private void detachPolicies() {
		if (this.pipelineSwitch != null) {
			this.pipelineSwitch.detach().forEach(this.callbacks::detach);
			this.pipelineSwitch.forget().forEach((policy) -> Rollout.forget(policy, this.session));
		}
	}

	/**
	 * The session has ended.
	 * @return the policies that are to be told: their onOpen has been called, and they
	 * have not been detached
	 */
	List<FramePolicy> end() {
		PipelineSwitch pipelineSwitch = this.pipelineSwitch;
		if (pipelineSwitch == null) {
			return this.pipeline.policies();
		}
		this.pipelineSwitch = null;
		pipelineSwitch.succeeded().forEach((policy) -> Rollout.forget(policy, this.session));
		return pipelineSwitch.opened();
	}

}
