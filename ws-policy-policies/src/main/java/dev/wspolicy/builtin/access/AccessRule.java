package dev.wspolicy.builtin.access;

import java.security.Principal;
import java.util.List;
import java.util.function.Predicate;

import org.jspecify.annotations.Nullable;

/**
 * A rule that grants access to some targets.
 *
 * @param target the targets of the rule
 * @param required the authorities that the rule requires
 * @param <T> the type that describes the targets
 */
record AccessRule<T>(T target, RequiredAuthorities required) {

	/**
	 * Returns whether the first matching rule grants access to a principal.
	 * @param rules the rules, in order
	 * @param matches whether the target of a rule matches the request
	 * @param principal the principal, or {@code null} if it is unknown
	 * @param <T> the type that describes the targets
	 * @return {@code true} if a rule matches and grants access
	 */
	static <T> boolean allows(List<AccessRule<T>> rules, Predicate<T> matches, @Nullable Principal principal) {
		for (AccessRule<T> rule : rules) {
			if (matches.test(rule.target())) {
				return rule.required().isMetBy(principal);
			}
		}
		return false;
	}

}
