package dev.wspolicy.policies.json;

import java.util.List;
import java.util.Set;

import jakarta.validation.constraints.NotEmpty;
import org.springframework.boot.context.properties.bind.DefaultValue;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.StringNode;

import dev.wspolicy.frame.Frame;
import dev.wspolicy.frame.FrameType;
import dev.wspolicy.json.JsonMessage;
import dev.wspolicy.json.PointerPattern;
import dev.wspolicy.policy.FrameContext;
import dev.wspolicy.policy.Verdict;
import dev.wspolicy.policy.WsPolicy;

/**
 * Replaces values in JSON messages by a text.
 */
@WsPolicy
final class JsonRedact extends JsonPolicy {

	static final String NAME = "json-redact";

	private final List<PointerPattern> pointers;

	private final JsonNode replacement;

	JsonRedact(Settings settings) {
		super(NAME, settings.types(), settings.onInvalid());
		this.pointers = settings.pointers().stream().map((pointer) -> Pointers.parse("pointers", pointer)).toList();
		if (this.pointers.isEmpty()) {
			throw new IllegalArgumentException("pointers: none (expected: one or more)");
		}
		this.replacement = StringNode.valueOf(settings.replacement());
	}

	@Override
	Verdict apply(JsonNode tree, Frame frame, FrameContext context) {
		JsonNode redacted = tree;
		for (PointerPattern pointer : this.pointers) {
			redacted = pointer.replace(redacted, this.replacement);
		}
		return redacted.equals(tree) ? Verdict.forward() : Verdict.replace(JsonMessage.frame(redacted, frame.type()));
	}

	/**
	 * The settings.
	 *
	 * @param pointers JSON pointers to what is replaced
	 * @param replacement what stands instead
	 * @param types the types of messages that are looked at; empty for both
	 * @param onInvalid what to do with a message that is not JSON
	 */
	record Settings(@DefaultValue @NotEmpty List<String> pointers, @DefaultValue("***") String replacement,
			@DefaultValue Set<FrameType> types, @DefaultValue OnInvalid onInvalid) {

	}

}
