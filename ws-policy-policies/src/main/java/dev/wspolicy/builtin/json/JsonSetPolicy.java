package dev.wspolicy.builtin.json;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;

import jakarta.validation.Valid;
import jakarta.validation.constraints.NotEmpty;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.bind.DefaultValue;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.NullNode;
import tools.jackson.databind.node.StringNode;

import dev.wspolicy.effort.Effort;
import dev.wspolicy.frame.Frame;
import dev.wspolicy.frame.FrameType;
import dev.wspolicy.json.JsonFraming;
import dev.wspolicy.json.JsonMessage;
import dev.wspolicy.json.JsonParts;
import dev.wspolicy.json.PointerPattern;
import dev.wspolicy.policy.FrameContext;
import dev.wspolicy.policy.Verdict;
import dev.wspolicy.policy.WsPolicy;

/**
 * Sets values in JSON messages, for instance to tell the upstream who sent them.
 */
@WsPolicy
final class JsonSetPolicy extends JsonPolicy {

	static final String NAME = "json-set";

	private final List<Assignment> assignments = new ArrayList<>();

	JsonSetPolicy(Settings settings) {
		super(NAME, settings.types(), settings.framing(), settings.onInvalid());
		if (settings.values().isEmpty()) {
			throw new IllegalArgumentException("values: none (expected: one or more)");
		}
		for (int i = 0; i < settings.values().size(); i++) {
			this.assignments.add(Assignment.of("values[" + i + "]", settings.values().get(i)));
		}
	}

	@Override
	Verdict apply(JsonParts parts, Frame frame, FrameContext context, Effort effort) {
		for (JsonParts.Part part : parts.list()) {
			if (part.message() && !part.tree().isContainer()) {
				return invalid(context);
			}
		}
		return changed(parts, parts.map((part) -> part.message() ? set(part.tree(), context) : part.tree()), frame,
				context);
	}

	private JsonNode set(JsonNode tree, FrameContext context) {
		JsonNode changed = tree;
		for (Assignment assignment : this.assignments) {
			changed = assignment.pointer().set(changed, assignment.value(context));
		}
		// Assignments may cancel each other out
		return changed.equals(tree) ? tree : changed;
	}

	@Override
	Verdict exceeded(FrameContext context) {
		throw new IllegalStateException("json-set does not limit its effort");
	}

	/**
	 * The settings.
	 *
	 * @param values the values to set
	 * @param types the types of messages to process; empty for both
	 * @param framing the framing of JSON in messages
	 * @param onInvalid the response to messages that are not JSON, or neither an object
	 * nor an array
	 */
	record Settings(@DefaultValue @NotEmpty List<@Valid Value> values, @DefaultValue Set<FrameType> types,
			@DefaultValue("json") JsonFraming framing, @DefaultValue InvalidJsonSettings onInvalid) {

	}

	/**
	 * A value to set.
	 *
	 * @param pointer a JSON pointer to the location
	 * @param value the value, as a text with placeholders
	 * @param json the value, as JSON
	 */
	record Value(@NotEmpty @DefaultValue("") String pointer, @Nullable String value, @Nullable String json) {

	}

	/**
	 * A parsed assignment.
	 *
	 * @param pointer the location
	 * @param constant the value, or {@code null} if it depends on the session
	 * @param text the template of the value otherwise
	 */
	private record Assignment(PointerPattern pointer, @Nullable JsonNode constant, SessionTemplate text) {

		static Assignment of(String setting, Value value) {
			PointerPattern pointer = PointerSettings.parse(setting + ".pointer", value.pointer());
			if (pointer.isAnyDepth()) {
				throw new IllegalArgumentException(setting + ".pointer: '" + pointer + "' (expected: no **)");
			}
			if ((value.value() == null) == (value.json() == null)) {
				throw new IllegalArgumentException(setting + ": value and json are "
						+ ((value.json() != null) ? "both set" : "missing") + " (expected: one of them)");
			}
			if (value.json() != null) {
				JsonNode constant = JsonMessage.parse(value.json());
				if (constant == null) {
					throw new IllegalArgumentException(setting + ".json: '" + value.json() + "' (expected: JSON)");
				}
				return new Assignment(pointer, constant, SessionTemplate.EMPTY);
			}
			SessionTemplate text = SessionTemplate.of(setting + ".value", (value.value() != null) ? value.value() : "");
			return new Assignment(pointer, null, text);
		}

		JsonNode value(FrameContext context) {
			if (this.constant != null) {
				return this.constant;
			}
			String value = this.text.render(context.session());
			return (value != null) ? StringNode.valueOf(value) : NullNode.instance;
		}

	}

}
