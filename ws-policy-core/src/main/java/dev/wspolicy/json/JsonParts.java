package dev.wspolicy.json;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.StringNode;

import dev.wspolicy.frame.BinaryFrame;
import dev.wspolicy.frame.Direction;
import dev.wspolicy.frame.Frame;
import dev.wspolicy.frame.FrameAccess;
import dev.wspolicy.frame.FrameType;
import dev.wspolicy.frame.TextFrame;

/**
 * The JSON values of a message and the literal text around them. Immutable.
 */
@SuppressWarnings("ReferenceEquality") // an unchanged tree is the same object
public final class JsonParts {

	private final List<Part> parts;

	/** The literal text before each part and after the last one. */
	private final List<String> between;

	/** Whether each JSON value is encoded as a JSON string. */
	private final boolean quoted;

	private JsonParts(List<Part> parts, List<String> between, boolean quoted) {
		this.parts = parts;
		this.between = between;
		this.quoted = quoted;
	}

	/** Creates the parts of a message that is one JSON text. */
	static @Nullable JsonParts of(@Nullable JsonNode tree) {
		return (tree != null) ? new JsonParts(List.of(new Part(tree, true)), List.of("", ""), false) : null;
	}

	/**
	 * Returns the parts.
	 * @return the JSON values in their order
	 */
	public List<Part> list() {
		return this.parts;
	}

	/**
	 * Replaces values.
	 * @param change returns the replacement of each value, or the same tree
	 * @return the changed parts, or this object if nothing has changed
	 */
	public JsonParts map(Change change) {
		List<Part> changed = null;
		for (int i = 0; i < this.parts.size(); i++) {
			Part part = this.parts.get(i);
			JsonNode tree = change.apply(part);
			if (tree != part.tree()) {
				if (changed == null) {
					changed = new ArrayList<>(this.parts);
				}
				changed.set(i, new Part(tree, part.message()));
			}
		}
		return (changed != null) ? new JsonParts(changed, this.between, this.quoted) : this;
	}

	/**
	 * Creates a message from these parts. Subsequent policies that use the same framing
	 * receive the parts without parsing.
	 * @param framing the framing with which these parts were parsed
	 * @param direction the direction of the message
	 * @param type text or binary
	 * @return the message
	 */
	public Frame frame(JsonFraming framing, Direction direction, FrameType type) {
		Frame frame = (framing == JsonFraming.JSON) ? JsonMessage.frame(this.parts.get(0).tree(), type)
				: JsonMessage.frame(this::write, this::roughLength, type);
		return FrameAccess.seed(frame, framing.view(direction), new JsonFraming.Result(this));
	}

	/**
	 * Creates a message from these parts and writes it at once. It keeps only its text,
	 * so subsequent policies parse it again.
	 * @param type text or binary
	 * @return the message
	 */
	public Frame written(FrameType type) {
		String text = write();
		return (type == FrameType.TEXT) ? TextFrame.of(text) : BinaryFrame.of(text.getBytes(StandardCharsets.UTF_8));
	}

	/**
	 * Estimates the length of the message without writing it.
	 * @return the number of characters, or {@link Integer#MAX_VALUE} if it is greater
	 */
	public int roughLength() {
		long length = 0;
		for (Part part : this.parts) {
			length += JsonMessage.roughLength(part.tree());
		}
		for (String literal : this.between) {
			length += literal.length();
		}
		return JsonMessage.clamp(length);
	}

	private String write() {
		StringBuilder text = new StringBuilder();
		for (int i = 0; i < this.parts.size(); i++) {
			String json = JsonMessage.write(this.parts.get(i).tree());
			text.append(this.between.get(i)).append(this.quoted ? JsonMessage.write(StringNode.valueOf(json)) : json);
		}
		return text.append(this.between.get(this.parts.size())).toString();
	}

	/**
	 * Replaces a value.
	 */
	@FunctionalInterface
	public interface Change {

		/**
		 * Replaces a value.
		 * @param part the value
		 * @return the replacement, or the same tree
		 */
		JsonNode apply(Part part);

	}

	/**
	 * A JSON value.
	 *
	 * @param tree the value, which must not be modified
	 * @param message whether the value belongs to the application and not to the framing
	 * protocol
	 */
	public record Part(JsonNode tree, boolean message) {

	}

	/**
	 * Builds parts in their order.
	 */
	static final class Builder {

		private final List<Part> parts = new ArrayList<>();

		private final List<String> between = new ArrayList<>();

		private final StringBuilder literal = new StringBuilder();

		private final boolean quoted;

		Builder(boolean quoted) {
			this.quoted = quoted;
		}

		Builder literal(String text) {
			this.literal.append(text);
			return this;
		}

		/** Returns {@code false} if the tree is {@code null}. */
		boolean add(@Nullable JsonNode tree, boolean message) {
			if (tree == null) {
				return false;
			}
			this.parts.add(new Part(tree, message));
			this.between.add(this.literal.toString());
			this.literal.setLength(0);
			return true;
		}

		JsonParts build() {
			this.between.add(this.literal.toString());
			return new JsonParts(this.parts, this.between, this.quoted);
		}

	}

}
