package dev.wspolicy.pipeline;

import java.util.ArrayList;
import java.util.List;

import dev.wspolicy.policy.Granularity;

/**
 * The policies of one direction, sorted into stages by what they are shown. A data frame
 * passes the stage for wire frames first, then, assembled, the one for messages. Control
 * frames have their own stage.
 *
 * @param frames policies on the data frames of the wire
 * @param messages policies on whole messages
 * @param control policies on control frames
 */
public record DirectionPipeline(FramePipeline frames, FramePipeline messages, FramePipeline control) {

	/**
	 * A direction without policies.
	 */
	public static final DirectionPipeline EMPTY = of(List.of());

	/**
	 * Sorts policies into stages.
	 * @param bindings the policies, in order
	 * @return the pipeline
	 */
	public static DirectionPipeline of(List<PolicyBinding> bindings) {
		List<PolicyBinding> frames = new ArrayList<>();
		List<PolicyBinding> messages = new ArrayList<>();
		List<PolicyBinding> control = new ArrayList<>();
		for (PolicyBinding binding : bindings) {
			((binding.granularity() == Granularity.FRAME) ? frames : messages).add(binding);
			control.add(binding);
		}
		return new DirectionPipeline(new FramePipeline(frames), new FramePipeline(messages),
				new FramePipeline(control));
	}

	/**
	 * Returns all policies of the direction.
	 * @return the bindings, in order
	 */
	public List<PolicyBinding> bindings() {
		// Each of them is in the stage for control frames, whatever it is shown.
		return this.control.bindings();
	}

}
