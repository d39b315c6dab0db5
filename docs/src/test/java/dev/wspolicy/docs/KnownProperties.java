package dev.wspolicy.docs;

import java.beans.PropertyDescriptor;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

import org.springframework.beans.BeanUtils;
import org.springframework.boot.context.properties.bind.DataObjectPropertyName;

import dev.wspolicy.autoconfigure.WsPolicyProperties;

/**
 * The existing properties: those in the metadata on the class path, and those below
 * {@code ws-policy.pipelines}, which the metadata lists only as a map.
 */
final class KnownProperties {

	/** Stands for the name of a pipeline. */
	static final String NAME = "<name>";

	private static final Set<String> WS_POLICY = new TreeSet<>();

	private static final Set<String> WS_POLICY_GROUPS = new TreeSet<>();

	static {
		collect(WsPolicyProperties.PREFIX, WsPolicyProperties.class);
	}

	private KnownProperties() {
	}

	/** Returns all properties of ws-policy that hold a value. */
	static Set<String> ofWsPolicy() {
		return WS_POLICY;
	}

	/**
	 * Returns the properties of ws-policy in the metadata, except for the settings of
	 * policies, which have pages of their own.
	 */
	static List<String> ofWsPolicyInMetadata() {
		return Metadata.properties()
			.keySet()
			.stream()
			.filter((name) -> name.startsWith(WsPolicyProperties.PREFIX + ".") && !name.contains("[*]"))
			.map((name) -> name.replace("*", NAME))
			.toList();
	}

	/**
	 * Returns whether a property or a group of properties exists, regardless of indexes
	 * and map keys.
	 */
	static boolean contains(String property) {
		int index = property.indexOf('[');
		String name = (index < 0) ? property : property.substring(0, index);
		if (name.startsWith(WsPolicyProperties.PREFIX + ".")) {
			String pipelines = WsPolicyProperties.PREFIX + ".pipelines.";
			String general = name.startsWith(pipelines) ? name.replaceFirst("(?<=\\.pipelines\\.)[^.]+", NAME) : name;
			return WS_POLICY.contains(general) || WS_POLICY_GROUPS.contains(general);
		}
		return Metadata.properties().containsKey(name) || isGroup(name) || isInMap(name);
	}

	private static boolean isGroup(String name) {
		return Metadata.properties().keySet().stream().anyMatch((property) -> property.startsWith(name + "."));
	}

	private static boolean isInMap(String name) {
		for (int dot = name.lastIndexOf('.'); dot > 0; dot = name.lastIndexOf('.', dot - 1)) {
			if (isMap(name.substring(0, dot))) {
				return true;
			}
		}
		return false;
	}

	private static boolean isMap(String name) {
		return String.valueOf(Metadata.properties().getOrDefault(name, Map.of()).get("type"))
			.startsWith("java.util.Map");
	}

	private static void collect(String prefix, Class<?> type) {
		WS_POLICY_GROUPS.add(prefix);
		for (PropertyDescriptor property : BeanUtils.getPropertyDescriptors(type)) {
			if (property.getReadMethod() == null || property.getName().equals("class")) {
				continue;
			}
			String name = prefix + "." + DataObjectPropertyName.toDashedForm(property.getName());
			if (Map.class.isAssignableFrom(property.getPropertyType())) {
				WS_POLICY_GROUPS.add(name);
				collect(name + "." + NAME, WsPolicyProperties.Pipeline.class);
			}
			else if (property.getPropertyType().getName().startsWith(WsPolicyProperties.class.getName())
					&& !property.getPropertyType().isEnum()) {
				collect(name, property.getPropertyType());
			}
			else {
				WS_POLICY.add(name);
			}
		}
	}

}
