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
import java.util.stream.Stream;

import org.jspecify.annotations.Nullable;

import dev.wspolicy.frame.Direction;
import dev.wspolicy.rollout.PolicyList;
import dev.wspolicy.rollout.Rollout;
import dev.wspolicy.rollout.RolloutOverride;
import dev.wspolicy.rollout.RolloutOverrides;

/**
 * All pipelines, and the policies and settings that each of them resolves to for a route
 * and a subprotocol. Safe from any thread.
 */
public final class PipelineCatalog {

	// There are few routes and subprotocols, but a peer can invent any number of names.
	private static final int MAX_CACHED = 1024;

	private final List<PolicyBinding> annotated;

	private final List<UpgradeBinding> annotatedUpgrade;

	private volatile Snapshot current;

	/**
	 * Creates a catalog without upgrade policies that bind themselves.
	 * @param definitions the pipelines, among them the default one
	 * @param annotated the policies that bind themselves, in order
	 */
	public PipelineCatalog(List<PipelineDefinition> definitions, List<PolicyBinding> annotated) {
		this(definitions, annotated, List.of());
	}

	/**
	 * Creates a catalog.
	 * @param definitions the pipelines, among them the default one
	 * @param annotated the policies that bind themselves, in order
	 * @param annotatedUpgrade the upgrade policies that bind themselves, in order
	 */
	public PipelineCatalog(List<PipelineDefinition> definitions, List<PolicyBinding> annotated,
			List<UpgradeBinding> annotatedUpgrade) {
		this.annotated = List.copyOf(annotated);
		this.annotatedUpgrade = List.copyOf(annotatedUpgrade);
		this.current = new Snapshot(with(definitions, Map.of()), RolloutOverrides.NONE, this.annotated);
		if (!names().contains(PipelineDefinition.DEFAULT_NAME)) {
			throw new IllegalArgumentException("definitions: no pipeline '" + PipelineDefinition.DEFAULT_NAME + "'");
		}
	}

	/**
	 * Replaces the overrides of how far policies are rolled out. What has been resolved
	 * before is not changed.
	 * @param overrides the overrides
	 */
	public synchronized void override(RolloutOverrides overrides) {
		this.current = new Snapshot(this.current.definitions, overrides, this.annotated);
	}

	/**
	 * Replaces the pipelines of the same names, adds those with new names, and replaces
	 * the overrides at once. What has been resolved before is not changed.
	 * @param definitions the pipelines
	 * @param overrides the overrides
	 */
	public synchronized void replace(List<PipelineDefinition> definitions, RolloutOverrides overrides) {
		this.current = new Snapshot(with(definitions, this.current.definitions), overrides, this.annotated);
	}

	private static Map<String, PipelineDefinition> with(List<PipelineDefinition> replaced,
			Map<String, PipelineDefinition> former) {
		Map<String, PipelineDefinition> latter = new LinkedHashMap<>(former);
		replaced.forEach((definition) -> latter.put(definition.name(), definition));
		return Collections.unmodifiableMap(latter);
	}

	/**
	 * Returns the overrides of how far policies are rolled out.
	 * @return the overrides
	 */
	public RolloutOverrides overrides() {
		return this.current.overrides;
	}

	/**
	 * Returns the names of all pipelines.
	 * @return the names
	 */
	public Set<String> names() {
		return this.current.definitions.keySet();
	}

	/**
	 * Returns a pipeline as it is configured.
	 * @param name its name
	 * @return the definition
	 * @throws IllegalArgumentException if there is no pipeline of that name
	 */
	public PipelineDefinition definition(String name) {
		return definition(name, this.current);
	}

	private static PipelineDefinition definition(String name, Snapshot snapshot) {
		PipelineDefinition definition = snapshot.definitions.get(name);
		if (definition == null) {
			throw new IllegalArgumentException(
					"pipeline: '" + name + "' (expected: one of " + snapshot.definitions.keySet() + ")");
		}
		return definition;
	}

	/**
	 * Returns the policies on the upgrades of a route.
	 * @param definition the pipeline
	 * @param routeId the route of the upgrade
	 * @return the policies, in order; one that binds itself and is listed too is only
	 * where it is listed
	 */
	public List<UpgradeBinding> upgradePolicies(PipelineDefinition definition, String routeId) {
		List<UpgradeBinding> listed = definition.upgrade();
		List<UpgradeBinding> policies = new ArrayList<>();
		for (UpgradeBinding binding : this.annotatedUpgrade) {
			boolean alsoListed = listed.stream().anyMatch(binding::isOfPolicyOf);
			if (!alsoListed && NamePattern.admits(binding.routes(), routeId)) {
				policies.add(binding);
			}
		}
		policies.addAll(listed);
		Snapshot snapshot = this.current;
		policies.replaceAll((binding) -> snapshot.overridden(binding,
				snapshot.overrides.find(definition.name(), binding.name(), PolicyList.UPGRADE, routeId)));
		return policies;
	}

