package dev.wspolicy.autoconfigure;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Stream;

import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

import dev.wspolicy.autoconfigure.WsPolicyProperties.Pipeline;
import dev.wspolicy.frame.Direction;
import dev.wspolicy.frame.FrameType;
import dev.wspolicy.pipeline.PipelineDefinition;
import dev.wspolicy.pipeline.PolicyBinding;
import dev.wspolicy.pipeline.PolicyOrigin;
import dev.wspolicy.pipeline.SessionSettings;
import dev.wspolicy.pipeline.UpgradeBinding;
import dev.wspolicy.policy.FramePolicy;
import dev.wspolicy.policy.FramePolicyFactory;
import dev.wspolicy.policy.MaxDelay;
import dev.wspolicy.redaction.LowerCase;
import dev.wspolicy.rollout.Rollout;

/**
 * Creates pipelines and the policies that they list from properties.
 */
final class PipelineReader {

	private static final Log logger = LogFactory.getLog(PipelineReader.class);

	private static final Pipeline NOTHING = new Pipeline();

	private final WsPolicyProperties properties;

	private final PolicyBindings policies;

	private final Map<String, FramePolicyFactory<?>> factories = new LinkedHashMap<>();

	private final UpgradePolicies upgradePolicies;

	private final SettingsBinder settingsBinder;

	private final RequiredLibraries libraries;

	/** All known policy names, including those whose library is missing. */
	private final Set<String> names;

	PipelineReader(WsPolicyProperties properties, PolicyBindings policies, List<FramePolicyFactory<?>> factories,
			UpgradePolicies upgradePolicies, SettingsBinder settingsBinder, RequiredLibraries libraries) {
		this.properties = properties;
		this.policies = policies;
		this.upgradePolicies = upgradePolicies;
		this.settingsBinder = settingsBinder;
		this.libraries = libraries;
		for (FramePolicyFactory<?> factory : factories) {
			if (this.factories.putIfAbsent(RelaxedNames.kebab(factory.name()), factory) != null) {
				throw new InvalidPipelineException("There are two policy factories named '" + factory.name() + "'.",
						"Rename one of the FramePolicyFactory beans.");
			}
		}
		this.names = new LinkedHashSet<>(this.factories.keySet());
		this.names.addAll(policies.names());
		this.names.addAll(upgradePolicies.names());
		this.names.addAll(RequiredLibraries.policies());
	}

	/** Read all pipelines, including the default one even if it is not configured. */
	List<PipelineDefinition> read() {
		Set<String> names = new TreeSet<>(this.properties.getPipelines().keySet());
		names.add(PipelineDefinition.DEFAULT_NAME);
		return read(names, (name) -> null);
	}

	/**
	 * Read some pipelines.
	 * @param names the names of the pipelines
	 * @param previous returns the previous version of a pipeline, or {@code null}; a list
	 * of policies that is no longer configured is taken from it
	 * @return the pipelines
	 */
	List<PipelineDefinition> read(Set<String> names, Function<String, @Nullable PipelineDefinition> previous) {
		this.libraries.require(listedOnFrames(names));
		List<PipelineDefinition> definitions = new ArrayList<>();
		// Read the default pipeline first, so that its errors are not attributed to the
		// pipelines that inherit from it.
		if (names.contains(PipelineDefinition.DEFAULT_NAME)) {
			definitions.add(read(PipelineDefinition.DEFAULT_NAME, previous.apply(PipelineDefinition.DEFAULT_NAME)));
		}
		for (String name : names) {
			if (!name.equals(PipelineDefinition.DEFAULT_NAME)) {
				definitions.add(read(name, previous.apply(name)));
			}
		}
		return definitions;
	}

	/**
	 * Return the frame policies that neither a bean nor a factory provides, by property.
	 */
	private Map<String, String> listedOnFrames(Set<String> names) {
		Map<String, String> listed = new LinkedHashMap<>();
		for (String name : names) {
			Pipeline pipeline = this.properties.getPipelines().getOrDefault(name, NOTHING);
			String property = this.settingsBinder.pipeline(name);
			addUnknown(property + ".inbound", pipeline.getInbound(), listed);
			addUnknown(property + ".outbound", pipeline.getOutbound(), listed);
		}
		return listed;
	}

