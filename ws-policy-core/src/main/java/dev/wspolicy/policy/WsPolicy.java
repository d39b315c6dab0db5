package dev.wspolicy.policy;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

import dev.wspolicy.frame.Direction;
import dev.wspolicy.frame.FrameType;

/**
 * Binds a {@link FramePolicy} bean to every session that matches. Annotate the class of
 * the bean or its {@code @Bean} method. Policies run in Spring's order ({@code @Order},
 * {@code Ordered}), before those that the pipeline lists in {@code application.yml}; a
 * bean that the pipeline lists by name runs at that place instead. A {@code FramePolicy}
 * bean without this annotation runs only where a pipeline lists it.
 * <p>
 * An {@link UpgradePolicy} bean is bound in the same way, to the upgrades of its
 * {@link #routes()}, in its {@link #mode()}. The other attributes concern frames and
 * cannot be set for it.
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
	 * The types of frames that the policy is shown: text and binary by default, and only
	 * text for a {@link TextPolicy}. Frames of other types are not decoded for it. A
	 * fragment counts as the type of its message.
	 * @return the types
	 */
	FrameType[] types() default { FrameType.TEXT, FrameType.BINARY };

	/**
	 * Whether the policy is shown whole messages, the default, or the frames of the wire.
	 * @return the granularity
	 */
	Granularity granularity() default Granularity.MESSAGE;

	/**
	 * The routes whose sessions the policy serves, by id: all by default. {@code *}
	 * stands for any characters.
	 * @return patterns of route ids
	 */
	String[] routes() default {};

	/**
	 * The subprotocols whose sessions the policy serves: all by default, including
	 * sessions without one. {@code *} stands for any characters.
	 * @return patterns of subprotocols
	 */
	String[] subprotocols() default {};

	/**
	 * What happens to a frame when the policy fails: the session is closed by default.
	 * @return what to do on an error
	 */
	OnError onError() default OnError.CLOSE;

	/**
	 * Whether the verdicts of the policy take effect: they do by default. Also applies to
	 * an {@link UpgradePolicy}. A pipeline that lists the bean can set another mode.
	 * @return the mode
	 */
	PolicyMode mode() default PolicyMode.ENFORCE;

	/**
	 * Whether the policy blocks, and must not be called on the event loop. The frames of
	 * its direction wait for it, in order.
	 * @return {@code true} to call it on a thread that may block
	 */
	boolean blocking() default false;

}
