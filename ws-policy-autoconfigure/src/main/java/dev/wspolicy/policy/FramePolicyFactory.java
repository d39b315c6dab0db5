package dev.wspolicy.policy;

import java.util.Set;

import org.jspecify.annotations.Nullable;

import dev.wspolicy.frame.FrameType;

/**
 * Makes policies that take settings from {@code application.yml}. A bean of this type is
 * listed in a pipeline by its name, with its settings below:
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
	 * The name that stands in pipelines, in kebab case.
	 * @return the name
	 */
	String name();

	/**
	 * The type of the settings.
	 * @return the class to bind
	 */
	Class<C> settingsType();

	/**
	 * Whether each session gets a policy of its own, which then may keep the session's
	 * state in its fields. If not, one policy serves all sessions of the pipeline.
	 * @param settings the settings, bound and valid
	 * @return {@code true} for a policy per session
	 */
	default boolean perSession(C settings) {
		return false;
	}

	/**
	 * The types of frames that the policy is shown, where that hangs on its settings.
	 * What nobody is shown is not assembled and not decoded.
	 * @param settings the settings, bound and valid
	 * @return the types, or {@code null} for those that {@link WsPolicy#types()} of the
	 * policy's class says
	 */
	default @Nullable Set<FrameType> types(C settings) {
		return null;
	}

	/**
	 * Make a policy. Called once at start-up for each place in a pipeline that names this
	 * factory, and again when a refresh has changed that pipeline. Where it is
	 * {@link #perSession per session}, that policy is never shown a frame, and one more
	 * is made for each session, on its event loop, before the client is given its 101; to
	 * fail there fails the upgrade. Annotate its class with {@link WsPolicy} to choose
	 * what it is shown.
	 * @param settings the settings, bound and valid
	 * @return the policy
	 * @throws IllegalArgumentException if the settings are of no use; stops start-up with
	 * the message
	 */
	FramePolicy create(C settings);

}
