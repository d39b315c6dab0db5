package dev.wspolicy.autoconfigure;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

import dev.wspolicy.autoconfigure.WsPolicyProperties.OnLoss;
import dev.wspolicy.autoconfigure.WsPolicyProperties.Pipeline;
import dev.wspolicy.frame.CloseStatus;
import dev.wspolicy.frame.Direction;
import dev.wspolicy.frame.FrameType;
import dev.wspolicy.pipeline.PipelineDefinition;
import dev.wspolicy.pipeline.PolicyBinding;
import dev.wspolicy.pipeline.PolicyOrigin;
import dev.wspolicy.pipeline.Timeouts;
import dev.wspolicy.pipeline.UpgradeBinding;
import dev.wspolicy.policy.FramePolicy;
import dev.wspolicy.policy.FramePolicyFactory;
import dev.wspolicy.policy.Wait;

/**
 * Makes pipelines from properties, with the policies that they list.
 */
final class PipelineReader {

	private static final Pipeline NOTHING = new Pipeline();

	private final WsPolicyProperties properties;

	private final PolicyBindings policies;

	private final Map<String, FramePolicyFactory<?>> factories = new LinkedHashMap<>();

	private final UpgradePolicies upgradePolicies;

	private final SettingsBinder settingsBinder;

	PipelineReader(WsPolicyProperties properties, PolicyBindings policies, List<FramePolicyFactory<?>> factories,
			UpgradePolicies upgradePolicies, SettingsBinder settingsBinder) {
		this.properties = properties;
		this.policies = policies;
		this.upgradePolicies = upgradePolicies;
		this.settingsBinder = settingsBinder;
		for (FramePolicyFactory<?> factory : factories) {
			if (this.factories.putIfAbsent(Names.kebab(factory.name()), factory) != null) {
				throw new InvalidPipelineException("There are two policy factories named '" + factory.name() + "'.",
						"Rename one of the FramePolicyFactory beans.");
			}
		}
	}

	/** All pipelines. */
	List<PipelineDefinition> read() {
		List<PipelineDefinition> definitions = new ArrayList<>();
		// First, so that what is wrong in it is not blamed on those that start from it.
		definitions.add(read(PipelineDefinition.DEFAULT_NAME));
		Set<String> names = new TreeSet<>(this.properties.getPipelines().keySet());
		names.remove(PipelineDefinition.DEFAULT_NAME);
		definitions.addAll(read(names));
		return definitions;
	}

	/**
	 * The pipelines of these names; those that nobody configures start from the default.
	 */
	List<PipelineDefinition> read(Set<String> names) {
		return names.stream().map(this::read).toList();
	}

	private PipelineDefinition read(String name) {
		Pipeline own = this.properties.getPipelines().getOrDefault(name, NOTHING);
		Pipeline fallback = this.properties.getPipelines().getOrDefault(PipelineDefinition.DEFAULT_NAME, NOTHING);
		String property = this.settingsBinder.pipeline(name);
		InheritedValues values = new InheritedValues(property, own, fallback);
		Timeouts timeouts = values.timeouts();
		List<PolicyBinding> inbound = policies(property + ".inbound", Direction.INBOUND, own.getInbound());
		List<PolicyBinding> outbound = policies(property + ".outbound", Direction.OUTBOUND, own.getOutbound());
		checkWaits(Stream.concat(inbound.stream(), outbound.stream()).toList(), property + ".session.verdict-timeout",
				timeouts.verdict());
		return new PipelineDefinition(name, own.isEnabled(), inbound, outbound, values.limits(Direction.INBOUND),
				values.limits(Direction.OUTBOUND), timeouts, values.framing(),
				values.get(Pipeline::getContentType, "application/json"),
				values.loss("upstream", OnLoss::getUpstream, CloseStatus.INTERNAL_ERROR),
				values.loss("client", OnLoss::getClient, CloseStatus.GOING_AWAY),
				upgradePolicies(property + ".upgrade", own.getUpgrade()), values.onChange(), values.waterMarks());
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
			boolean onFrames = this.factories.containsKey(Names.kebab(name)) || this.policies.find(name) != null;
			if (onFrames && !this.upgradePolicies.knows(name)) {
				throw InvalidPipelineException.wrongList(list + "[" + i + "]", name, "frames",
						"'inbound' or 'outbound'");
			}
		}
		return this.upgradePolicies.read(list, entries);
	}

	/**
	 * A verdict that a policy itself gives too late would be taken for a failure of it.
	 */
	private static void checkWaits(List<PolicyBinding> bindings, String limit, Duration timeout) {
		List<FramePolicy> listed = bindings.stream().map(PolicyBinding::prototype).map(WrappedPolicy::unwrap).toList();
		for (PolicyBinding binding : bindings) {
			Wait wait = binding.policy().longestWait(listed);
			if (wait != null && wait.time().compareTo(timeout) >= 0) {
				PolicyOrigin origin = binding.origin();
				String setting = ((origin.kind() == PolicyOrigin.Kind.FACTORY) ? origin.property() + "." : "")
						+ wait.setting();
				throw new InvalidPipelineException(
						"The property '" + setting + "' lets frames wait for " + wait.time()
								+ ", which is not less than the pipeline's verdict-timeout of " + timeout + ".",
						"Set it to less, or '" + limit + "' to more.");
			}
		}
	}

	private PolicyBinding policy(String property, Direction direction, PolicyEntry entry) {
		String name = requireName(property, entry);
		PolicyBinding binding = this.policies.find(name);
		FramePolicyFactory<?> factory = this.factories.get(Names.kebab(name));
		if (factory != null && (binding == null || entry.hasSettings())) {
			return create(property, factory, name).in(direction);
		}
		if (binding == null && this.upgradePolicies.knows(name)) {
			throw InvalidPipelineException.wrongList(property, name, "upgrades", "'upgrade'");
		}
		if (binding == null) {
			NeededLibraries.require(property, name);
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
		return binding.in(direction).from(binding.origin().listedBy(PolicyOrigin.Kind.BEAN, property));
	}

	static String requireName(String property, PolicyEntry entry) {
		String name = entry.name();
		if (name.isEmpty()) {
			throw new InvalidPipelineException(
					"The property '" + property + "' gives " + entry.size() + " names where a policy has one.",
					"Write '- name', or '- name: { setting: value }', and begin each policy with its own dash.");
		}
		return name;
	}

	private <C> PolicyBinding create(String property, FramePolicyFactory<C> factory, String name) {
		C settings = this.settingsBinder.bind(property + "." + name, factory.settingsType());
		try {
			PolicyBinding binding = this.policies.bind(factory.name(), factory.create(settings));
			Set<FrameType> types = factory.types(settings);
			PolicyBinding listed = ((types != null) ? binding.types(types.toArray(FrameType[]::new)) : binding)
				.from(binding.origin().listedBy(PolicyOrigin.Kind.FACTORY, property + "." + name));
			return factory.perSession(settings)
					? listed.perSession(() -> this.policies.bind(factory.name(), factory.create(settings)).policy())
					: listed;
		}
		catch (IllegalArgumentException ex) {
			throw InvalidPipelineException.uselessSettings(property + "." + name, ex);
		}
	}

}
