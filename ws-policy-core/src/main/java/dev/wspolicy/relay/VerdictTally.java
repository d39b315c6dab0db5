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

	/** The counts of the pipelines that served before. */
	private final List<VerdictCounts> earlier;

	VerdictTally(Direction direction, DirectionPipeline policies) {
		this(direction, policies, List.of());
	}

	private VerdictTally(Direction direction, DirectionPipeline policies, List<VerdictCounts> earlier) {
		this.direction = direction;
		this.frames = StageTally.of(Stage.FRAME, policies.frames());
		this.messages = StageTally.of(Stage.MESSAGE, policies.messages());
		this.control = StageTally.of(Stage.CONTROL, policies.control());
		this.earlier = earlier;
	}

	/** Returns a tally for another pipeline that takes over the numbers of this one. */
	VerdictTally switchedTo(DirectionPipeline policies) {
		return new VerdictTally(this.direction, policies, counts());
	}

	/** Returns one entry for each policy. */
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
