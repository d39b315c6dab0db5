package dev.wspolicy.policies;

import java.util.Set;
import java.util.function.Function;

import org.jspecify.annotations.Nullable;

import dev.wspolicy.frame.FrameType;
import dev.wspolicy.policy.FramePolicy;
import dev.wspolicy.policy.FramePolicyFactory;

/**
 * The factory of a shipped policy on frames.
 *
 * @param name the name that stands in pipelines
 * @param settingsType the type of the settings
 * @param constructor makes the policy from its settings
 * @param typesOf reads from the settings what the policy is shown; {@code null} leaves it
 * to the annotation
 * @param <C> the settings
 */
public record ShippedFrameFactory<C>(String name, Class<C> settingsType, Function<C, FramePolicy> constructor,
		Function<C, @Nullable Set<FrameType>> typesOf) implements FramePolicyFactory<C> {

	/**
	 * A factory of policies that are shown the same types whatever their settings.
	 * @param name the name that stands in pipelines
	 * @param settingsType the type of the settings
	 * @param constructor makes the policy from its settings
	 */
	public ShippedFrameFactory(String name, Class<C> settingsType, Function<C, FramePolicy> constructor) {
		this(name, settingsType, constructor, (settings) -> null);
	}

	@Override
	public @Nullable Set<FrameType> types(C settings) {
		return this.typesOf.apply(settings);
	}

	@Override
	public FramePolicy create(C settings) {
		return this.constructor.apply(settings);
	}

}