	private void addUnknown(String list, List<PolicyEntry> entries, Map<String, String> listed) {
		for (int i = 0; i < entries.size(); i++) {
			String name = RelaxedNames.resolve(entries.get(i).name(), this.names);
			if (!this.factories.containsKey(name) && this.policies.find(name) == null) {
				listed.put(list + "[" + i + "]", name);
			}
		}
	}

	private PipelineDefinition read(String name, @Nullable PipelineDefinition previous) {
		Pipeline own = this.properties.getPipelines().getOrDefault(name, NOTHING);
		Pipeline defaults = this.properties.getPipelines().getOrDefault(PipelineDefinition.DEFAULT_NAME, NOTHING);
		String property = this.settingsBinder.pipeline(name);
		PipelinePropertyResolver resolver = new PipelinePropertyResolver(property, own, defaults);
		SessionSettings settings = resolver.settings();
		List<PolicyBinding> inbound = readUnlessRemoved(property + ".inbound",
				(previous != null) ? previous.inbound() : List.of(),
				(list) -> policies(list, Direction.INBOUND, own.getInbound()));
		List<PolicyBinding> outbound = readUnlessRemoved(property + ".outbound",
				(previous != null) ? previous.outbound() : List.of(),
				(list) -> policies(list, Direction.OUTBOUND, own.getOutbound()));
		List<UpgradeBinding> upgrade = readUnlessRemoved(property + ".upgrade",
				(previous != null) ? previous.upgrade() : List.of(), (list) -> upgradePolicies(list, own.getUpgrade()));
		ListedAuthentication.verify(inbound, outbound);
		checkWaits(Stream.concat(inbound.stream(), outbound.stream()).toList(), property + ".session.verdict-timeout",
				settings.timeouts().verdict());
		return new PipelineDefinition(name, own.isEnabled(), upgrade, inbound, outbound, settings, resolver.reload());
	}

	/**
	 * Policies must be removed explicitly: a list that is no longer configured may have
	 * been lost together with its file.
	 */
	private <T> List<T> readUnlessRemoved(String list, List<T> previous, Function<String, List<T>> reader) {
		if (previous.isEmpty() || this.settingsBinder.hasList(list)) {
			return reader.apply(list);
		}
		logger.warn("The property '" + list + "' is no longer configured. Its policies remain in effect until the"
				+ " application restarts. To remove them, set it to [].");
		return previous;
	}

	private List<PolicyBinding> policies(String list, Direction direction, List<PolicyEntry> entries) {
		List<PolicyBinding> bindings = new ArrayList<>();
		for (int i = 0; i < entries.size(); i++) {
			bindings.add(policy(list + "[" + i + "]", direction, entries.get(i)));
		}
		return bindings;
	}

	private List<UpgradeBinding> upgradePolicies(String list, List<PolicyEntry> entries) {
		for (int i = 0; i < entries.size(); i++) {
			String name = entries.get(i).name();
			String resolved = RelaxedNames.resolve(name, this.names);
			boolean onFrames = this.factories.containsKey(resolved) || this.policies.find(resolved) != null;
			if (onFrames && !this.upgradePolicies.contains(name)) {
				throw InvalidPipelineException.wrongList(list + "[" + i + "]", name, "frames",
						"'inbound' or 'outbound'");
			}
		}
		return this.upgradePolicies.read(list, entries);
	}

