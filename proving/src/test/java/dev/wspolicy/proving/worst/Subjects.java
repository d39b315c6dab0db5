package dev.wspolicy.proving.worst;

import java.util.Map;
import java.util.stream.Stream;

import org.springframework.core.io.DefaultResourceLoader;

import dev.wspolicy.builtin.BuiltInPolicies;
import dev.wspolicy.builtin.access.GraphQlPolicies;
import dev.wspolicy.builtin.access.StompPolicies;
import dev.wspolicy.builtin.json.JsonPolicies;

/**
 * The built-in policies that read messages, with settings that make them do so.
 */
final class Subjects {

	private static final String CARD = "\\b([0-9]{4}[ -]?){3}([0-9]{4})\\b";

	private Subjects() {
	}

	static Stream<Subject> all() {
		return Stream.of(Subject.of("deny-nul", BuiltInPolicies.denyNul(), Grammar.TEXT, Map.of()),
				Subject.of("text-pattern", BuiltInPolicies.textPattern(), Grammar.TEXT,
						Map.of("policy.patterns[0]", "(?i)\\bdrop\\s+table\\b", "policy.patterns[1]", CARD)),
				Subject.of("text-pattern, masking", BuiltInPolicies.textPattern(), Grammar.TEXT,
						Map.of("policy.patterns[0]", CARD, "policy.action", "mask")),
				Subject.of("json-redact", JsonPolicies.jsonRedact(), Grammar.JSON,
						Map.of("policy.pointers[0]", "/**/email", "policy.patterns[0]", CARD)),
				Subject.of("json-set", JsonPolicies.jsonSet(), Grammar.JSON,
						Map.of("policy.values[0].pointer", "/*/name", "policy.values[0].value", "{principal}")),
				Subject.of("json-schema", JsonPolicies.jsonSchema(new DefaultResourceLoader()), Grammar.JSON,
						Map.of("policy.schema", "classpath:proving/recursive.schema.json")),
				Subject.of("stomp-authorization", StompPolicies.stompAuthorization(null), Grammar.STOMP,
						Map.of("policy.rules[0].destinations", "/user/queue/**,/app/**/admin/*",
								"policy.rules[1].destinations", "/app/rooms/*,**")),
				Subject.of("stomp-authorization, SockJS", StompPolicies.stompAuthorization(null), Grammar.SOCK_JS,
						Map.of("policy.rules[0].destinations", "**")),
				Subject.of("graphql-limit", GraphQlPolicies.graphQlLimit(null), Grammar.GRAPHQL,
						Map.of("policy.max-depth", "10", "policy.max-subscriptions", "10")));
	}

}
