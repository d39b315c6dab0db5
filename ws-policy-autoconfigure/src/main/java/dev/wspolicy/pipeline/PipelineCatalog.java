package dev.wspolicy.pipeline;

import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;

import org.jspecify.annotations.Nullable;

import dev.wspolicy.frame.Direction;
import dev.wspolicy.policy.UpgradePolicy;

/**
 * All pipelines, and what each of them comes to for a route and a subprotocol. Safe from
 * any thread.
 */
public final class PipelineCatalog {

	// Routes and subprotocols are few, but a peer could make up any number of names.
	private static final int MAX_CACHED = 1024;

	private final List<PolicyBinding> annotated;

	private volatile Snapshot current;

	/**
	 * A catalog.
	 * @param definitions the pipelines, among them the default one
	 * @param annotated the policies that bind themselves, in order
	 */
	public PipelineCatalog(List<PipelineDefinition> definitions, List<PolicyBinding> annotated) {
		this.annotated = List.copyOf(annotated);
		this.current = Snapshot.of(Map.of(), definitions);
		if (!names().contains(PipelineDefinition.DEFAULT_NAME)) {
			throw new IllegalArgumentException("definitions: no pipeline '" + PipelineDefinition.DEFAULT_NAME + "'");
		}
	}

	/**
	 * Put pipelines in the place of those with the same names, or beside the others. What
	 * has been resolved before stays as it is.
	 * @param definitions the pipelines
	 */
	public synchronized void replace(List<PipelineDefinition> definitions) {
		this.current = Snapshot.of(this.current.definitions, definitions);
	}

	/**
	 * The names of all pipelines.
	 * @return the names
	 */
	public Set<String> names() {
		return this.current.definitions.keySet();
	}

	/**
	 * A pipeline as it is configured.
	 * @param name its name
	 * @return the definition
	 * @throws IllegalArgumentException if there is none of that name
	 */
	public PipelineDefinition definition(String name) {
		PipelineDefinition definition = this.current.definitions.get(name);
		if (definition == null) {
			throw new IllegalArgumentException("pipeline: '" + name + "' (expected: one of " + names() + ")");
		}
		return definition;
	}

	/**
	 * Whether a pipeline lists an upgrade policy, which then serves only there.
	 * @param policy the policy
	 * @return {@code true} if at least one pipeline does
	 */
	public boolean lists(UpgradePolicy policy) {
		return this.current.listed.contains(policy);
	}

	/**
	 * What serves a session. Shared by all sessions for which the answer is the same,
	 * unless some policy is per session: call it once for each session.
	 * @param name the name of the pipeline
	 * @param routeId the route of the session
	 * @param subprotocol the subprotocol of the session, or {@code null}
	 * @return the pipeline with all policies that match
	 * @throws IllegalArgumentException if there is no pipeline of that name
	 */
	public SessionPipeline resolve(String name, String routeId, @Nullable String subprotocol) {
		Map<Key, SessionPipeline> resolved = this.current.resolved;
		Key key = new Key(name, routeId, subprotocol);
		SessionPipeline pipeline = resolved.get(key);
		if (pipeline == null) {
			PipelineDefinition definition = definition(name);
			pipeline = assemble(definition, routeId, subprotocol);
			if (resolved.size() < MAX_CACHED && !isPerSession(definition)) {
				resolved.put(key, pipeline);
			}
		}
		return pipeline;
	}

	/**
	 * What is to serve a live session from now on, if its pipeline has been replaced
	 * since, and is to reach the sessions that live.
	 * @param former the pipeline as it was when the session was given what serves it
	 * @param routeId the route of the session
	 * @param subprotocol the subprotocol of the session, or {@code null}
	 * @return the successor, or {@code null} for what the session has
	 */
	public @Nullable SessionPipeline successor(PipelineDefinition former, String routeId,
			@Nullable String subprotocol) {
		PipelineDefinition latter = definition(former.name());
		return (!latter.equals(former) && latter.onChange().applyToLive())
				? resolve(latter.name(), routeId, subprotocol) : null;
	}

	private static boolean isPerSession(PipelineDefinition definition) {
		return definition.inbound().stream().anyMatch(PolicyBinding::isPerSession)
				|| definition.outbound().stream().anyMatch(PolicyBinding::isPerSession);
	}

	/**
	 * The policies that serve the sessions of a route, whatever their subprotocols.
	 * @param name the name of the pipeline
	 * @param direction the direction
	 * @param routeId the route
	 * @return the policies, in order
	 * @throws IllegalArgumentException if there is no pipeline of that name
	 */
	public List<PolicyBinding> policies(String name, Direction direction, String routeId) {
		return policies(definition(name), direction, routeId, (binding) -> true);
	}

	private static List<PolicyBinding> forSession(List<PolicyBinding> bindings) {
		return bindings.stream().map(PolicyBinding::forSession).toList();
	}

	private SessionPipeline assemble(PipelineDefinition definition, String routeId, @Nullable String subprotocol) {
		Predicate<PolicyBinding> serves = (binding) -> NamePattern.admits(binding.subprotocols(), subprotocol);
		List<PolicyBinding> inbound = policies(definition, Direction.INBOUND, routeId, serves);
		List<PolicyBinding> outbound = policies(definition, Direction.OUTBOUND, routeId, serves);
		return SessionPipeline.of(definition, forSession(inbound), forSession(outbound));
	}

	private List<PolicyBinding> policies(PipelineDefinition definition, Direction direction, String routeId,
			Predicate<PolicyBinding> serves) {
		List<PolicyBinding> listed = definition.listed(direction);
		List<PolicyBinding> policies = new ArrayList<>();
		for (PolicyBinding binding : this.annotated) {
			boolean matches = binding.directions().contains(direction) && NamePattern.admits(binding.routes(), routeId)
					&& serves.test(binding);
			boolean alsoListed = listed.stream().anyMatch((other) -> other.policy() == binding.policy());
			if (matches && !alsoListed) {
				policies.add(binding);
			}
		}
		policies.addAll(listed);
		return policies;
	}

	/**
	 * The pipelines of one moment.
	 *
	 * @param definitions the pipelines by their names, never changed
	 * @param listed the upgrade policies that they list
	 * @param resolved what they have come to so far
	 */
	private record Snapshot(Map<String, PipelineDefinition> definitions, Set<UpgradePolicy> listed,
			Map<Key, SessionPipeline> resolved) {

		static Snapshot of(Map<String, PipelineDefinition> former, List<PipelineDefinition> latter) {
			Map<String, PipelineDefinition> definitions = new LinkedHashMap<>(former);
			latter.forEach((definition) -> definitions.put(definition.name(), definition));
			Set<UpgradePolicy> listed = Collections.newSetFromMap(new IdentityHashMap<>());
			definitions.values()
				.forEach((definition) -> definition.upgrade().forEach((binding) -> listed.add(binding.policy())));
			return new Snapshot(Collections.unmodifiableMap(definitions), listed, new ConcurrentHashMap<>());
		}

	}

	private record Key(String name, String routeId, @Nullable String subprotocol) {

	}

}
