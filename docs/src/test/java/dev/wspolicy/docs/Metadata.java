package dev.wspolicy.docs;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

import org.springframework.boot.json.JsonParserFactory;
import org.springframework.core.io.Resource;
import org.springframework.core.io.support.PathMatchingResourcePatternResolver;

/**
 * The configuration metadata of all jars on the class path.
 */
final class Metadata {

	private static final Map<String, Map<String, Object>> PROPERTIES = read("properties");

	private static final Map<String, Map<String, Object>> GROUPS = read("groups");

	private static final Map<String, Map<String, Object>> HINTS = read("hints");

	private Metadata() {
	}

	static Map<String, Map<String, Object>> properties() {
		return PROPERTIES;
	}

	static Map<String, Map<String, Object>> groups() {
		return GROUPS;
	}

	static Map<String, Map<String, Object>> hints() {
		return HINTS;
	}

	@SuppressWarnings("unchecked")
	private static Map<String, Map<String, Object>> read(String kind) {
		Map<String, Map<String, Object>> items = new TreeMap<>();
		try {
			for (Resource resource : new PathMatchingResourcePatternResolver()
				.getResources("classpath*:META-INF/*spring-configuration-metadata.json")) {
				Map<String, Object> metadata = JsonParserFactory.getJsonParser()
					.parseMap(resource.getContentAsString(StandardCharsets.UTF_8));
				for (Object item : (List<Object>) metadata.getOrDefault(kind, List.of())) {
					Map<String, Object> values = (Map<String, Object>) item;
					items.merge(String.valueOf(values.get("name")), values, Metadata::fuller);
				}
			}
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
		return Collections.unmodifiableMap(items);
	}

	/** What is written by hand is merged into the generated file. */
	private static Map<String, Object> fuller(Map<String, Object> one, Map<String, Object> other) {
		return (one.size() < other.size()) ? other : one;
	}

}
