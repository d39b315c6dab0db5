package dev.wspolicy.autoconfigure;

import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.DisposableBean;
import reactor.core.Disposable;
import reactor.core.scheduler.Scheduler;

import dev.wspolicy.frame.Direction;
import dev.wspolicy.netty.LiveSessions;
import dev.wspolicy.pipeline.PipelineCatalog;
import dev.wspolicy.pipeline.PipelineDefinition;
import dev.wspolicy.pipeline.PolicyBinding;
import dev.wspolicy.pipeline.SessionPipeline;
import dev.wspolicy.policy.FramePolicy;
import dev.wspolicy.policy.MaxDelay;
import dev.wspolicy.rollout.PolicyList;
import dev.wspolicy.rollout.PolicySwitch;
import dev.wspolicy.rollout.PolicyTarget;
import dev.wspolicy.rollout.Rollout;
import dev.wspolicy.rollout.RolloutOverride;
import dev.wspolicy.rollout.RolloutOverrides;
import dev.wspolicy.rollout.UnknownPolicyException;
import dev.wspolicy.session.ProxiedSession;

/**
 * Overrides how far policies are rolled out until that is undone, an override ends by
 * itself, or the application restarts.
 */
final class RolloutSwitch implements PolicySwitch, DisposableBean {

	private static final Log logger = LogFactory.getLog(RolloutSwitch.class);

	private final PipelineCatalog catalog;

	private final LiveSessions sessions;

	/** Ends overrides, by its own clock. */
	private final Scheduler scheduler;

	/** What ends the overrides in force; guarded by this. */
	private final Map<RolloutOverride, Disposable> endings = new HashMap<>();

	/**
	 * Creates a switch.
	 * @param catalog the pipelines
	 * @param sessions the live sessions
	 * @param scheduler ends overrides, by its own clock
	 */
	RolloutSwitch(PipelineCatalog catalog, LiveSessions sessions, Scheduler scheduler) {
		this.catalog = catalog;
		this.sessions = sessions;
		this.scheduler = scheduler;
	}

	@Override
	public void check(RolloutOverride override) {
		PolicyTarget target = override.target();
		if (!this.catalog.names().contains(target.pipeline())) {
			throw new UnknownPolicyException("pipeline: no pipeline '" + target.pipeline() + "' (expected: "
					+ String.join(", ", new TreeSet<>(this.catalog.names())) + ")");
		}
		if (override.isOver(now())) {
			throw new IllegalArgumentException("until: " + override.until() + " (expected: a time in the future)");
		}
		check(override, this.catalog.definition(target.pipeline()));
	}

	private void check(RolloutOverride override, PipelineDefinition definition) {
		PolicyTarget target = override.target();
		List<Candidate> named = named(definition, target);
		if (named.isEmpty()) {
			named = kept(definition, target);
		}
		if (named.isEmpty()) {
			throw new UnknownPolicyException("policy: no policy '" + target.policy() + "' in "
					+ ((target.list() != null) ? "the list " + target.list() + " of " : "") + "the pipeline '"
					+ target.pipeline() + "'"
					+ ((target.route() != null) ? " on the route '" + target.route() + "'" : "")
					+ known(definition, target));
		}
		if (override.rollout().observes() && !named.stream().allMatch(Candidate::observable)) {
			throw new IllegalArgumentException("mode: the policy '" + target.policy() + "' cannot be observed, because"
					+ " the traffic would not be the same if its verdicts had no effect (expected: enforce or off, and"
					+ " with a share rest=off)");
		}
		for (Candidate candidate : named) {
			checkWait(candidate, definition, override.rollout());
		}
	}

	private List<Candidate> named(PipelineDefinition definition, PolicyTarget target) {
		return candidates(definition, target).filter((each) -> each.name().equals(target.policy())).toList();
	}

	/**
	 * Return a policy that has been removed from its pipeline, as live sessions have it
	 * whose pipeline does not change.
	 */
	private List<Candidate> kept(PipelineDefinition definition, PolicyTarget target) {
		if (definition.reload().applyToLive()) {
			return List.of();
		}
		return this.sessions.served((session) -> target.isOn(session.upgrade().routeId()))
			.flatMap((pipeline) -> served(pipeline, target))
			.map((binding) -> new Candidate(binding.name(), binding.prototype().isObservable(), null))
			.distinct()
			.toList();
	}

