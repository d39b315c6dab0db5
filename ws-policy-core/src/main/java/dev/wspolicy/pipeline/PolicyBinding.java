package dev.wspolicy.pipeline;

import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

import org.jspecify.annotations.Nullable;

import dev.wspolicy.frame.Direction;
import dev.wspolicy.frame.FrameType;
import dev.wspolicy.policy.FramePolicy;
import dev.wspolicy.policy.Granularity;
import dev.wspolicy.policy.OnError;
import dev.wspolicy.policy.TextPolicy;
import dev.wspolicy.policy.WsPolicy;
import dev.wspolicy.rollout.Rollout;
import dev.wspolicy.rollout.RolloutOverride;

/**
 * A policy, and which frames of which sessions it is shown.
 *
 * @param name the name it is known by: a bean's, or a factory's
 * @param policy the policy
 * @param directions the directions in which it sees frames
 * @param types the types of frames that it is shown
 * @param granularity whether it is shown messages or wire frames
 * @param onError what happens to a frame when it fails
 * @param routes patterns of the routes it serves; empty for all
 * @param subprotocols patterns of the subprotocols it serves; empty for all
 * @param origin where it came from
 * @param overridden how far the policy has been rolled out by the configuration, if an
 * operator has overridden that; otherwise {@code null}
 */
