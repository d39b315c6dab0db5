package dev.wspolicy.policies;

import java.util.function.Function;

import dev.wspolicy.policy.FramePolicy;
import dev.wspolicy.policy.FramePolicyFactory;

/**
 * The factory of a shipped policy on frames.
 *
 * @param name the name that stands in pipelines
 * @param settingsType the type of the settings
 * @param constructor makes the policy from its settings
 * @param <C> the settings
 */
public record ShippedFrameFactory<C>(String name, Class<C> settingsType,
		Function<C, FramePolicy> constructor) implements FramePolicyFactory<C> {

	@Override
	public FramePolicy create(C settings) {
		return this.constructor.apply(settings);
	}

}
