package dev.wspolicy.pipeline;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

import org.jspecify.annotations.Nullable;

import dev.wspolicy.frame.Direction;

/**
 * All pipelines, and what each of them comes to for a route and a subprotocol. Safe from
 * any thread.
 */
public final class PipelineCatalog {

	// Routes and subprotocols are few, but a peer could make up any number of names.
	private static final int MAX_CACHED = 1024;

	private final Map<String, PipelineDefinition> definitions = new LinkedHashMap<>();

	private final List<PolicyBinding> annotated;

	private final Map<Key, SessionPipeline> resolved = new ConcurrentHashMap<>();

	/**
	 * A catalog.
	 * @param definitions the pipelines, among them the default one
	 * @param annotated the policies that bind themselves, in order
	 */
	public PipelineCatalog(List<PipelineDefinition> definitions, List<PolicyBinding> annotated) {
		definitions.forEach((definition) -> this.definitions.put(definition.name(), definition));
		this.annotated = List.copyOf(annotated);
		if (!this.definitions.containsKey(PipelineDefinition.DEFAULT_NAME)) {
			throw new IllegalArgumentException("definitions: no pipeline '" + PipelineDefinition.DEFAULT_NAME + "'");
		}
	}

	/**
	 * The names of all pipelines.
	 * @return the names
	 */
	public Set<String> names() {
		return Set.copyOf(this.definitions.keySet());
	}

	/**
	 * A pipeline as it is configured.
	 * @param name its name
	 * @return the definition
	 * @throws IllegalArgumentException if there is none of that name
	 */
	public PipelineDefinition definition(String name) {
		PipelineDefinition definition = this.definitions.get(name);
		if (definition == null) {
			throw new IllegalArgumentException("pipeline: '" + name + "' (expected: one of " + names() + ")");
		}
		return definition;
	}

	/**
	 * What serves a session.
	 * @param name the name of the pipeline
	 * @param routeId the route of the session
	 * @param subprotocol the subprotocol of the session, or {@code null}
	 * @return the pipeline with all policies that match
	 * @throws IllegalArgumentException if there is no pipeline of that name
	 */
	public SessionPipeline resolve(String name, String routeId, @Nullable String subprotocol) {
		Key key = new Key(name, routeId, subprotocol);
		SessionPipeline pipeline = this.resolved.get(key);
		if (pipeline == null) {
			pipeline = assemble(definition(name), routeId, subprotocol);
			if (this.resolved.size() < MAX_CACHED) {
				this.resolved.put(key, pipeline);
			}
		}
		return pipeline;
	}

	private SessionPipeline assemble(PipelineDefinition definition, String routeId, @Nullable String subprotocol) {
		List<PolicyBinding> inbound = policies(definition, Direction.INBOUND, routeId, subprotocol);
		List<PolicyBinding> outbound = policies(definition, Direction.OUTBOUND, routeId, subprotocol);
		return SessionPipeline.of(definition, inbound, outbound);
	}

	private List<PolicyBinding> policies(PipelineDefinition definition, Direction direction, String routeId,
			@Nullable String subprotocol) {
		List<PolicyBinding> listed = definition.listed(direction);
		List<PolicyBinding> policies = new ArrayList<>();
		for (PolicyBinding binding : this.annotated) {
			boolean matches = binding.directions().contains(direction) && NamePattern.admits(binding.routes(), routeId)
					&& NamePattern.admits(binding.subprotocols(), subprotocol);
			boolean alsoListed = listed.stream().anyMatch((other) -> other.policy() == binding.policy());
			if (matches && !alsoListed) {
				policies.add(binding);
			}
		}
		policies.addAll(listed);
		return policies;
	}

	private record Key(String name, String routeId, @Nullable String subprotocol) {

	}

}
