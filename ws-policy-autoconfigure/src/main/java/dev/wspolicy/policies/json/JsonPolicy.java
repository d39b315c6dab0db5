package dev.wspolicy.policies.json;

import java.util.Set;

import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

import dev.wspolicy.frame.Frame;
import dev.wspolicy.frame.FrameType;
import dev.wspolicy.json.JsonMessage;
import dev.wspolicy.policies.Refusal;
import dev.wspolicy.policy.FrameContext;
import dev.wspolicy.policy.FramePolicy;
import dev.wspolicy.policy.Verdict;

/**
 * What the shipped JSON policies have in common: the types that they look at, and what
 * becomes of a message that is not JSON.
 */
abstract class JsonPolicy implements FramePolicy {

	private static final Set<FrameType> BOTH = Set.of(FrameType.TEXT, FrameType.BINARY);

	private final Set<FrameType> types;

	private final @Nullable Refusal invalid;

	JsonPolicy(String name, Set<FrameType> types, OnInvalid onInvalid) {
		this.types = types.isEmpty() ? BOTH : Set.copyOf(types);
		if (!BOTH.containsAll(this.types)) {
			throw new IllegalArgumentException("types: " + types + " (expected: text, binary or both)");
		}
		this.invalid = onInvalid.refusal(name);
	}

	@Override
	public final Verdict apply(Frame frame, FrameContext context) {
		if (!this.types.contains(frame.type())) {
			return Verdict.forward();
		}
		JsonNode tree = JsonMessage.of(frame).tree();
		return (tree != null) ? apply(tree, frame, context) : invalid(context);
	}

	abstract Verdict apply(JsonNode tree, Frame frame, FrameContext context);

	final Verdict invalid(FrameContext context) {
		return (this.invalid != null) ? this.invalid.in(context) : Verdict.forward();
	}

}
