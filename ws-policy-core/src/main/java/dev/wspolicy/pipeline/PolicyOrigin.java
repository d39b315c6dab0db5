package dev.wspolicy.pipeline;

import org.jspecify.annotations.Nullable;

/**
 * Where a policy of a pipeline came from.
 *
 * @param kind how it came there
 * @param type the name of the policy's class
 * @param property the property that lists it, or {@code null} if none does
 */
public record PolicyOrigin(Kind kind, String type, @Nullable String property) {

	/**
	 * Creates the origin of a policy that no property lists.
	 * @param kind how it came there
	 * @param type the policy's class
	 * @return the origin
	 */
	public static PolicyOrigin of(Kind kind, Class<?> type) {
		return new PolicyOrigin(kind, type.getName(), null);
	}

	/**
	 * Returns this origin with the property that lists the policy.
	 * @param kind how it came there
	 * @param property the property
	 * @return the origin
	 */
	public PolicyOrigin listedBy(Kind kind, String property) {
		return new PolicyOrigin(kind, this.type, property);
	}

	/**
	 * How a policy comes into a pipeline.
	 */
	public enum Kind {

		/**
		 * A bean that binds itself by its annotation.
		 */
		ANNOTATION,

		/**
		 * A bean that a pipeline lists by its name.
		 */
		BEAN,

		/**
		 * Created by a factory that a pipeline lists with settings.
		 */
		FACTORY

	}

}