public record PolicyBinding(String name, FramePolicy policy, Set<Direction> directions, Set<FrameType> types,
		Granularity granularity, OnError onError, List<NamePattern> routes, List<NamePattern> subprotocols,
		PolicyOrigin origin, @Nullable Rollout overridden) {

	/**
	 * The types that a policy is shown by default.
	 */
	public static final Set<FrameType> DATA = Set.of(FrameType.TEXT, FrameType.BINARY);

	public PolicyBinding {
		directions = Set.copyOf(directions);
		types = Set.copyOf(types);
		routes = List.copyOf(routes);
		subprotocols = List.copyOf(subprotocols);
	}

	/**
	 * Creates a binding of a bean that no property lists.
	 * @param name the name it is known by: a bean's, or a factory's
	 * @param policy the policy
	 * @param directions the directions in which it sees frames
	 * @param types the types of frames that it is shown
	 * @param granularity whether it is shown messages or wire frames
	 * @param onError what happens to a frame when it fails
	 * @param routes patterns of the routes it serves; empty for all
	 * @param subprotocols patterns of the subprotocols it serves; empty for all
	 */
	public PolicyBinding(String name, FramePolicy policy, Set<Direction> directions, Set<FrameType> types,
			Granularity granularity, OnError onError, List<NamePattern> routes, List<NamePattern> subprotocols) {
		this(name, policy, directions, types, granularity, onError, routes, subprotocols,
				PolicyOrigin.of(PolicyOrigin.Kind.BEAN, policy.getClass()), null);
	}

	/**
	 * Creates a binding to the text and binary messages of both directions, in all
	 * sessions.
	 * @param name the name of the policy
	 * @param policy the policy
	 * @return the binding
	 */
	public static PolicyBinding of(String name, FramePolicy policy) {
		return new PolicyBinding(name, policy, EnumSet.allOf(Direction.class), DATA, Granularity.MESSAGE, OnError.CLOSE,
				List.of(), List.of());
	}

	/**
	 * Creates the binding that an annotation asks for. A {@link TextPolicy} is bound to
	 * text messages, whatever types the annotation includes.
	 * @param name the name of the policy
	 * @param policy the policy
	 * @param annotation the annotation, or {@code null} to bind the policy to the
	 * messages of both directions, in all sessions
	 * @return the binding
	 */
	public static PolicyBinding of(String name, FramePolicy policy, @Nullable WsPolicy annotation) {
		PolicyBinding binding = (annotation != null) ? bound(name, policy, annotation) : of(name, policy);
		return (policy instanceof TextPolicy) ? binding.types(FrameType.TEXT) : binding;
	}

	private static PolicyBinding bound(String name, FramePolicy policy, WsPolicy annotation) {
		return new PolicyBinding(name, policy, Set.of(annotation.direction()), Set.of(annotation.types()),
				annotation.granularity(), annotation.onError(), patterns(annotation.routes()),
				patterns(annotation.subprotocols()));
	}

	private static List<NamePattern> patterns(String[] texts) {
		return Stream.of(texts).map(NamePattern::of).toList();
	}

	/**
	 * Returns this binding for one direction only.
	 * @param direction the direction
	 * @return the binding
	 */
	public PolicyBinding in(Direction direction) {
		return new PolicyBinding(this.name, this.policy, Set.of(direction), this.types, this.granularity, this.onError,
				this.routes, this.subprotocols, this.origin, this.overridden);
	}

	/**
	 * Returns this binding for other types.
	 * @param types the types of frames
	 * @return the binding
	 */
	public PolicyBinding types(FrameType... types) {
		return new PolicyBinding(this.name, this.policy, this.directions, Set.of(types), this.granularity, this.onError,
				this.routes, this.subprotocols, this.origin, this.overridden);
	}

	/**
	 * Returns this binding with a policy in place of its own, such as one that wraps it.
	 * @param policy the policy
	 * @return the binding
	 */
	public PolicyBinding policy(FramePolicy policy) {
		return new PolicyBinding(this.name, policy, this.directions, this.types, this.granularity, this.onError,
				this.routes, this.subprotocols, this.origin, this.overridden);
	}

	/**
	 * Returns this binding with another granularity.
	 * @param granularity the granularity
	 * @return the binding
	 */
	public PolicyBinding granularity(Granularity granularity) {
		return new PolicyBinding(this.name, this.policy, this.directions, this.types, granularity, this.onError,
				this.routes, this.subprotocols, this.origin, this.overridden);
	}

	/**
	 * Returns this binding with another reaction to failures.
	 * @param onError what happens to a frame when the policy fails
	 * @return the binding
	 */
	public PolicyBinding onError(OnError onError) {
		return new PolicyBinding(this.name, this.policy, this.directions, this.types, this.granularity, onError,
				this.routes, this.subprotocols, this.origin, this.overridden);
	}

	/**
	 * Returns this binding with another origin.
	 * @param origin where it came from
	 * @return the binding
	 */
	public PolicyBinding from(PolicyOrigin origin) {
		return new PolicyBinding(this.name, this.policy, this.directions, this.types, this.granularity, this.onError,
				this.routes, this.subprotocols, origin, this.overridden);
	}

	/**
	 * Returns this binding with a policy for each session.
	 * @param source creates the policy of a session
	 * @return the binding
	 */
	public PolicyBinding perSession(Supplier<FramePolicy> source) {
		return policy(new PerSession(source, this.policy));
	}

	/**
	 * Returns this binding as far as the policy has been rolled out. A policy that is off
	 * stays in the list, so that it is not bound by its annotation, but is shown nothing.
	 * @param rollout how far
	 * @return the binding
	 */
	public PolicyBinding rolledOut(Rollout rollout) {
		return staged(rollout, (policy) -> rollout.apply(this.name, Rollout.unwrap(policy)));
	}

	private PolicyBinding staged(Rollout rollout, UnaryOperator<FramePolicy> stage) {
		return (this.policy instanceof PerSession perSession)
				? policy(new PerSession(() -> rollout.apply(this.name, Rollout.unwrap(perSession.source().get())),
						rollout.apply(this.name, Rollout.unwrap(perSession.prototype()))))
				: policy(stage.apply(this.policy));
	}

	/**
	 * Returns this binding with an override of how far the policy has been rolled out.
	 * @param override the override, or {@code null} for what is configured
	 * @param stages creates the policy in another stage of its rollout
	 * @return this binding if nothing changes
	 */
	PolicyBinding overridden(@Nullable RolloutOverride override, RolloutStages stages) {
		Rollout configured = configured();
		Rollout rollout = (override != null) ? override.rollout() : configured;
		if (rollout.equals(rollout())) {
			return this;
		}
		PolicyBinding staged = staged(rollout, (policy) -> stages.get(this.name, policy, rollout));
		return new PolicyBinding(staged.name, staged.policy, staged.directions, staged.types, staged.granularity,
				staged.onError, staged.routes, staged.subprotocols, staged.origin,
				rollout.equals(configured) ? null : configured);
	}

	/**
	 * Returns how far the policy has been rolled out.
	 * @return the rollout that is in effect
	 */
	public Rollout rollout() {
		return Rollout.of(prototype());
	}

	/**
	 * Returns how far the configuration has rolled the policy out.
	 * @return the rollout that is in effect unless an operator has overridden it
	 */
	public Rollout configured() {
		return (this.overridden != null) ? this.overridden : rollout();
	}

	/**
	 * Returns the types of frames that the policy is really shown.
	 * @return none if the policy is off
	 */
	public Set<FrameType> shown() {
		return rollout().isOff() ? Set.of() : this.types;
	}

	/**
	 * Whether another binding is of the same policy, however far either has been rolled
	 * out.
	 * @param other the other binding
	 * @return {@code true} if both have the same policy
	 */
	boolean isOfPolicyOf(PolicyBinding other) {
		return Rollout.unwrap(this.policy) == Rollout.unwrap(other.policy);
	}

	/**
	 * Returns the policy, or one with the same settings if each session has its own.
	 * @return a policy of this binding's class
	 */
	public FramePolicy prototype() {
		return (this.policy instanceof PerSession perSession) ? perSession.prototype() : this.policy;
	}

	/**
	 * Whether each session has its own policy.
	 * @return {@code true} if {@link #forSession()} must be called for each session
	 */
	boolean isPerSession() {
		return this.policy instanceof PerSession;
	}

	/**
	 * Returns the binding for one session. Creates a policy if each session has its own.
	 * @return this binding, unless it is per session
	 */
	public PolicyBinding forSession() {
		return (this.policy instanceof PerSession perSession) ? policy(perSession.source().get()) : this;
	}

}
