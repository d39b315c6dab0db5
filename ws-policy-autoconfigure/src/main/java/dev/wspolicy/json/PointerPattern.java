package dev.wspolicy.json;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * A JSON pointer (<a href="https://www.rfc-editor.org/rfc/rfc6901">RFC 6901</a>) in which
 * a {@code *} stands for any member of an object and any element of an array. Trees are
 * never changed: what comes out shares with what went in all that is the same.
 */
@SuppressWarnings("ReferenceEquality") // what is the same object has not changed
public final class PointerPattern {

	private static final String ANY = "*";

	private static final String APPEND = "-";

	private final String text;

	private final String[] segments;

	private PointerPattern(String text, String[] segments) {
		this.text = text;
		this.segments = segments;
	}

	/**
	 * Read a pointer.
	 * @param text the pointer: {@code /items/0/name}, or {@code /items/*}{@code /name}
	 * @return the pattern
	 * @throws IllegalArgumentException if it is none
	 */
	public static PointerPattern of(String text) {
		if (!text.startsWith("/")) {
			throw invalid(text);
		}
		String[] segments = text.substring(1).split("/", -1);
		for (int i = 0; i < segments.length; i++) {
			segments[i] = unescape(text, segments[i]);
		}
		return new PointerPattern(text, segments);
	}

	private static String unescape(String text, String segment) {
		for (int i = segment.indexOf('~'); i >= 0; i = segment.indexOf('~', i + 1)) {
			if (i + 1 == segment.length() || (segment.charAt(i + 1) != '0' && segment.charAt(i + 1) != '1')) {
				throw invalid(text);
			}
		}
		return segment.replace("~1", "/").replace("~0", "~");
	}

	private static IllegalArgumentException invalid(String text) {
		return new IllegalArgumentException("'" + text + "' (expected: a JSON pointer such as /user/email or "
				+ "/items/*/name, with ~0 for ~ and ~1 for /)");
	}

	/**
	 * Put a value where this pointer leads to something.
	 * @param tree where to look
	 * @param value what to put there
	 * @return the changed tree, or the same one if the pointer leads nowhere
	 */
	public JsonNode replace(JsonNode tree, JsonNode value) {
		JsonNode changed = put(tree, 0, value, false);
		return (changed != null) ? changed : tree;
	}

	/**
	 * Put a value where this pointer leads, and make the objects on the way that are
	 * missing. What is no object and stands where one is needed gives way to it. Elements
	 * of arrays are not made, but for one at the end, which is written {@code -}.
	 * @param tree where to begin
	 * @param value what to put there
	 * @return the changed tree, or the same one if nothing was to be changed
	 */
	public JsonNode set(JsonNode tree, JsonNode value) {
		JsonNode changed = put(tree, 0, value, true);
		return (changed != null) ? changed : tree;
	}

	private @Nullable JsonNode put(@Nullable JsonNode node, int depth, JsonNode value, boolean create) {
		if (depth == this.segments.length) {
			return value.equals(node) ? node : value;
		}
		String segment = this.segments[depth];
		if (node instanceof ArrayNode array && (!create || isOfArrays(segment))) {
			return putElement(array, depth, value, create);
		}
		if (node instanceof ObjectNode object) {
			return segment.equals(ANY) ? putAll(object, depth, value, create) : putMember(object, depth, value, create);
		}
		if (!create || segment.equals(ANY)) {
			return node;
		}
		return putMember(JsonNodeFactory.instance.objectNode(), depth, value, true);
	}

	private JsonNode putMember(ObjectNode object, int depth, JsonNode value, boolean create) {
		String name = this.segments[depth];
		JsonNode old = object.get(name);
		if (old == null && !create) {
			return object;
		}
		JsonNode changed = put(old, depth + 1, value, create);
		if (changed == null || changed == old) {
			return object;
		}
		ObjectNode copy = JsonNodeFactory.instance.objectNode();
		copy.setAll(object);
		copy.set(name, changed);
		return copy;
	}

	private JsonNode putAll(ObjectNode object, int depth, JsonNode value, boolean create) {
		ObjectNode copy = null;
		for (Map.Entry<String, JsonNode> member : object.properties()) {
			JsonNode changed = put(member.getValue(), depth + 1, value, create);
			if (changed != null && changed != member.getValue()) {
				if (copy == null) {
					copy = JsonNodeFactory.instance.objectNode();
					copy.setAll(object);
				}
				copy.set(member.getKey(), changed);
			}
		}
		return (copy != null) ? copy : object;
	}

	private JsonNode putElement(ArrayNode array, int depth, JsonNode value, boolean create) {
		String segment = this.segments[depth];
		boolean append = segment.equals(APPEND);
		if (append && !create) {
			return array;
		}
		List<JsonNode> elements = new ArrayList<>(array.size() + 1);
		boolean changed = false;
		for (int i = 0; i < array.size(); i++) {
			JsonNode old = array.get(i);
			boolean meant = segment.equals(ANY) || segment.equals(Integer.toString(i));
			JsonNode element = meant ? put(old, depth + 1, value, create) : old;
			changed |= element != old;
			elements.add((element != null) ? element : old);
		}
		JsonNode last = append ? put(null, depth + 1, value, true) : null;
		if (last != null) {
			elements.add(last);
			changed = true;
		}
		return changed ? JsonNodeFactory.instance.arrayNode().addAll(elements) : array;
	}

	private static boolean isOfArrays(String segment) {
		return segment.equals(ANY) || segment.equals(APPEND)
				|| (!segment.isEmpty() && segment.chars().allMatch((digit) -> digit >= '0' && digit <= '9'));
	}

	@Override
	public String toString() {
		return this.text;
	}

}