	/**
	 * Resolves the pipeline of a session. It is shared by all sessions with the same
	 * name, route and subprotocol unless one of its policies is per session, so call this
	 * once for each session.
	 * @param name the name of the pipeline
	 * @param routeId the route of the session
	 * @param subprotocol the subprotocol of the session, or {@code null}
	 * @return the pipeline with all policies that match
	 * @throws IllegalArgumentException if there is no pipeline of that name
	 */
	public SessionPipeline resolve(String name, String routeId, @Nullable String subprotocol) {
		Snapshot snapshot = this.current;
		Key key = new Key(name, routeId, subprotocol);
		SessionPipeline pipeline = snapshot.resolved.get(key);
		if (pipeline == null) {
			PipelineDefinition definition = definition(name, snapshot);
			pipeline = assemble(definition, routeId, subprotocol, snapshot);
			if (snapshot.resolved.size() < MAX_CACHED && !isPerSession(definition)) {
				snapshot.resolved.put(key, pipeline);
			}
		}
		return pipeline;
	}

	/**
	 * Resolves the pipeline that replaces the one of a live session, if that has changed
	 * and its changes apply to live sessions. Overrides always apply to live sessions.
	 * @param former the definition that the session was opened with
	 * @param current the pipeline that serves the session
	 * @param routeId the route of the session
	 * @param subprotocol the subprotocol of the session, or {@code null}
	 * @return the successor, or {@code null} if the session keeps its pipeline
	 */
	public @Nullable SessionPipeline successor(PipelineDefinition former, SessionPipeline current, String routeId,
			@Nullable String subprotocol) {
		PipelineDefinition latter = definition(former.name());
		return (!latter.equals(former) && latter.reload().applyToLive()) ? resolve(latter.name(), routeId, subprotocol)
				: overridden(current, routeId);
	}

	/**
	 * Resolves the pipeline of a live session with the overrides that are in force. Its
	 * policies stay the same, except for those that are rolled out otherwise.
	 * @param current the pipeline that serves the session
	 * @param routeId the route of the session
	 * @return the successor, or {@code null} if the session keeps its pipeline
	 */
	public @Nullable SessionPipeline overridden(SessionPipeline current, String routeId) {
		Snapshot snapshot = this.current;
		SessionPipeline latter = snapshot.successors.get(current);
		if (latter == null) {
			latter = snapshot.overridden(current, routeId);
			if (snapshot.successors.size() < MAX_CACHED
					&& current.policies().stream().allMatch(snapshot.stages::contains)) {
				// The first one counts, also if another session has just been quicker.
				SessionPipeline quicker = snapshot.successors.putIfAbsent(current, latter);
				latter = (quicker != null) ? quicker : latter;
			}
		}
		return isSame(latter, current) ? null : latter;
	}

	// Pipelines that are equal are still two pipelines.
	@SuppressWarnings("ReferenceEquality")
	private static boolean isSame(SessionPipeline one, SessionPipeline other) {
		return one == other;
	}

	private static boolean isPerSession(PipelineDefinition definition) {
		return definition.inbound().stream().anyMatch(PolicyBinding::isPerSession)
				|| definition.outbound().stream().anyMatch(PolicyBinding::isPerSession);
	}

	/**
	 * Returns the policies on the sessions of a route, for any subprotocol.
	 * @param name the name of the pipeline
	 * @param direction the direction
	 * @param routeId the route
	 * @return the policies, in order
	 * @throws IllegalArgumentException if there is no pipeline of that name
	 */
	public List<PolicyBinding> policies(String name, Direction direction, String routeId) {
		Snapshot snapshot = this.current;
		return policies(definition(name, snapshot), direction, routeId, (binding) -> true, snapshot);
	}

	/**
	 * Returns the frame policies that an override may concern: those of a list, and those
	 * that bind themselves.
	 * @param definition the pipeline
	 * @param list the list
	 * @param routeId the route that they serve, or {@code null} for any
	 * @return the policies as they are configured
	 */
	public List<PolicyBinding> candidates(PipelineDefinition definition, PolicyList list, @Nullable String routeId) {
		Direction direction = (list == PolicyList.INBOUND) ? Direction.INBOUND : Direction.OUTBOUND;
		return Stream
			.concat(this.annotated.stream().filter((binding) -> binding.directions().contains(direction)),
					definition.listed(direction).stream())
			.filter((binding) -> routeId == null || NamePattern.admits(binding.routes(), routeId))
			.toList();
	}

