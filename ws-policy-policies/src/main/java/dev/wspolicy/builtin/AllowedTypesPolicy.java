package dev.wspolicy.builtin;

import java.util.Set;

import jakarta.validation.constraints.NotEmpty;
import org.springframework.boot.context.properties.bind.DefaultValue;

import dev.wspolicy.builtin.support.ViolationSettings;
import dev.wspolicy.builtin.support.ViolationVerdict;
import dev.wspolicy.frame.CloseStatus;
import dev.wspolicy.frame.ContinuationFrame;
import dev.wspolicy.frame.Frame;
import dev.wspolicy.frame.FrameType;
import dev.wspolicy.policy.FrameContext;
import dev.wspolicy.policy.FramePolicy;
import dev.wspolicy.policy.Granularity;
import dev.wspolicy.policy.Verdict;
import dev.wspolicy.policy.WsPolicy;

/**
 * Forwards only messages of the configured types. Decides on the first fragment, so that
 * no message is held back.
 */
@WsPolicy(granularity = Granularity.FRAME)
final class AllowedTypesPolicy implements FramePolicy {

	static final String NAME = "allowed-types";

	private final Set<FrameType> types;

	private final ViolationVerdict violation;

	AllowedTypesPolicy(Settings settings) {
		this.types = Set.copyOf(settings.types());
		if (!Set.of(FrameType.TEXT, FrameType.BINARY).containsAll(this.types) || this.types.isEmpty()) {
			throw new IllegalArgumentException("types: " + settings.types() + " (expected: text, binary or both)");
		}
		this.violation = settings.onViolation().verdict(NAME, CloseStatus.UNSUPPORTED_DATA);
	}

	@Override
	public Verdict apply(Frame frame, FrameContext context) {
		// Continuation frames follow only if the first fragment was forwarded.
		if (frame instanceof ContinuationFrame || this.types.contains(frame.type())) {
			return Verdict.forward();
		}
		return this.violation.in(context);
	}

	/**
	 * The settings.
	 *
	 * @param types the types to forward
	 * @param onViolation the response to messages of other types
	 */
	record Settings(@DefaultValue @NotEmpty Set<FrameType> types, @DefaultValue ViolationSettings onViolation) {

	}

}