	private String known(PipelineDefinition definition, PolicyTarget target) {
		String names = candidates(definition, target).map(Candidate::name)
			.distinct()
			.sorted(Comparator.naturalOrder())
			.collect(Collectors.joining(", "));
		return names.isEmpty() ? ", which has no policies" : " (expected: " + names + ")";
	}

	/** As at start-up: a policy must not delay verdicts for longer than is allowed. */
	private void checkWait(Candidate candidate, PipelineDefinition definition, Rollout rollout) {
		PolicyBinding binding = candidate.binding();
		if (binding == null) {
			return;
		}
		List<FramePolicy> listed = Stream.concat(definition.inbound().stream(), definition.outbound().stream())
			.map(PolicyBinding::prototype)
			.map(DelegatingFramePolicy::unwrap)
			.toList();
		Duration timeout = definition.settings().timeouts().verdict();
		MaxDelay delay = binding.rolledOut(rollout).prototype().maxDelay(listed);
		if (delay != null && delay.time().compareTo(timeout) >= 0) {
			throw new IllegalArgumentException("mode: the policy '" + binding.name() + "' delays frames for up to "
					+ delay.time() + ", which is not less than the pipeline's verdict-timeout of " + timeout
					+ " (expected: observe or off)");
		}
	}

	private Stream<Candidate> candidates(PipelineDefinition definition, PolicyTarget target) {
		Stream<Candidate> upgrade = target.isIn(PolicyList.UPGRADE)
				? this.catalog.upgradeCandidates(definition, target.route())
					.stream()
					.map((binding) -> new Candidate(binding.name(), binding.policy().isObservable(), null))
				: Stream.empty();
		return Stream.concat(upgrade,
				Stream.of(PolicyList.INBOUND, PolicyList.OUTBOUND)
					.filter(target::isIn)
					.flatMap((list) -> this.catalog.candidates(definition, list, target.route()).stream())
					.map((binding) -> new Candidate(binding.name(), binding.prototype().isObservable(), binding)));
	}

	@Override
	public synchronized long set(RolloutOverride override) {
		check(override);
		RolloutOverrides latter = this.catalog.overrides().with(override);
		if (latter.equals(this.catalog.overrides())) {
			return count(List.of(override.target()));
		}
		apply(latter);
		schedule(override);
		long count = switchLive(List.of(override.target()));
		logger.info("Switched the " + override + ", which concerns " + count + " live sessions");
		return count;
	}

	@Override
	public synchronized long undo(PolicyTarget target) {
		List<RolloutOverride> undone = overrides().stream()
			.filter((override) -> target.covers(override.target()))
			.toList();
		if (undone.isEmpty()) {
			throw new UnknownPolicyException("policy: no override of the " + target + overridden());
		}
		long count = remove(undone::contains);
		logger.info("Undid the switch of the " + target + ", which concerns " + count + " live sessions");
		return count;
	}

	private String overridden() {
		String known = overrides().stream()
			.map((override) -> override.target().toString())
			.distinct()
			.collect(Collectors.joining("; "));
		return known.isEmpty() ? ", because no policy is overridden" : " (expected: " + known + ")";
	}

	@Override
	public List<RolloutOverride> overrides() {
		return this.catalog.overrides().all();
	}

	/**
	 * Replace pipelines, and keep the overrides whose policies still exist, if only for
	 * live sessions.
	 * @param definitions the pipelines
	 */
	synchronized void replace(List<PipelineDefinition> definitions) {
		Map<String, PipelineDefinition> replaced = definitions.stream()
			.collect(Collectors.toMap(PipelineDefinition::name, (definition) -> definition));
		RolloutOverrides kept = this.catalog.overrides().without((override) -> {
			PipelineDefinition definition = replaced.get(override.target().pipeline());
			return definition != null && !isPossible(override, definition);
		});
		this.catalog.replace(definitions, kept);
		cancelEndings();
	}

