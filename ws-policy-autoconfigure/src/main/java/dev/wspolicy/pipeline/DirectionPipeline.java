package dev.wspolicy.pipeline;

import java.util.ArrayList;
import java.util.List;

import dev.wspolicy.policy.Granularity;

/**
 * The policies of one direction, sorted by what they are shown. Wire frames come first,
 * then the messages assembled from them; control frames go a way of their own.
 *
 * @param frames policies on the data frames of the wire
 * @param messages policies on whole messages
 * @param control policies on control frames
 */
public record DirectionPipeline(FramePipeline frames, FramePipeline messages, FramePipeline control) {

	/**
	 * The direction without policies.
	 */
	public static final DirectionPipeline EMPTY = of(List.of());

	/**
	 * Sort policies.
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

}
