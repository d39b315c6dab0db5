package dev.wspolicy.relay;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import dev.wspolicy.frame.Direction;
import dev.wspolicy.pipeline.DirectionPipeline;
import dev.wspolicy.session.VerdictCounts;

/**
 * How often the policies of one direction have given which verdict.
 */
final class VerdictTally {

	final StageTally frames;

	final StageTally messages;

	final StageTally control;

	private final Direction direction;

	/** What was counted for the pipelines that served before. */
	private final List<VerdictCounts> earlier;

	VerdictTally(Direction direction, DirectionPipeline policies) {
		this(direction, policies, List.of());
	}

	private VerdictTally(Direction direction, DirectionPipeline policies, List<VerdictCounts> earlier) {
		this.direction = direction;
		this.frames = StageTally.of(policies.frames());
		this.messages = StageTally.of(policies.messages());
		this.control = StageTally.of(policies.control());
		this.earlier = earlier;
	}

	/** A tally for another pipeline that takes over the numbers of this one. */
	VerdictTally succeededBy(DirectionPipeline policies) {
		return new VerdictTally(this.direction, policies, counts());
	}

	/** One entry for each policy. */
	List<VerdictCounts> counts() {
		// A policy that is bound twice, or to control frames too, is one policy.
		Map<String, VerdictCounts> sums = new LinkedHashMap<>();
		this.earlier.forEach((counts) -> sums.put(counts.policy(), counts));
		// Every policy is on the control stage, in the order in which they are listed.
		this.control.addTo(sums, this.direction);
		this.frames.addTo(sums, this.direction);
		this.messages.addTo(sums, this.direction);
		return List.copyOf(sums.values());
	}

}
