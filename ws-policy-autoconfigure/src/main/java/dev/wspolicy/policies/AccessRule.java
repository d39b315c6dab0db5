package dev.wspolicy.policies;

import java.security.Principal;
import java.util.List;
import java.util.function.Predicate;

import org.jspecify.annotations.Nullable;

/**
 * Who may do some things.
 *
 * @param things the things, as a policy calls them
 * @param permission who may do them
 * @param <T> what things are told by
 */
public record AccessRule<T>(T things, Permission permission) {

	/**
	 * The rule that decides is the first one that fits.
	 * @param rules the rules, in order
	 * @param fits whether a rule speaks of what somebody wants to do
	 * @param principal who wants to, or {@code null} if that is not known
	 * @param <T> what things are told by
	 * @return whether it is allowed; it is not if no rule fits
	 */
	public static <T> boolean allows(List<AccessRule<T>> rules, Predicate<T> fits, @Nullable Principal principal) {
		for (AccessRule<T> rule : rules) {
			if (fits.test(rule.things())) {
				return rule.permission().admits(principal);
			}
		}
		return false;
	}

}