	private boolean isPossible(RolloutOverride override, PipelineDefinition definition) {
		try {
			check(override, definition);
			if (named(definition, override.target()).isEmpty()) {
				// These must not find it enforced again.
				logger.warn("The override of the " + override + " only concerns live sessions that still have the"
						+ " policy from now on, because their pipeline has changed");
			}
			return true;
		}
		catch (UnknownPolicyException | IllegalArgumentException ex) {
			logger.warn("The override of the " + override + " has been dropped, because its pipeline has changed. "
					+ ex.getMessage());
			return false;
		}
	}

	/**
	 * Have live sessions, whose pipelines may just have changed, follow the overrides.
	 */
	void switchLive() {
		switchLive((session) -> true);
	}

	private long remove(Predicate<RolloutOverride> removed) {
		List<PolicyTarget> targets = overrides().stream().filter(removed).map(RolloutOverride::target).toList();
		apply(this.catalog.overrides().without(removed));
		return switchLive(targets);
	}

	private void apply(RolloutOverrides overrides) {
		this.catalog.override(overrides);
		cancelEndings();
	}

	/** Cancels what would end overrides that are no longer in force. */
	private void cancelEndings() {
		List<RolloutOverride> inForce = overrides();
		this.endings.entrySet().removeIf((ending) -> {
			boolean gone = !inForce.contains(ending.getKey());
			if (gone) {
				ending.getValue().dispose();
			}
			return gone;
		});
	}

	private void schedule(RolloutOverride override) {
		Instant until = override.until();
		if (until != null) {
			long delay = Math.max(0, Duration.between(now(), until).toMillis());
			Disposable former = this.endings.put(override,
					this.scheduler.schedule(() -> end(override), delay, TimeUnit.MILLISECONDS));
			if (former != null) {
				former.dispose();
			}
		}
	}

	private synchronized void end(RolloutOverride override) {
		if (overrides().contains(override)) {
			long count = remove(override::equals);
			logger.info("The override of the " + override + " has ended, which concerns " + count + " live sessions");
		}
	}

	private Instant now() {
		return Instant.ofEpochMilli(this.scheduler.now(TimeUnit.MILLISECONDS));
	}

	private long count(List<PolicyTarget> targets) {
		return this.sessions.count((session, pipeline) -> targets.stream()
			.anyMatch((target) -> isServed(pipeline, target, session.upgrade().routeId())));
	}

	private long switchLive(List<PolicyTarget> targets) {
		long count = count(targets);
		switchLive((session) -> targets.stream()
			.anyMatch((target) -> target.pipeline().equals(session.pipeline())
					&& target.isOn(session.upgrade().routeId())));
		return count;
	}

	private static boolean isServed(SessionPipeline pipeline, PolicyTarget target, String routeId) {
		return target.isOn(routeId) && served(pipeline, target).findAny().isPresent();
	}

	/** Return the frame policies of a session that are meant, if its route is. */
	private static Stream<PolicyBinding> served(SessionPipeline pipeline, PolicyTarget target) {
		return Arrays.stream(Direction.values())
			.filter((direction) -> pipeline.name().equals(target.pipeline()) && target.isIn(PolicyList.of(direction)))
			.flatMap((direction) -> pipeline.policies(direction).bindings().stream())
			.filter((binding) -> binding.name().equals(target.policy()));
	}

	private void switchLive(Predicate<ProxiedSession> selected) {
		this.sessions.switchPipelines(selected, this::overriddenOrNone);
	}

	private @Nullable SessionPipeline overriddenOrNone(ProxiedSession session, SessionPipeline current) {
		try {
			return this.catalog.overridden(current, session.upgrade().routeId());
		}
		catch (RuntimeException ex) {
			logger.error("Session " + session.id() + " keeps its pipeline '" + current.name() + "' as it was", ex);
			return null;
		}
	}

	@Override
	public synchronized void destroy() {
		this.endings.values().forEach(Disposable::dispose);
		this.endings.clear();
	}

	/**
	 * A policy that an override may concern.
	 *
	 * @param name the name of the policy
	 * @param observable whether it can be observed
	 * @param binding its binding, or {@code null} if it cannot hold messages for longer
	 * than before: an upgrade policy, or one that only live sessions still have
	 */
	private record Candidate(String name, boolean observable, @Nullable PolicyBinding binding) {
	}

}
