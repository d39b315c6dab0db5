package dev.wspolicy.relay;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import org.jspecify.annotations.Nullable;

import dev.wspolicy.frame.Direction;
import dev.wspolicy.pipeline.DirectionPipeline;
import dev.wspolicy.session.VerdictCounts;

/**
 * How often the policies of one direction have given which verdict. A stage is counted
 * from its first frame on, since many sessions have none.
 */
final class VerdictTally {

	private final DirectionPipeline policies;

	/** The counts of the pipelines that served before. */
	private final List<VerdictCounts> earlier;

	private @Nullable StageTally frames;

	private @Nullable StageTally messages;

	private @Nullable StageTally control;

	VerdictTally(DirectionPipeline policies) {
		this(policies, List.of());
	}

	private VerdictTally(DirectionPipeline policies, List<VerdictCounts> earlier) {
		this.policies = policies;
		this.earlier = earlier;
	}

	DirectionPipeline policies() {
		return this.policies;
	}

	StageTally frames() {
		StageTally frames = this.frames;
		if (frames == null) {
			frames = StageTally.of(Stage.FRAME, this.policies.frames());
			this.frames = frames;
		}
		return frames;
	}

	StageTally messages() {
		StageTally messages = this.messages;
		if (messages == null) {
			messages = StageTally.of(Stage.MESSAGE, this.policies.messages());
			this.messages = messages;
		}
		return messages;
	}

	StageTally control() {
		StageTally control = this.control;
		if (control == null) {
			control = StageTally.of(Stage.CONTROL, this.policies.control());
			this.control = control;
		}
		return control;
	}

	/** Returns a tally for another pipeline that takes over the numbers of this one. */
	VerdictTally switchedTo(DirectionPipeline policies, Direction direction) {
		return new VerdictTally(policies, counts(direction));
	}

	/** Returns one entry for each policy. From any thread. */
	List<VerdictCounts> counts(Direction direction) {
		// A policy that is bound twice, or to control frames too, is one policy.
		Map<String, VerdictCounts> sums = new LinkedHashMap<>();
		this.earlier.forEach((counts) -> sums.put(counts.policy(), counts));
		// Every policy is on the control stage, in the order in which they are listed.
		StageTally.add(this.control, this.policies.control(), sums, direction);
		StageTally.add(this.frames, this.policies.frames(), sums, direction);
		StageTally.add(this.messages, this.policies.messages(), sums, direction);
		return List.copyOf(sums.values());
	}

}
