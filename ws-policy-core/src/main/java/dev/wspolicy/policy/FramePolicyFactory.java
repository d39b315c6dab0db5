package dev.wspolicy.policy;

import java.util.Set;
import java.util.function.Function;

import org.jspecify.annotations.Nullable;

import dev.wspolicy.frame.FrameType;

/**
 * Creates policies with settings from {@code application.yml}. A pipeline lists a bean of
 * this type by its name, with the settings below:
 *
 * <pre class="code">
 * ws-policy.pipelines.chat.inbound:
 *   - shout: { suffix: "!" }
 * </pre>
 *
 * @param <C> the settings: a record or class bound as {@code @ConfigurationProperties}
 * are, and checked by Bean Validation where that is on the class path
 */
public interface FramePolicyFactory<C> {

	/**
	 * Returns the name that pipelines use.
	 * @return the name, in kebab case
	 */
	String name();

	/**
	 * Returns the name of the policy that is created with some settings, for meters, logs
	 * and endpoints. Distinct names tell two policies of the same factory apart.
	 * @param settings the settings, bound and valid
	 * @return the name
	 */
	default String policyName(C settings) {
		return name();
	}

	/**
	 * Returns the type of the settings.
	 * @return the class to bind
	 */
	Class<C> settingsType();

	/**
	 * Whether each session gets its own policy, which can then keep the session's state
	 * in its fields. If not, one policy serves all sessions of the pipeline.
	 * @param settings the settings, bound and valid
	 * @return {@code true} for a policy per session
	 */
	default boolean perSession(C settings) {
		return false;
	}

	/**
	 * Returns the types of frames that the policy is shown, if they depend on its
	 * settings. Frames that no policy is shown are neither assembled nor decoded.
	 * @param settings the settings, bound and valid
	 * @return the types, or {@code null} for those of {@link WsPolicy#types()} on the
	 * policy's class
	 */
	default @Nullable Set<FrameType> types(C settings) {
		return null;
	}

	/**
	 * Creates a policy. Called once at start-up for each entry of a pipeline that names
	 * this factory, and again when a refresh has changed that pipeline. If the policies
	 * are {@linkplain #perSession per session}, the one from start-up is never shown a
	 * frame; another one is created for each session, on the session's event loop, before
	 * the client receives its 101. An exception at that point fails the upgrade. For a
	 * live session whose pipeline a refresh replaces, the thread that refreshes creates
	 * it, and after an exception the session keeps its previous pipeline. Annotate the
	 * class of the policy with {@link WsPolicy} to choose what it is shown.
	 * @param settings the settings, bound and valid
	 * @return the policy
	 * @throws IllegalArgumentException if the settings are invalid; start-up fails with
	 * the message
	 */
	FramePolicy create(C settings);

	/**
	 * Returns a factory of policies that see the frame types of their annotation.
	 * @param name the name that pipelines use, in kebab case
	 * @param settingsType the type of the settings
	 * @param constructor creates a policy from its settings
	 * @param <C> the settings
	 * @return the factory
	 */
	static <C> FramePolicyFactory<C> of(String name, Class<C> settingsType, Function<C, FramePolicy> constructor) {
		return new ConstructorFramePolicyFactory<>(name, settingsType, constructor, (settings) -> null);
	}

	/**
	 * Returns a factory of policies that see the frame types their settings ask for.
	 * @param name the name that pipelines use, in kebab case
	 * @param settingsType the type of the settings
	 * @param constructor creates a policy from its settings
	 * @param types returns the frame types that a policy sees; {@code null} stands for
	 * those of its annotation
	 * @param <C> the settings
	 * @return the factory
	 */
	static <C> FramePolicyFactory<C> of(String name, Class<C> settingsType, Function<C, FramePolicy> constructor,
			Function<C, @Nullable Set<FrameType>> types) {
		return new ConstructorFramePolicyFactory<>(name, settingsType, constructor, types);
	}

}
