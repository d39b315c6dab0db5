package dev.wspolicy.autoconfigure;

import java.util.List;

import dev.wspolicy.pipeline.PolicyBinding;
import dev.wspolicy.pipeline.PolicyOrigin;

/**
 * Verifies the policies of a pipeline that authenticate by the first message. They depend
 * on each other.
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
		List<PolicyBinding> first = named(FIRST_MESSAGE, inbound);
		if (first.size() > 1) {
			throw new InvalidPipelineException(
					"The properties '" + first.get(0).origin().property() + "' and '" + first.get(1).origin().property()
							+ "' both require credentials in the first message of the client.",
					"List '" + FIRST_MESSAGE + "' once.");
		}
		List<PolicyBinding> waiting = named(AUTHENTICATED_ONLY, outbound);
		if (first.isEmpty() && !waiting.isEmpty()) {
			throw new InvalidPipelineException("The property '" + waiting.get(0).origin().property()
					+ "' forwards no frames before the client has authenticated, but the pipeline does not list '"
					+ FIRST_MESSAGE + "', so that no frame would ever pass.",
					"List '" + FIRST_MESSAGE + "' below 'inbound', or remove '" + AUTHENTICATED_ONLY + "'.");
		}
	}

	private static List<PolicyBinding> named(String name, List<PolicyBinding> listed) {
		return listed.stream()
			.filter((binding) -> binding.origin().kind() == PolicyOrigin.Kind.FACTORY && binding.name().equals(name))
			.toList();
	}

}
