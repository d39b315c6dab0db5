package dev.wspolicy.policies;

import java.util.Set;

import jakarta.validation.constraints.NotEmpty;
import org.springframework.boot.context.properties.bind.DefaultValue;

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
 * Lets messages of some types pass only. Decides by the first fragment, so that no
 * message is held for it.
 */
@WsPolicy(granularity = Granularity.FRAME)
final class AllowedTypes implements FramePolicy {

	static final String NAME = "allowed-types";

	private final Set<FrameType> types;

	private final Refusal refusal;

	AllowedTypes(Settings settings) {
		this.types = Set.copyOf(settings.types());
		if (!Set.of(FrameType.TEXT, FrameType.BINARY).containsAll(this.types) || this.types.isEmpty()) {
			throw new IllegalArgumentException("types: " + settings.types() + " (expected: text, binary or both)");
		}
		this.refusal = settings.onViolation().refusal(NAME, CloseStatus.UNSUPPORTED_DATA);
	}

	@Override
	public Verdict apply(Frame frame, FrameContext context) {
		// What follows a first fragment is shown only if that was let pass.
		if (frame instanceof ContinuationFrame || this.types.contains(frame.type())) {
			return Verdict.forward();
		}
		return this.refusal.in(context);
	}

	/**
	 * The settings.
	 *
	 * @param types the types that may pass
	 * @param onViolation what to do with messages of another type
	 */
	record Settings(@DefaultValue @NotEmpty Set<FrameType> types, @DefaultValue OnViolation onViolation) {

	}

}
