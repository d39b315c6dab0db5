package dev.wspolicy.docs;

import java.beans.PropertyDescriptor;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

import org.springframework.beans.BeanUtils;
import org.springframework.boot.context.properties.bind.DataObjectPropertyName;
import org.springframework.boot.json.JsonParserFactory;
import org.springframework.core.io.Resource;
import org.springframework.core.io.support.PathMatchingResourcePatternResolver;

import dev.wspolicy.autoconfigure.WsPolicyProperties;

/**
 * The properties that exist: those in the metadata on the class path, and those below
 * {@code ws-policy.pipelines}, of which metadata knows the map only.
 */
final class KnownProperties {

	/** The name of a pipeline. */
	static final String NAME = "<name>";

	/** Names and types. */
	private static final Map<String, String> METADATA = readMetadata();

	private static final Set<String> WS_POLICY = new TreeSet<>();

	private static final Set<String> WS_POLICY_GROUPS = new TreeSet<>();

	static {
		collect(WsPolicyProperties.PREFIX, WsPolicyProperties.class);
	}

	private KnownProperties() {
	}

	/** All properties of ws-policy that hold a value. */
	static Set<String> ofWsPolicy() {
		return WS_POLICY;
	}

	/** Those of ws-policy that stand in the metadata. */
	static List<String> ofWsPolicyInMetadata() {
		return METADATA.keySet().stream().filter((name) -> name.startsWith(WsPolicyProperties.PREFIX + ".")).toList();
	}

	/**
	 * Whether a property or a group of them exists, whatever its indexes and map keys.
	 */
	static boolean contains(String property) {
		int index = property.indexOf('[');
		String name = (index < 0) ? property : property.substring(0, index);
		if (name.startsWith(WsPolicyProperties.PREFIX + ".")) {
			String pipelines = WsPolicyProperties.PREFIX + ".pipelines.";
			String general = name.startsWith(pipelines) ? name.replaceFirst("(?<=\\.pipelines\\.)[^.]+", NAME) : name;
			return WS_POLICY.contains(general) || WS_POLICY_GROUPS.contains(general);
		}
		return METADATA.containsKey(name) || isGroup(name) || isInMap(name);
	}

	private static boolean isGroup(String name) {
		return METADATA.keySet().stream().anyMatch((property) -> property.startsWith(name + "."));
	}

	private static boolean isInMap(String name) {
		for (int dot = name.lastIndexOf('.'); dot > 0; dot = name.lastIndexOf('.', dot - 1)) {
			if (METADATA.getOrDefault(name.substring(0, dot), "").startsWith("java.util.Map")) {
				return true;
			}
		}
		return false;
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
			else if (property.getPropertyType().getName().startsWith(WsPolicyProperties.class.getName())) {
				collect(name, property.getPropertyType());
			}
			else {
				WS_POLICY.add(name);
			}
		}
	}

	@SuppressWarnings("unchecked")
	private static Map<String, String> readMetadata() {
		Map<String, String> types = new TreeMap<>();
		try {
			for (Resource resource : new PathMatchingResourcePatternResolver()
				.getResources("classpath*:META-INF/*spring-configuration-metadata.json")) {
				Map<String, Object> metadata = JsonParserFactory.getJsonParser()
					.parseMap(resource.getContentAsString(StandardCharsets.UTF_8));
				for (Object property : (List<Object>) metadata.getOrDefault("properties", List.of())) {
					Map<String, Object> values = (Map<String, Object>) property;
					types.put(String.valueOf(values.get("name")), String.valueOf(values.get("type")));
				}
			}
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
		return Collections.unmodifiableMap(types);
	}

}
