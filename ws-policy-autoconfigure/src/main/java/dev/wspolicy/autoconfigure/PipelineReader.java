package dev.wspolicy.autoconfigure;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Stream;

import org.jspecify.annotations.Nullable;
import org.springframework.util.unit.DataSize;

import dev.wspolicy.autoconfigure.WsPolicyProperties.OnLoss;
import dev.wspolicy.autoconfigure.WsPolicyProperties.Pipeline;
import dev.wspolicy.autoconfigure.WsPolicyProperties.Session;
import dev.wspolicy.frame.CloseStatus;
import dev.wspolicy.frame.Direction;
import dev.wspolicy.frame.FrameType;
import dev.wspolicy.pipeline.Compression;
import dev.wspolicy.pipeline.Framing;
import dev.wspolicy.pipeline.Limits;
import dev.wspolicy.pipeline.Masking;
import dev.wspolicy.pipeline.OnChange;
import dev.wspolicy.pipeline.PipelineDefinition;
import dev.wspolicy.pipeline.PolicyBinding;
import dev.wspolicy.pipeline.PolicyOrigin;
import dev.wspolicy.pipeline.Timeouts;
import dev.wspolicy.pipeline.UpgradeBinding;
import dev.wspolicy.pipeline.Utf8Validation;
import dev.wspolicy.pipeline.WaterMarks;
import dev.wspolicy.policy.FramePolicy;
import dev.wspolicy.policy.FramePolicyFactory;

