package dev.wspolicy.policies.json;

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

import dev.wspolicy.frame.Frame;
import dev.wspolicy.frame.FrameType;
import dev.wspolicy.json.JsonMessage;
import dev.wspolicy.json.PointerPattern;
import dev.wspolicy.policy.FrameContext;
import dev.wspolicy.policy.Verdict;
import dev.wspolicy.policy.WsPolicy;

/**
 * Puts values into JSON messages, the upstream's word on who sends them for one.
 */
@WsPolicy
final class JsonSet extends JsonPolicy {

	static final String NAME = "json-set";

	private final List<Assignment> assignments = new ArrayList<>();

	JsonSet(Settings settings) {
		super(NAME, settings.types(), settings.onInvalid());
		if (settings.values().isEmpty()) {
			throw new IllegalArgumentException("values: none (expected: one or more)");
		}
		for (int i = 0; i < settings.values().size(); i++) {
			this.assignments.add(Assignment.of("values[" + i + "]", settings.values().get(i)));
		}
	}

	@Override
	Verdict apply(JsonNode tree, Frame frame, FrameContext context) {
		if (!tree.isContainer()) {
			return invalid(context);
		}
		JsonNode changed = tree;
		for (Assignment assignment : this.assignments) {
			changed = assignment.pointer().set(changed, assignment.value(context));
		}
		return changed.equals(tree) ? Verdict.forward() : Verdict.replace(JsonMessage.frame(changed, frame.type()));
	}

	/**
	 * The settings.
	 *
	 * @param values what is put where
	 * @param types the types of messages that are looked at; empty for both
	 * @param onInvalid what to do with a message that is not JSON, or nothing that a
	 * value could be put into
	 */
	record Settings(@DefaultValue @NotEmpty List<@Valid Value> values, @DefaultValue Set<FrameType> types,
			@DefaultValue OnInvalid onInvalid) {

	}

	/**
	 * What is put where.
	 *
	 * @param pointer a JSON pointer to the place
	 * @param value a text, with placeholders
	 * @param json a value of any kind, as JSON
	 */
	record Value(@NotEmpty @DefaultValue("") String pointer, @Nullable String value, @Nullable String json) {

	}

	/**
	 * What is put where, made ready.
	 *
	 * @param pointer the place
	 * @param constant what is put there, if it is always the same
	 * @param text what is put there otherwise
	 */
	private record Assignment(PointerPattern pointer, @Nullable JsonNode constant, SessionText text) {

		static Assignment of(String setting, Value value) {
			PointerPattern pointer = Pointers.parse(setting + ".pointer", value.pointer());
			if ((value.value() == null) == (value.json() == null)) {
				throw new IllegalArgumentException(setting + ": expected: a value or a json, and not both");
			}
			if (value.json() != null) {
				JsonNode constant = JsonMessage.parse(value.json());
				if (constant == null) {
					throw new IllegalArgumentException(setting + ".json: '" + value.json() + "' (expected: JSON)");
				}
				return new Assignment(pointer, constant, SessionText.EMPTY);
			}
			SessionText text = SessionText.of(setting + ".value", (value.value() != null) ? value.value() : "");
			return new Assignment(pointer, null, text);
		}

		JsonNode value(FrameContext context) {
			if (this.constant != null) {
				return this.constant;
			}
			String value = this.text.fill(context.session());
			return (value != null) ? StringNode.valueOf(value) : NullNode.instance;
		}

	}

}
