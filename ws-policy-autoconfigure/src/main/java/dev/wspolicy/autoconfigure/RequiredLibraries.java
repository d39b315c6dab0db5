package dev.wspolicy.autoconfigure;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

import org.jspecify.annotations.Nullable;
import org.springframework.util.ClassUtils;

/**
 * The optional libraries that built-in policies require.
 */
final class RequiredLibraries {

	private static final Library JACKSON = new Library("tools.jackson.core:jackson-databind",
			"tools.jackson.databind.json.JsonMapper");

	private static final Map<String, List<Library>> LIBRARIES = Map.of( //
			"graphql-limit", List.of(new Library("com.graphql-java:graphql-java", "graphql.parser.Parser"), JACKSON), //
			"json-redact", List.of(JACKSON), //
			"json-schema",
			List.of(new Library("com.networknt:json-schema-validator", "com.networknt.schema.Schema"), JACKSON), //
			"json-set", List.of(JACKSON), //
			"rate-limit",
			List.of(new Library("com.bucket4j:bucket4j_jdk17-core", "io.github.bucket4j.Bucket"),
					new Library("com.github.ben-manes.caffeine:caffeine",
							"com.github.benmanes.caffeine.cache.Caffeine")), //
			"stomp-authorization",
			List.of(new Library("org.springframework:spring-messaging",
					"org.springframework.messaging.simp.stomp.StompDecoder")), //
			"text-pattern", List.of(new Library("com.google.re2j:re2j", "com.google.re2j.Pattern")));

	private final @Nullable ClassLoader classLoader;

	RequiredLibraries(@Nullable ClassLoader classLoader) {
		this.classLoader = classLoader;
	}

	/** Return the names of the policies that require a library. */
	static Set<String> policies() {
		return LIBRARIES.keySet();
	}

	/**
	 * Check the libraries of built-in policies, and report all missing ones together.
	 * @param listed the names of unavailable policies in kebab case, by the property that
	 * lists them
	 * @throws InvalidPipelineException if a library is missing
	 */
	void require(Map<String, String> listed) {
		Map<String, String> wanting = new LinkedHashMap<>();
		Set<String> missing = new TreeSet<>();
		listed.forEach((property, name) -> {
			List<String> libraries = missing(name);
			if (!libraries.isEmpty()) {
				wanting.put(property, name);
				missing.addAll(libraries);
			}
		});
		if (wanting.isEmpty()) {
			return;
		}
		String problem = (wanting.size() == 1) ? wanting.entrySet()
			.stream()
			.map((one) -> "The property '" + one.getKey() + "' names the policy '" + one.getValue()
					+ "', which needs a library that is not on the class path.")
			.findFirst()
			.orElseThrow() : several(wanting);
		throw new InvalidPipelineException(problem, "Add " + String.join(" and ", missing) + ".");
	}

	private String several(Map<String, String> wanting) {
		StringBuilder problem = new StringBuilder("Some policies need libraries that are not on the class path:\n");
		wanting.forEach((property, name) -> problem.append("\n    '")
			.append(property)
			.append("' names the policy '")
			.append(name)
			.append("', which needs ")
			.append(String.join(" and ", missing(name))));
		return problem.toString();
	}

	private List<String> missing(String policy) {
		return LIBRARIES.getOrDefault(policy, List.of())
			.stream()
			.filter((library) -> !ClassUtils.isPresent(library.type(), this.classLoader))
			.map(Library::coordinates)
			.toList();
	}

	/**
	 * An optional library.
	 *
	 * @param coordinates the group id and artifact id
	 * @param type the name of a class in the library
	 */
	private record Library(String coordinates, String type) {

	}

}
