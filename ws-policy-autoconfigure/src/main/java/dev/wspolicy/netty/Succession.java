package dev.wspolicy.netty;

import java.util.ArrayList;
import java.util.List;

import dev.wspolicy.frame.Direction;
import dev.wspolicy.pipeline.SessionPipeline;
import dev.wspolicy.policy.FramePolicy;

/**
 * The policies of a session whose pipeline is replaced while it lives. A direction that
 * has a message under way takes on the latest pipeline once that has ended, so up to
 * three serve at a time; the policies of all others are let go. Policies are told apart
 * by identity.
 */
final class Succession {

	/** Those that have heard of the opening, and not of the end. */
	private final List<FramePolicy> opened;

	/** What serves the inbound direction now. */
	private SessionPipeline inbound;

	/** What serves the outbound direction now. */
	private SessionPipeline outbound;

	/** What serves both, once no message of theirs is under way. */
	private SessionPipeline latest;

	Succession(SessionPipeline first) {
		this.opened = new ArrayList<>(first.policies());
		this.inbound = first;
		this.outbound = first;
		this.latest = first;
	}

	/**
	 * Another pipeline is to serve.
	 * @param successor the pipeline
	 * @return those of its policies that have not heard of the opening yet
	 */
	List<FramePolicy> begin(SessionPipeline successor) {
		this.latest = successor;
		List<FramePolicy> added = successor.policies()
			.stream()
			.filter((policy) -> !isAmong(this.opened, policy))
			.toList();
		this.opened.addAll(added);
		return added;
	}

	/** A direction has taken on a pipeline. */
	void serves(Direction direction, SessionPipeline pipeline) {
		if (direction == Direction.INBOUND) {
			this.inbound = pipeline;
		}
		else {
			this.outbound = pipeline;
		}
	}

	/** Let go of the policies that will not be shown a frame any more. */
	List<FramePolicy> retire() {
		List<FramePolicy> retired = this.opened.stream().filter((policy) -> !isNeeded(policy)).toList();
		this.opened.removeIf((policy) -> !isNeeded(policy));
		return retired;
	}

	/** All that have heard of the opening, and not of the end. */
	List<FramePolicy> opened() {
		return List.copyOf(this.opened);
	}

	private boolean isNeeded(FramePolicy policy) {
		return isAmong(this.latest.policies(), policy) || serves(this.inbound, Direction.INBOUND, policy)
				|| serves(this.outbound, Direction.OUTBOUND, policy);
	}

	private static boolean serves(SessionPipeline pipeline, Direction direction, FramePolicy policy) {
		// All policies of a direction are asked for control frames. Those that are shown
		// no frame need not wait for the next one.
		return pipeline.policies(direction)
			.control()
			.bindings()
			.stream()
			.anyMatch((binding) -> binding.policy() == policy && !binding.types().isEmpty());
	}

	private static boolean isAmong(List<FramePolicy> policies, FramePolicy policy) {
		return policies.stream().anyMatch((other) -> other == policy);
	}

}
