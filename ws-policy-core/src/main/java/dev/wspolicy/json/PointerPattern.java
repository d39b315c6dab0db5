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
 * {@code *} matches any member of an object or element of an array, and {@code **} any
 * number of levels, including none. Trees are never modified: results share all unchanged
 * nodes with the given tree.
 */
@SuppressWarnings("ReferenceEquality") // an unchanged tree is the same object
public final class PointerPattern {

	private static final String ANY = "*";

	private static final String ANY_DEPTH = "**";

	/** Limited by the bits of the set of segments. */
	private static final int MAX_SEGMENTS = 62;

	private static final String APPEND = "-";

	private final String text;

	private final String[] segments;

	private final boolean anyDepth;

	private PointerPattern(String text, String[] segments) {
		this.text = text;
		this.segments = segments;
		this.anyDepth = List.of(segments).contains(ANY_DEPTH);
	}

	/**
	 * Parses a pointer.
	 * @param text the pointer: {@code /items/0/name}, {@code /items/*}{@code /name}, or
	 * {@code /**}{@code /name}
	 * @return the pattern
	 * @throws IllegalArgumentException if the text is not a valid pointer
	 */
	public static PointerPattern of(String text) {
		if (!text.startsWith("/")) {
			throw invalid(text);
		}
		String[] segments = text.substring(1).split("/", -1);
		for (int i = 0; i < segments.length; i++) {
			segments[i] = unescape(text, segments[i]);
		}
		PointerPattern pattern = new PointerPattern(text, segments);
		if (pattern.anyDepth && (segments[segments.length - 1].equals(ANY_DEPTH) || segments.length > MAX_SEGMENTS)) {
			throw new IllegalArgumentException("'" + text + "' (expected: a segment after the last **, and at most "
					+ MAX_SEGMENTS + " segments)");
		}
		return pattern;
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
		return new IllegalArgumentException("'" + text + "' (expected: a JSON pointer such as /user/email, "
				+ "/items/*/name or /**/email, with ~0 for ~ and ~1 for /)");
	}

	/**
	 * Returns whether this pointer contains {@code **}. Such a pointer can find values
	 * but not create them.
	 * @return {@code true} if this pointer matches at any depth
	 */
	public boolean isAnyDepth() {
		return this.anyDepth;
	}

	/**
	 * Replaces the values that this pointer matches.
	 * @param tree the tree to search
	 * @param value the replacement
	 * @return the changed tree, or the same tree if the pointer matches nothing
	 */
	public JsonNode replace(JsonNode tree, JsonNode value) {
		if (this.anyDepth) {
			return replace(tree, reach(1), value);
		}
		JsonNode changed = put(tree, 0, value, false);
		return (changed != null) ? changed : tree;
	}

	/**
	 * Sets the value at this pointer and creates missing objects on the path. A value on
	 * the path that is not an object is replaced by one. Array elements are not created,
	 * except that {@code -} appends one.
	 * @param tree the tree to change
	 * @param value the value
	 * @return the changed tree, or the same tree if nothing changes
	 * @throws IllegalStateException if this pointer matches at any depth
	 */
	public JsonNode set(JsonNode tree, JsonNode value) {
		if (this.anyDepth) {
			throw new IllegalStateException(this.text + " does not say where to set a value");
		}
		JsonNode changed = put(tree, 0, value, true);
		return (changed != null) ? changed : tree;
	}

	// Matches at any depth. All partial matches are advanced together, as in a
	// nondeterministic automaton, so that each node is visited once: the bits of "next"
	// are the segments that may match next.

	private JsonNode replace(JsonNode node, long next, JsonNode value) {
		if ((next & (1L << this.segments.length)) != 0) {
			return value.equals(node) ? node : value;
		}
		if (node instanceof ArrayNode array) {
			return replaceElements(array, next, value);
		}
		return (node instanceof ObjectNode object) ? replaceMembers(object, next, value) : node;
	}

	private JsonNode replaceMembers(ObjectNode object, long next, JsonNode value) {
		ObjectNode copy = null;
		for (Map.Entry<String, JsonNode> member : object.properties()) {
			JsonNode old = member.getValue();
			JsonNode changed = replace(old, step(next, member.getKey()), value);
			if (changed != old) {
				if (copy == null) {
					copy = JsonNodeFactory.instance.objectNode();
					copy.setAll(object);
				}
				copy.set(member.getKey(), changed);
			}
		}
		return (copy != null) ? copy : object;
	}

	private JsonNode replaceElements(ArrayNode array, long next, JsonNode value) {
		List<JsonNode> elements = null;
		for (int i = 0; i < array.size(); i++) {
			JsonNode old = array.get(i);
			JsonNode changed = replace(old, step(next, Integer.toString(i)), value);
			if (changed != old) {
				if (elements == null) {
					elements = new ArrayList<>(array.values());
				}
				elements.set(i, changed);
			}
		}
		return (elements != null) ? JsonNodeFactory.instance.arrayNode().addAll(elements) : array;
	}

	/** Returns the segments that may match next below a member or an element. */
	private long step(long next, String name) {
		long result = 0;
		for (int i = 0; i < this.segments.length; i++) {
			if ((next & (1L << i)) == 0) {
				continue;
			}
			String segment = this.segments[i];
			if (segment.equals(ANY_DEPTH)) {
				result |= 1L << i;
			}
			else if (segment.equals(ANY) || segment.equals(name)) {
				result |= 1L << (i + 1);
			}
		}
		return reach(result);
	}

	/** Adds the segments that may match next if a ** matches no level. */
	private long reach(long next) {
		long result = next;
		for (int i = 0; i < this.segments.length; i++) {
			if ((result & (1L << i)) != 0 && this.segments[i].equals(ANY_DEPTH)) {
				result |= 1L << (i + 1);
			}
		}
		return result;
	}

	// Matches at a fixed depth.

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
