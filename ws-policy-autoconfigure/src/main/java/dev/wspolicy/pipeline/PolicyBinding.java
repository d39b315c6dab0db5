package dev.wspolicy.pipeline;

import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;

import dev.wspolicy.frame.Direction;
import dev.wspolicy.frame.FrameType;
import dev.wspolicy.policy.FramePolicy;
import dev.wspolicy.policy.Granularity;
import dev.wspolicy.policy.OnError;

/**
 * A policy and what it has asked to be shown.
 *
 * @param name the name it is known by: a bean's, or a factory's
 * @param policy the policy
 * @param directions the directions in which it sees frames
 * @param types the types of frames that it is shown
 * @param granularity whether it is shown messages or wire frames
 * @param onError what becomes of a frame when it fails
 * @param routes patterns of the routes it serves; empty for all
 * @param subprotocols patterns of the subprotocols it serves; empty for all
 * @param origin where it came from
 */
public record PolicyBinding(String name, FramePolicy policy, Set<Direction> directions, Set<FrameType> types,
		Granularity granularity, OnError onError, List<NamePattern> routes, List<NamePattern> subprotocols,
		PolicyOrigin origin) {

	/**
	 * The types that a policy is shown if it does not say otherwise.
	 */
	public static final Set<FrameType> DATA = Set.of(FrameType.TEXT, FrameType.BINARY);

	public PolicyBinding {
		directions = Set.copyOf(directions);
		types = Set.copyOf(types);
		routes = List.copyOf(routes);
		subprotocols = List.copyOf(subprotocols);
	}

	/**
	 * A binding of nobody knows what origin.
	 * @param name the name it is known by: a bean's, or a factory's
	 * @param policy the policy
	 * @param directions the directions in which it sees frames
	 * @param types the types of frames that it is shown
	 * @param granularity whether it is shown messages or wire frames
	 * @param onError what becomes of a frame when it fails
	 * @param routes patterns of the routes it serves; empty for all
	 * @param subprotocols patterns of the subprotocols it serves; empty for all
	 */
	public PolicyBinding(String name, FramePolicy policy, Set<Direction> directions, Set<FrameType> types,
			Granularity granularity, OnError onError, List<NamePattern> routes, List<NamePattern> subprotocols) {
		this(name, policy, directions, types, granularity, onError, routes, subprotocols,
				PolicyOrigin.of(PolicyOrigin.Kind.BEAN, policy.getClass()));
	}

	/**
	 * A binding to the text and binary messages of both directions, in all sessions.
	 * @param name the name of the policy
	 * @param policy the policy
	 * @return the binding
	 */
	public static PolicyBinding of(String name, FramePolicy policy) {
		return new PolicyBinding(name, policy, EnumSet.allOf(Direction.class), DATA, Granularity.MESSAGE, OnError.CLOSE,
				List.of(), List.of());
	}

	/**
	 * This binding, for one direction only.
	 * @param direction the direction
	 * @return the binding
	 */
	public PolicyBinding in(Direction direction) {
		return new PolicyBinding(this.name, this.policy, Set.of(direction), this.types, this.granularity, this.onError,
				this.routes, this.subprotocols, this.origin);
	}

	/**
	 * This binding, for other types.
	 * @param types the types of frames
	 * @return the binding
	 */
	public PolicyBinding types(FrameType... types) {
		return new PolicyBinding(this.name, this.policy, this.directions, Set.of(types), this.granularity, this.onError,
				this.routes, this.subprotocols, this.origin);
	}

	/**
	 * This binding, with another granularity.
	 * @param granularity the granularity
	 * @return the binding
	 */
	public PolicyBinding granularity(Granularity granularity) {
		return new PolicyBinding(this.name, this.policy, this.directions, this.types, granularity, this.onError,
				this.routes, this.subprotocols, this.origin);
	}

	/**
	 * This binding, with another way to deal with failures.
	 * @param onError what becomes of a frame when the policy fails
	 * @return the binding
	 */
	public PolicyBinding onError(OnError onError) {
		return new PolicyBinding(this.name, this.policy, this.directions, this.types, this.granularity, onError,
				this.routes, this.subprotocols, this.origin);
	}

	/**
	 * This binding, from somewhere else.
	 * @param origin where it came from
	 * @return the binding
	 */
	public PolicyBinding from(PolicyOrigin origin) {
		return new PolicyBinding(this.name, this.policy, this.directions, this.types, this.granularity, this.onError,
				this.routes, this.subprotocols, origin);
	}

	/**
	 * This binding, with a policy of its own for each session.
	 * @param source makes the policy of a session
	 * @return the binding
	 */
	public PolicyBinding perSession(Supplier<FramePolicy> source) {
		return policy(new PerSession(source, this.policy));
	}

	/**
	 * The policy, or one like those that the sessions have.
	 * @return a policy that shows what this binding is about
	 */
	public FramePolicy prototype() {
		return (this.policy instanceof PerSession perSession) ? perSession.prototype() : this.policy;
	}

	/**
	 * Whether each session has a policy of its own.
	 * @return {@code true} if this binding must be asked anew for each session
	 */
	boolean isPerSession() {
		return this.policy instanceof PerSession;
	}

	/**
	 * This binding as it serves one session.
	 * @return this one, unless it is per session
	 */
	PolicyBinding forSession() {
		return (this.policy instanceof PerSession perSession) ? policy(perSession.source().get()) : this;
	}

	private PolicyBinding policy(FramePolicy policy) {
		return new PolicyBinding(this.name, policy, this.directions, this.types, this.granularity, this.onError,
				this.routes, this.subprotocols, this.origin);
	}

}
