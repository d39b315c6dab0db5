package dev.wspolicy.policy;

import java.util.Set;
import java.util.function.Function;

import org.jspecify.annotations.Nullable;

import dev.wspolicy.frame.FrameType;

/**
 * A {@link FramePolicyFactory} that calls a constructor.
 *
 * @param name the name that pipelines use
 * @param settingsType the type of the settings
 * @param constructor creates a policy from its settings
 * @param typesOf returns the types of frames that a policy is shown, or {@code null} for
 * those of its annotation
 * @param <C> the settings
 */
record ConstructorFramePolicyFactory<C>(String name, Class<C> settingsType, Function<C, FramePolicy> constructor,
		Function<C, @Nullable Set<FrameType>> typesOf) implements FramePolicyFactory<C> {

	@Override
	public @Nullable Set<FrameType> types(C settings) {
		return this.typesOf.apply(settings);
	}

	@Override
	public FramePolicy create(C settings) {
		return this.constructor.apply(settings);
	}

}
