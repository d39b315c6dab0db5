package dev.wspolicy.policy;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

import dev.wspolicy.frame.Direction;
import dev.wspolicy.frame.FrameType;

/**
 * Binds a {@link FramePolicy} bean to every session that matches. Stands on the class of
 * the bean or on its {@code @Bean} method. Policies run in Spring's order
 * ({@code @Order}, {@code Ordered}), before those that the pipeline lists in
 * {@code application.yml}; where the pipeline lists the bean by name, it runs there
 * instead. A {@code FramePolicy} bean without this annotation runs only where a pipeline
 * lists it.
 */
@Documented
@Retention(RetentionPolicy.RUNTIME)
@Target({ ElementType.TYPE, ElementType.METHOD })
public @interface WsPolicy {

	/**
	 * The directions in which the policy sees frames: both by default.
	 * @return the directions
	 */
	Direction[] direction() default { Direction.INBOUND, Direction.OUTBOUND };

	/**
	 * The types of frames that the policy is shown: text and binary by default. Other
	 * types pass it untouched, and are not even decoded for it. Fragments belong to the
	 * type of their message.
	 * @return the types
	 */
	FrameType[] types() default { FrameType.TEXT, FrameType.BINARY };

	/**
	 * Whether the policy is shown whole messages or the frames of the wire.
	 * @return the granularity
	 */
	Granularity granularity() default Granularity.MESSAGE;

	/**
	 * The routes whose sessions the policy serves: ids, {@code *} standing for any
	 * characters. All by default.
	 * @return patterns of route ids
	 */
	String[] routes() default {};

	/**
	 * The subprotocols whose sessions the policy serves: names, {@code *} standing for
	 * any characters. All by default, sessions without a subprotocol included.
	 * @return patterns of subprotocols
	 */
	String[] subprotocols() default {};

	/**
	 * What becomes of a frame when the policy fails.
	 * @return what to do on an error
	 */
	OnError onError() default OnError.CLOSE;

	/**
	 * Whether the policy blocks, and must be kept off the event loop. The frames of its
	 * direction wait for it, in order.
	 * @return {@code true} to call it on a thread that may block
	 */
	boolean blocking() default false;

}
