package dev.wspolicy.autoconfigure;

import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

import org.springframework.beans.factory.SmartInitializingSingleton;
import org.springframework.cloud.gateway.config.GatewayProperties;
import org.springframework.cloud.gateway.filter.FilterDefinition;
import org.springframework.cloud.gateway.route.RouteDefinition;

import dev.wspolicy.gateway.WsPolicyGatewayFilterFactory;
import dev.wspolicy.pipeline.NamePattern;
import dev.wspolicy.pipeline.PipelineCatalog;
import dev.wspolicy.pipeline.PipelineDefinition;
import dev.wspolicy.pipeline.PolicyBinding;

/**
 * Verifies the subprotocols that policies are bound to by their annotation. If every
 * pipeline that may serve such a policy requires other subprotocols, the policy protects
 * nothing, most likely because a name is misspelled.
 */
final class SubprotocolVerifier implements SmartInitializingSingleton {

	private final GatewayProperties gatewayProperties;

	private final PipelineCatalog catalog;

	private final List<PolicyBinding> policies;

	/**
	 * Creates a verifier.
	 * @param gatewayProperties the configured routes
	 * @param catalog the pipelines
	 * @param policies the annotated policies
	 */
	SubprotocolVerifier(GatewayProperties gatewayProperties, PipelineCatalog catalog, List<PolicyBinding> policies) {
		this.gatewayProperties = gatewayProperties;
		this.catalog = catalog;
		this.policies = policies;
	}

	@Override
	public void afterSingletonsInstantiated() {
		this.policies.stream().filter((policy) -> !policy.subprotocols().isEmpty()).forEach(this::verify);
	}

	private void verify(PolicyBinding policy) {
		Set<String> pipelines = pipelines(policy);
		Set<String> required = new TreeSet<>();
		for (String pipeline : pipelines) {
			Set<String> names = required(pipeline);
			if (names.isEmpty() || names.stream().anyMatch((name) -> NamePattern.admits(policy.subprotocols(), name))) {
				return;
			}
			required.addAll(names);
		}
		if (!required.isEmpty()) {
			String subprotocols = policy.subprotocols()
				.stream()
				.map(NamePattern::toString)
				.collect(Collectors.joining(", "));
			throw new InvalidPipelineException(
					"The policy '" + policy.name() + "' is bound to the subprotocol '" + subprotocols
							+ "', but no route offers it: each pipeline that may serve the policy, "
							+ new TreeSet<>(pipelines) + ", requires other subprotocols.",
					NameSuggestion.remedy(subprotocols, required)
							+ " Correct the annotation, or add the subprotocol to 'require-subprotocol' in a pipeline.");
		}
	}

	/**
	 * Return the pipelines that may serve the policy: all of them, unless it is bound to
	 * certain routes. Routes that are unknown now may name any pipeline.
	 */
	private Set<String> pipelines(PolicyBinding policy) {
		Set<String> pipelines = new TreeSet<>();
		for (NamePattern route : policy.routes()) {
			List<RouteDefinition> routes = this.gatewayProperties.getRoutes()
				.stream()
				.filter((definition) -> route.toString().equals(definition.getId()))
				.toList();
			if (routes.isEmpty()) {
				return Set.of();
			}
			routes.forEach((definition) -> pipelines.add(pipeline(definition)));
		}
		return policy.routes().isEmpty() ? this.catalog.names() : pipelines;
	}

	/**
	 * Return the pipeline of a route. Gateway orders default filters and those of the
	 * route by their position in each list, and the last filter decides.
	 */
	private String pipeline(RouteDefinition route) {
		String pipeline = PipelineDefinition.DEFAULT_NAME;
		int last = 0;
		for (List<FilterDefinition> filters : List.of(this.gatewayProperties.getDefaultFilters(), route.getFilters())) {
			for (int i = last; i < filters.size(); i++) {
				if (WsPolicyGatewayFilterFactory.NAME.equals(filters.get(i).getName())) {
					pipeline = String.join(",", filters.get(i).getArgs().values());
					last = i;
				}
			}
		}
		return pipeline;
	}

	/** Return the required subprotocols, empty if the pipeline accepts any. */
	private Set<String> required(String pipeline) {
		return this.catalog.names().contains(pipeline) ? this.catalog.definition(pipeline)
			.upgrade()
			.stream()
			.flatMap((binding) -> binding.policy().requiredSubprotocols().stream())
			.collect(Collectors.toSet()) : Set.of();
	}

}
