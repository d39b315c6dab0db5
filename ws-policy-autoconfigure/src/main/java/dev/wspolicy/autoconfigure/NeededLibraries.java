package dev.wspolicy.autoconfigure;

import java.util.List;
import java.util.Map;

/**
 * The libraries without which a shipped policy is not there.
 */
final class NeededLibraries {

	private static final String JACKSON = "tools.jackson.core:jackson-databind";

	private static final Map<String, List<String>> LIBRARIES = Map.of( //
			"graphql-limit", List.of("com.graphql-java:graphql-java", JACKSON), //
			"json-redact", List.of(JACKSON), //
			"json-schema", List.of("com.networknt:json-schema-validator", JACKSON), //
			"json-set", List.of(JACKSON), //
			"rate-limit", List.of("com.bucket4j:bucket4j_jdk17-core", "com.github.ben-manes.caffeine:caffeine"), //
			"stomp-authorization", List.of("org.springframework:spring-messaging"), //
			"text-pattern", List.of("com.google.re2j:re2j"));

	private NeededLibraries() {
	}

	/**
	 * Refuse the name of a shipped policy that is not there for want of a library.
	 * @param property names the policy
	 * @param name the name
	 */
	static void require(String property, String name) {
		List<String> libraries = LIBRARIES.get(Names.kebab(name));
		if (libraries != null) {
			throw new InvalidPipelineException(
					"The property '" + property + "' names the policy '" + name
							+ "', which needs a library that is not on the class path.",
					"Add " + String.join(" and ", libraries) + ".");
		}
	}

}