	/**
	 * Checks that policies that delay verdicts by themselves do so for less than the
	 * verdict timeout. Otherwise their delay would count as a failure.
	 */
	private static void checkWaits(List<PolicyBinding> bindings, String limit, Duration timeout) {
		List<FramePolicy> listed = bindings.stream()
			.map(PolicyBinding::prototype)
			.map(DelegatingFramePolicy::unwrap)
			.toList();
		for (PolicyBinding binding : bindings) {
			MaxDelay delay = binding.policy().maxDelay(listed);
			if (delay != null && delay.time().compareTo(timeout) >= 0) {
				PolicyOrigin origin = binding.origin();
				String setting = ((origin.kind() == PolicyOrigin.Kind.FACTORY) ? origin.property() + "." : "")
						+ delay.setting();
				throw new InvalidPipelineException(
						"The property '" + setting + "' delays frames for up to " + delay.time()
								+ ", which is not less than the pipeline's verdict-timeout of " + timeout + ".",
						"Set it to a shorter time, or '" + limit + "' to a longer one.");
			}
		}
	}

	private PolicyBinding policy(String property, Direction direction, PolicyEntry entry) {
		String name = requireName(property, entry);
		String resolved = RelaxedNames.resolve(name, this.names);
		PolicyBinding binding = this.policies.find(resolved);
		FramePolicyFactory<?> factory = this.factories.get(resolved);
		if (factory != null && (binding == null || entry.hasSettings())) {
			PolicyBinding created = create(property, factory, name);
			if (!created.directions().contains(direction)) {
				String other = LowerCase.of(direction.opposite());
				throw InvalidPipelineException.wrongList(property, name, other + " frames", "'" + other + "'");
			}
			return created.rolledOut(rollout(property + "." + name, created, Rollout.COMPLETE)).in(direction);
		}
		if (binding == null && this.upgradePolicies.contains(name)) {
			throw InvalidPipelineException.wrongList(property, name, "upgrades", "'upgrade'");
		}
		if (binding == null) {
			List<String> known = new ArrayList<>(this.factories.keySet());
			known.addAll(this.policies.names());
			throw InvalidPipelineException.unknownName(property, "policy", name, known);
		}
		if (entry.hasSettings()) {
			throw InvalidPipelineException.settingsOfBean(property, name, "a FramePolicyFactory");
		}
		if (!binding.directions().contains(direction)) {
			throw new InvalidPipelineException(
					"The property '" + property + "' lists the policy '" + name + "', whose @WsPolicy excludes "
							+ direction + ".",
					"List it for the other direction, or add Direction." + direction + " to its annotation.");
		}
		Rollout rollout = rollout(property + "." + name, binding, this.policies.annotatedRollout(binding));
		return this.policies.rolledOut(binding, rollout)
			.in(direction)
			.from(binding.origin().listedBy(PolicyOrigin.Kind.BEAN, property));
	}

	private Rollout rollout(String property, PolicyBinding binding, Rollout defaults) {
		Rollout rollout = this.settingsBinder.rollout(property, defaults);
		if (rollout.observes() && !binding.prototype().isObservable()) {
			throw InvalidPipelineException.notObservable("The property '" + property + "'", binding.name());
		}
		return rollout;
	}

	static String requireName(String property, PolicyEntry entry) {
		String name = entry.name();
		if (name.isEmpty()) {
			throw new InvalidPipelineException(
					"The property '" + property + "' has " + entry.size()
							+ " names, but an entry must have exactly one.",
					"Write '- name' or '- name: { setting: value }', and start each policy with its own dash.");
		}
		return name;
	}

	private <C> PolicyBinding create(String property, FramePolicyFactory<C> factory, String name) {
		C settings = this.settingsBinder.bind(property + "." + name, factory.settingsType());
		try {
			String known = factory.policyName(settings);
			PolicyBinding binding = this.policies.bind(known, factory.create(settings));
			Set<FrameType> types = factory.types(settings);
			PolicyBinding listed = ((types != null) ? binding.types(types.toArray(FrameType[]::new)) : binding)
				.from(binding.origin().listedBy(PolicyOrigin.Kind.FACTORY, property + "." + name));
			return factory.perSession(settings)
					? listed.perSession(() -> this.policies.bind(known, factory.create(settings)).policy()) : listed;
		}
		catch (IllegalArgumentException ex) {
			throw InvalidPipelineException.invalidSettings(property + "." + name, ex);
		}
	}

}