/**
 * Makes pipelines from properties: what a pipeline does not say, it takes from the one
 * named default, and what that does not say, from here.
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
		Inheritance inheritance = new Inheritance(WsPolicyProperties.PREFIX + ".pipelines." + name, own, fallback);
		Timeouts timeouts = inheritance.timeouts();
		List<PolicyBinding> inbound = policies(name, Direction.INBOUND, own.getInbound());
		List<PolicyBinding> outbound = policies(name, Direction.OUTBOUND, own.getOutbound());
		List<FramePolicy> listed = Stream.concat(inbound.stream(), outbound.stream())
			.map(PolicyBinding::prototype)
			.map(WrappedPolicy::unwrap)
			.toList();
		checkWaits(name, Direction.INBOUND, inbound, listed, timeouts.verdict());
		checkWaits(name, Direction.OUTBOUND, outbound, listed, timeouts.verdict());
		return new PipelineDefinition(name, own.isEnabled(), inbound, outbound, inheritance.limits(Direction.INBOUND),
				inheritance.limits(Direction.OUTBOUND), timeouts, inheritance.framing(),
				inheritance.get(Pipeline::getContentType, "application/json"),
				inheritance.loss("upstream", OnLoss::getUpstream, CloseStatus.INTERNAL_ERROR),
				inheritance.loss("client", OnLoss::getClient, CloseStatus.GOING_AWAY),
				upgradePolicies(name, own.getUpgrade()), inheritance.onChange(), inheritance.waterMarks());
	}

	private List<PolicyBinding> policies(String pipeline, Direction direction, List<PolicyEntry> entries) {
		String list = list(pipeline, direction);
		List<PolicyBinding> bindings = new ArrayList<>();
		for (int i = 0; i < entries.size(); i++) {
			bindings.add(policy(list + "[" + i + "]", direction, entries.get(i)));
		}
		return bindings;
	}

	private List<UpgradeBinding> upgradePolicies(String pipeline, List<PolicyEntry> entries) {
		for (int i = 0; i < entries.size(); i++) {
			String name = entries.get(i).name();
			boolean onFrames = this.factories.containsKey(Names.kebab(name)) || this.policies.find(name) != null;
			if (onFrames && !this.upgradePolicies.knows(name)) {
				throw InvalidPipelineException.wrongList(
						WsPolicyProperties.PREFIX + ".pipelines." + pipeline + ".upgrade[" + i + "]", name, "frames",
						"'inbound' or 'outbound'");
			}
		}
		return this.upgradePolicies.read(pipeline, entries);
	}

	private static String list(String pipeline, Direction direction) {
		return WsPolicyProperties.PREFIX + ".pipelines." + pipeline + "."
				+ ((direction == Direction.INBOUND) ? "inbound" : "outbound");
	}

	/**
	 * A verdict that the policy itself gives too late would be taken for a failure of it.
	 */
	private static void checkWaits(String pipeline, Direction direction, List<PolicyBinding> bindings,
			List<FramePolicy> listed, Duration timeout) {
		for (int i = 0; i < bindings.size(); i++) {
			PolicyBinding binding = bindings.get(i);
			Duration wait = binding.policy().longestWait(listed);
			if (wait.compareTo(timeout) >= 0) {
				throw new InvalidPipelineException(
						"The policy '" + list(pipeline, direction) + "[" + i + "]." + binding.name()
								+ "' may keep a frame waiting for " + wait
								+ ", which is not less than the pipeline's verdict-timeout of " + timeout + ".",
						"Let it, or what it waits for, take less, or set '" + WsPolicyProperties.PREFIX + ".pipelines."
								+ pipeline + ".session.verdict-timeout' to more.");
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

	/**
	 * Values of one pipeline.
	 */
	private record Inheritance(String property, Pipeline own, Pipeline fallback) {

		<T> T get(Function<Pipeline, @Nullable T> value, T last) {
			T mine = value.apply(this.own);
			if (mine != null) {
				return mine;
			}
			T inherited = value.apply(this.fallback);
			return (inherited != null) ? inherited : last;
		}

		Framing framing() {
			return new Framing(get(Pipeline::getMasking, Masking.PRESERVE),
					get(Pipeline::getValidateUtf8, Utf8Validation.WHEN_READ), compression());
		}

		private Compression compression() {
			Compression last = Compression.OFF;
			return new Compression(compression(WsPolicyProperties.Compression::getClient, last.client()),
					compression(WsPolicyProperties.Compression::getUpstream, last.upstream()),
					compression(WsPolicyProperties.Compression::getContextTakeover, last.contextTakeover()),
					level(last), minSize(last));
		}

		private <T> T compression(Function<WsPolicyProperties.Compression, @Nullable T> value, T last) {
			return get((pipeline) -> value.apply(pipeline.getCompression()), last);
		}

		private int level(Compression last) {
			int level = compression(WsPolicyProperties.Compression::getLevel, last.level());
			if (level != last.level() && (level < 1 || level > 9)) {
				throw new InvalidPipelineException(
						"The property '" + this.property + ".compression.level' is " + level + ".",
						"Set it to 1, fastest, to 9, smallest.");
			}
			return level;
		}

		private long minSize(Compression last) {
			DataSize size = compression(WsPolicyProperties.Compression::getMinSize, DataSize.ofBytes(last.minSize()));
			if (size.isNegative()) {
				throw new InvalidPipelineException(
						"The property '" + this.property + ".compression.min-size' is " + size + ".",
						"Set it to zero or more.");
			}
			return size.toBytes();
		}

		OnChange onChange() {
			return new OnChange(get(Pipeline::getApplyToLive, false),
					get(Pipeline::getOnRouteChange, OnRouteChange.KEEP) == OnRouteChange.CLOSE);
		}

		Timeouts timeouts() {
			Timeouts last = Timeouts.DEFAULT;
			return new Timeouts(timeout("handshake-timeout", Session::getHandshakeTimeout, last.handshake()),
					timeout("close-timeout", Session::getCloseTimeout, last.close()),
					timeout("verdict-timeout", Session::getVerdictTimeout, last.verdict()),
					timeout("frame-timeout", Session::getFrameTimeout, last.frame()),
					optional("slow-consumer-timeout", Session::getSlowConsumerTimeout, last.slowConsumer()),
					optional("idle-timeout", Session::getIdleTimeout, last.idle()),
					optional("max-duration", Session::getMaxDuration, last.maxDuration()),
					new Timeouts.Heartbeat(
							optional("heartbeat.interval", (session) -> session.getHeartbeat().getInterval(),
									last.heartbeat().interval()),
							timeout("heartbeat.timeout", (session) -> session.getHeartbeat().getTimeout(),
									last.heartbeat().timeout())));
		}

		private Duration timeout(String name, Function<Session, @Nullable Duration> value, Duration last) {
			Duration timeout = get((pipeline) -> value.apply(pipeline.getSession()), last);
			if (timeout.isNegative() || timeout.isZero()) {
				throw invalid(name, timeout, "Set it to more than zero.");
			}
			return notTooLong(name, timeout);
		}

		private Duration optional(String name, Function<Session, @Nullable Duration> value, Duration last) {
			Duration timeout = get((pipeline) -> value.apply(pipeline.getSession()), last);
			if (timeout.isNegative()) {
				throw invalid(name, timeout, "Set it to more than zero, or to zero to switch it off.");
			}
			return notTooLong(name, timeout);
		}

		private Duration notTooLong(String name, Duration timeout) {
			if (timeout.compareTo(Timeouts.LONGEST) > 0) {
				throw invalid(name, timeout, "Set it to " + Timeouts.LONGEST.toDays() + " days at most.");
			}
			return timeout;
		}

		private InvalidPipelineException invalid(String name, Duration timeout, String remedy) {
			return new InvalidPipelineException(
					"The property '" + this.property + ".session." + name + "' is " + timeout + ".", remedy);
		}

		WaterMarks waterMarks() {
			int low = waterMark("low-water-mark", Session::getLowWaterMark, WaterMarks.DEFAULT.low());
			int high = waterMark("high-water-mark", Session::getHighWaterMark, WaterMarks.DEFAULT.high());
			if (low >= high) {
				throw new InvalidPipelineException(
						"The property '" + this.property + ".session.low-water-mark' is " + low
								+ " bytes, and 'high-water-mark' is " + high + " bytes.",
						"Set 'low-water-mark' to less than 'high-water-mark'. What a pipeline does not set, it takes"
								+ " from the pipeline 'default'.");
			}
			return new WaterMarks(low, high);
		}

		private int waterMark(String name, Function<Session, @Nullable DataSize> value, int last) {
			long bytes = get((pipeline) -> value.apply(pipeline.getSession()), DataSize.ofBytes(last)).toBytes();
			if (bytes <= 0 || bytes > Integer.MAX_VALUE) {
				throw new InvalidPipelineException(
						"The property '" + this.property + ".session." + name + "' is " + bytes + " bytes.",
						"Set it to more than zero and less than 2GB.");
			}
			return (int) bytes;
		}

		Limits limits(Direction direction) {
			long fragments = get((pipeline) -> pipeline.getLimits().getFragments(), 1024L);
			if (direction == Direction.INBOUND) {
				return new Limits(size("inbound-frame", WsPolicyProperties.Limits::getInboundFrame, -1),
						size("inbound-message", WsPolicyProperties.Limits::getInboundMessage, 1),
						unlimited("fragments", fragments));
			}
			return new Limits(size("outbound-frame", WsPolicyProperties.Limits::getOutboundFrame, -1),
					size("outbound-message", WsPolicyProperties.Limits::getOutboundMessage, 16),
					unlimited("fragments", fragments));
		}

		private long size(String name, Function<WsPolicyProperties.Limits, @Nullable DataSize> value,
				long lastMegabytes) {
			DataSize last = (lastMegabytes < 0) ? DataSize.ofBytes(-1) : DataSize.ofMegabytes(lastMegabytes);
			return unlimited(name, get((pipeline) -> value.apply(pipeline.getLimits()), last).toBytes());
		}

		private long unlimited(String name, long value) {
			if (value == 0 || value < -1) {
				throw new InvalidPipelineException(
						"The property '" + this.property + ".limits." + name + "' is " + value + ".",
						"Set it to more than zero, or to -1 for no limit.");
			}
			return (value == -1) ? Long.MAX_VALUE : value;
		}

		CloseStatus loss(String name, Function<OnLoss, @Nullable Integer> value, CloseStatus last) {
			int code = get((pipeline) -> value.apply(pipeline.getOnLoss()), last.code());
			if (!CloseStatus.isValidOnTheWire(code)) {
				throw new InvalidPipelineException(
						"The property '" + this.property + ".on-loss." + name + "' is " + code
								+ ", which may not stand in a close frame.",
						"Use 1000 to 1003, 1007 to 1014, or 3000 to 4999.");
			}
			return CloseStatus.of(code);
		}

	}

}
