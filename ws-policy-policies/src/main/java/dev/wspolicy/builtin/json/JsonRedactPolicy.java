package dev.wspolicy.builtin.json;

import java.util.List;
import java.util.Set;

import org.springframework.boot.context.properties.bind.DefaultValue;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.StringNode;

import dev.wspolicy.builtin.support.ViolationVerdict;
import dev.wspolicy.effort.Effort;
import dev.wspolicy.frame.CloseStatus;
import dev.wspolicy.frame.Frame;
import dev.wspolicy.frame.FrameType;
import dev.wspolicy.json.JsonFraming;
import dev.wspolicy.json.JsonParts;
import dev.wspolicy.json.JsonStrings;
import dev.wspolicy.json.PointerPattern;
import dev.wspolicy.policy.FrameContext;
import dev.wspolicy.policy.Verdict;
import dev.wspolicy.policy.WsPolicy;
import dev.wspolicy.redaction.Redaction;

/**
 * Replaces values in JSON messages, and matches in their strings, with a text.
 */
@WsPolicy
final class JsonRedactPolicy extends JsonPolicy {

	static final String NAME = "json-redact";

	private final List<PointerPattern> pointers;

	private final JsonNode replacement;

	private final Redaction patterns;

	/** A message that cannot be searched to the end is never forwarded. */
	private final ViolationVerdict unsearched = ViolationVerdict
		.close(CloseStatus.POLICY_VIOLATION.withReason("cannot be searched"));

	JsonRedactPolicy(Settings settings) {
		super(NAME, settings.types(), settings.framing(), settings.onInvalid());
		this.pointers = settings.pointers()
			.stream()
			.map((pointer) -> PointerSettings.parse("pointers", pointer))
			.toList();
		this.patterns = Redaction.of(List.of(), settings.patterns(), settings.replacement());
		if (this.pointers.isEmpty() && this.patterns.isNone()) {
			throw new IllegalArgumentException("pointers, patterns: none (expected: one or more of either)");
		}
		this.replacement = StringNode.valueOf(settings.replacement());
	}

	@Override
	Verdict apply(JsonParts parts, Frame frame, FrameContext context, Effort effort) {
		return changed(parts, parts.map((part) -> redact(part.tree(), effort)), frame, context);
	}

	private JsonNode redact(JsonNode tree, Effort effort) {
		JsonNode redacted = tree;
		for (PointerPattern pointer : this.pointers) {
			redacted = pointer.replace(redacted, this.replacement);
		}
		return this.patterns.isNone() ? redacted
				: JsonStrings.map(redacted, (string) -> this.patterns.redact(string, effort));
	}

	@Override
	Verdict exceeded(FrameContext context) {
		return this.unsearched.in(context);
	}

	/**
	 * The settings.
	 *
	 * @param pointers the JSON pointers to the values to replace
	 * @param patterns the RE2 expressions for the text to replace in strings
	 * @param replacement the text that replaces the values and the matches
	 * @param types the types of messages to process; empty for both
	 * @param framing the framing of JSON in messages
	 * @param onInvalid the response to messages that are not JSON
	 */
	record Settings(@DefaultValue List<String> pointers, @DefaultValue List<String> patterns,
			@DefaultValue("***") String replacement, @DefaultValue Set<FrameType> types,
			@DefaultValue("json") JsonFraming framing, @DefaultValue InvalidJsonSettings onInvalid) {

	}

}