	/**
	 * Returns the upgrade policies that an override may concern.
	 * @param definition the pipeline
	 * @param routeId the route that they serve, or {@code null} for any
	 * @return the policies as they are configured
	 */
	public List<UpgradeBinding> upgradeCandidates(PipelineDefinition definition, @Nullable String routeId) {
		return Stream.concat(this.annotatedUpgrade.stream(), definition.upgrade().stream())
			.filter((binding) -> routeId == null || NamePattern.admits(binding.routes(), routeId))
			.toList();
	}

	private static List<PolicyBinding> forSession(List<PolicyBinding> bindings) {
		return bindings.stream().map(PolicyBinding::forSession).toList();
	}

	private SessionPipeline assemble(PipelineDefinition definition, String routeId, @Nullable String subprotocol,
			Snapshot snapshot) {
		Predicate<PolicyBinding> serves = (binding) -> NamePattern.admits(binding.subprotocols(), subprotocol);
		List<PolicyBinding> inbound = policies(definition, Direction.INBOUND, routeId, serves, snapshot);
		List<PolicyBinding> outbound = policies(definition, Direction.OUTBOUND, routeId, serves, snapshot);
		return SessionPipeline.of(definition.name(), definition.settings(), forSession(inbound), forSession(outbound));
	}

	private List<PolicyBinding> policies(PipelineDefinition definition, Direction direction, String routeId,
			Predicate<PolicyBinding> serves, Snapshot snapshot) {
		List<PolicyBinding> listed = definition.listed(direction);
		List<PolicyBinding> policies = new ArrayList<>();
		for (PolicyBinding binding : this.annotated) {
			boolean matches = binding.directions().contains(direction) && NamePattern.admits(binding.routes(), routeId)
					&& serves.test(binding);
			boolean alsoListed = listed.stream().anyMatch(binding::isOfPolicyOf);
			if (matches && !alsoListed) {
				policies.add(binding);
			}
		}
		policies.addAll(listed);
		return snapshot.overridden(definition.name(), direction, routeId, policies, snapshot.stages);
	}

	/**
	 * The pipelines at one moment.
	 *
	 * @param definitions the pipelines by name, immutable
	 * @param overrides the overrides of how far their policies are rolled out
	 * @param resolved what has been resolved from them so far
	 * @param stages the policies that sessions share, in the stages of their rollout
	 * @param successors what follows from the pipelines of live sessions, which are
	 * compared by identity; a pipeline that stays is its own successor
	 * @param upgrades the upgrade policies that overrides have put into another stage
	 */
	private record Snapshot(Map<String, PipelineDefinition> definitions, RolloutOverrides overrides,
			Map<Key, SessionPipeline> resolved, RolloutStages stages, Map<SessionPipeline, SessionPipeline> successors,
			Map<UpgradeKey, UpgradeBinding> upgrades) {

		Snapshot(Map<String, PipelineDefinition> definitions, RolloutOverrides overrides,
				List<PolicyBinding> annotated) {
			this(definitions, overrides, new ConcurrentHashMap<>(),
					new RolloutStages(Stream.concat(annotated.stream(),
							definitions.values()
								.stream()
								.flatMap((definition) -> Stream.concat(definition.inbound().stream(),
										definition.outbound().stream())))),
					Collections.synchronizedMap(new IdentityHashMap<>()), new ConcurrentHashMap<>());
		}

		SessionPipeline overridden(SessionPipeline current, String routeId) {
			List<PolicyBinding> inbound = current.inbound().bindings();
			List<PolicyBinding> outbound = current.outbound().bindings();
			RolloutStages used = new RolloutStages(Stream.concat(inbound.stream(), outbound.stream()).toList(),
					this.stages);
			List<PolicyBinding> latterInbound = overridden(current.name(), Direction.INBOUND, routeId, inbound, used);
			List<PolicyBinding> latterOutbound = overridden(current.name(), Direction.OUTBOUND, routeId, outbound,
					used);
			return (inbound.equals(latterInbound) && outbound.equals(latterOutbound)) ? current
					: SessionPipeline.of(current.name(), current.settings(), latterInbound, latterOutbound);
		}

		List<PolicyBinding> overridden(String pipeline, Direction direction, String routeId,
				List<PolicyBinding> bindings, RolloutStages used) {
			PolicyList list = PolicyList.of(direction);
			return bindings.stream()
				.map((binding) -> binding.overridden(this.overrides.find(pipeline, binding.name(), list, routeId),
						used))
				.toList();
		}

		/**
		 * Returns an upgrade policy in the stage of an override. It exists once, because
		 * it logs its first failure only.
		 */
		UpgradeBinding overridden(UpgradeBinding binding, @Nullable RolloutOverride override) {
			return (override != null) ? this.upgrades.computeIfAbsent(new UpgradeKey(binding, override.rollout()),
					(key) -> binding.overridden(override)) : binding;
		}

	}

	private record Key(String name, String routeId, @Nullable String subprotocol) {
	}

	private record UpgradeKey(UpgradeBinding binding, Rollout rollout) {
	}

}
