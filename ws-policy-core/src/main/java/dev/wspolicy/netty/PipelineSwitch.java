package dev.wspolicy.netty;

import java.util.ArrayList;
import java.util.List;

import org.jspecify.annotations.Nullable;

import dev.wspolicy.frame.Direction;
import dev.wspolicy.pipeline.SessionPipeline;
import dev.wspolicy.policy.FramePolicy;
import dev.wspolicy.policy.PolicyMode;
import dev.wspolicy.rollout.Rollout;
import dev.wspolicy.session.ProxiedSession;

/**
 * Tracks the policies of a session whose pipeline has been replaced. A direction with a
 * message under way switches to the latest pipeline when that message has ended, so up to
 * three pipelines serve at a time. The policies of all others are detached. Policies are
 * compared by identity.
 */
final class PipelineSwitch {

	/** The policies whose onOpen has been called, and that are not detached. */
	private final List<FramePolicy> opened;

	/**
	 * Policies that have been succeeded by themselves in another stage of their rollout.
	 * They may still be shown the end of a message.
	 */
	private final List<FramePolicy> succeeded = new ArrayList<>(0);

	private final ProxiedSession session;

	/** The pipeline that serves the inbound direction. */
	private SessionPipeline inbound;

	/** The pipeline that serves the outbound direction. */
	private SessionPipeline outbound;

	/** The pipeline that serves each direction once no message is under way there. */
	private SessionPipeline latest;

	PipelineSwitch(ProxiedSession session, SessionPipeline first) {
		this.session = session;
		this.opened = new ArrayList<>(first.policies());
		this.inbound = first;
		this.outbound = first;
		this.latest = first;
	}

	/**
	 * Starts a switch to another pipeline.
	 * @param successor the pipeline
	 * @return those of its policies that begin to serve the session
	 */
	List<Beginning> begin(SessionPipeline successor) {
		this.latest = successor;
		List<Beginning> added = new ArrayList<>();
		for (FramePolicy policy : successor.policies()) {
			if (!isAmong(this.opened, policy)) {
				FramePolicy former = former(policy);
				this.succeeded.removeIf((other) -> other == policy);
				if (former != null) {
					this.opened.removeIf((other) -> other == former);
					this.succeeded.add(former);
				}
				this.opened.add(policy);
				added.add(new Beginning(policy, former));
			}
		}
		return added;
	}

	/** Returns the same policy in the stage of its rollout that is about to end. */
	private @Nullable FramePolicy former(FramePolicy policy) {
		if (Rollout.modeOf(policy, this.session) == PolicyMode.OFF) {
			return null;
		}
		return this.opened.stream()
			.filter((other) -> Rollout.unwrap(other) == Rollout.unwrap(policy)
					&& Rollout.modeOf(other, this.session) != PolicyMode.OFF && !isAmong(this.latest.policies(), other))
			.findFirst()
			.orElse(null);
	}

	/** Records that a direction has switched to a pipeline. */
	void serves(Direction direction, SessionPipeline pipeline) {
		if (direction == Direction.INBOUND) {
			this.inbound = pipeline;
		}
		else {
			this.outbound = pipeline;
		}
	}

	/** Removes and returns the policies that will not be shown a frame any more. */
	List<FramePolicy> detach() {
		return removeNotNeeded(this.opened);
	}

	/**
	 * Removes and returns the policies that have been succeeded and will not be shown a
	 * frame any more.
	 */
	List<FramePolicy> forget() {
		return removeNotNeeded(this.succeeded);
	}

	private List<FramePolicy> removeNotNeeded(List<FramePolicy> policies) {
		List<FramePolicy> removed = policies.stream().filter((policy) -> !isNeeded(policy)).toList();
		policies.removeIf((policy) -> isAmong(removed, policy));
		return removed;
	}

	/** Returns the policies whose onOpen has been called, and that are not detached. */
	List<FramePolicy> opened() {
		return List.copyOf(this.opened);
	}

	/** Returns the policies that have been succeeded and not been forgotten yet. */
	List<FramePolicy> succeeded() {
		return List.copyOf(this.succeeded);
	}

	private boolean isNeeded(FramePolicy policy) {
		return isAmong(this.latest.policies(), policy) || serves(this.inbound, Direction.INBOUND, policy)
				|| serves(this.outbound, Direction.OUTBOUND, policy);
	}

	private static boolean serves(SessionPipeline pipeline, Direction direction, FramePolicy policy) {
		// All policies of a direction have a binding for control frames. Those that are
		// shown no frame can go at once.
		return pipeline.policies(direction)
			.control()
			.bindings()
			.stream()
			.anyMatch((binding) -> binding.policy() == policy && !binding.shown().isEmpty());
	}

	private static boolean isAmong(List<FramePolicy> policies, FramePolicy policy) {
		return policies.stream().anyMatch((other) -> other == policy);
	}

	/**
	 * A policy that begins to serve the session.
	 *
	 * @param policy the policy
	 * @param former the same policy in another stage of its rollout, which has served the
	 * session so far, or {@code null}
	 */
	record Beginning(FramePolicy policy, @Nullable FramePolicy former) {

	}

}
