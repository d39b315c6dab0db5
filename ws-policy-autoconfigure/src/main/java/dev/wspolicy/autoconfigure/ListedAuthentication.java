package dev.wspolicy.autoconfigure;

import java.util.List;
import java.util.function.Predicate;

import dev.wspolicy.builtin.security.SecurityPolicies;
import dev.wspolicy.pipeline.PolicyBinding;
import dev.wspolicy.policy.FramePolicy;

/**
 * Verifies the policies of a pipeline that authenticate by the first message. They depend
 * on each other, unless the application has replaced them by its own.
 */
final class ListedAuthentication {

	private static final String FIRST_MESSAGE = "first-message-auth";

	private static final String AUTHENTICATED_ONLY = "authenticated-only";

	private ListedAuthentication() {
	}

	/**
	 * Verify that the client can authenticate.
	 * @param inbound the policies that the pipeline lists below {@code inbound}
	 * @param outbound the policies that the pipeline lists below {@code outbound}
	 * @throws InvalidPipelineException if the client cannot
	 */
	static void verify(List<PolicyBinding> inbound, List<PolicyBinding> outbound) {
		List<PolicyBinding> listed = select(inbound, SecurityPolicies::requiresCredentials);
		List<PolicyBinding> first = withoutOff(listed);
		if (first.size() > 1) {
			throw new InvalidPipelineException(
					"The properties '" + first.get(0).origin().property() + "' and '" + first.get(1).origin().property()
							+ "' both require credentials in the first message of the client.",
					"List '" + FIRST_MESSAGE + "' once.");
		}
		List<PolicyBinding> waiting = withoutOff(select(outbound, SecurityPolicies::awaitsAuthentication));
		if (first.isEmpty() && !waiting.isEmpty()) {
			throw nothingAuthenticates(waiting.get(0), listed);
		}
	}

	private static InvalidPipelineException nothingAuthenticates(PolicyBinding waiting, List<PolicyBinding> off) {
		String problem = "The property '" + waiting.origin().property()
				+ "' forwards no frames before the client has authenticated, but ";
		if (!off.isEmpty()) {
			return new InvalidPipelineException(
					problem + "'" + off.get(0).origin().property() + "' is off, so that no frame would ever pass.",
					"Remove 'mode: off' from '" + FIRST_MESSAGE + "', or switch off '" + AUTHENTICATED_ONLY
							+ "' as well.");
		}
		return new InvalidPipelineException(
				problem + "the pipeline does not list the built-in '" + FIRST_MESSAGE
						+ "', so that no frame would ever pass.",
				"List '" + FIRST_MESSAGE + "' below 'inbound', or remove '" + AUTHENTICATED_ONLY + "'.");
	}

	private static List<PolicyBinding> select(List<PolicyBinding> listed, Predicate<FramePolicy> wanted) {
		return listed.stream()
			.filter((binding) -> wanted.test(DelegatingFramePolicy.unwrap(binding.prototype())))
			.toList();
	}

	private static List<PolicyBinding> withoutOff(List<PolicyBinding> listed) {
		return listed.stream().filter((binding) -> !binding.rollout().isOff()).toList();
	}

}
