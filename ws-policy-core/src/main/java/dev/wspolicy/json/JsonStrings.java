package dev.wspolicy.json;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;
import tools.jackson.databind.node.StringNode;

/**
 * Maps the string values of a tree, without their JSON escapes. Member names are not
 * included.
 */
@SuppressWarnings("ReferenceEquality") // an unchanged tree is the same object
public final class JsonStrings {

	private JsonStrings() {
	}

	/**
	 * Replaces strings. The given tree is not modified; the result shares all unchanged
	 * nodes with it.
	 * @param tree the tree
	 * @param change returns the replacement of each string, or an equal one
	 * @return the changed tree, or the same tree if no string has changed
	 */
	public static JsonNode map(JsonNode tree, UnaryOperator<String> change) {
		if (tree.isString()) {
			String old = tree.stringValue();
			String changed = change.apply(old);
			return changed.equals(old) ? tree : StringNode.valueOf(changed);
		}
		if (tree instanceof ArrayNode array) {
			return mapElements(array, change);
		}
		return (tree instanceof ObjectNode object) ? mapMembers(object, change) : tree;
	}

	private static JsonNode mapElements(ArrayNode array, UnaryOperator<String> change) {
		List<JsonNode> elements = null;
		for (int i = 0; i < array.size(); i++) {
			JsonNode old = array.get(i);
			JsonNode changed = map(old, change);
			if (changed != old) {
				if (elements == null) {
					elements = new ArrayList<>(array.values());
				}
				elements.set(i, changed);
			}
		}
		return (elements != null) ? JsonNodeFactory.instance.arrayNode().addAll(elements) : array;
	}

	private static JsonNode mapMembers(ObjectNode object, UnaryOperator<String> change) {
		ObjectNode copy = null;
		for (Map.Entry<String, JsonNode> member : object.properties()) {
			JsonNode old = member.getValue();
			JsonNode changed = map(old, change);
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

}
