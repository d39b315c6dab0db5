package dev.wspolicy.test;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.Consumer;

import org.springframework.core.annotation.AnnotatedElementUtils;
import org.springframework.util.ClassUtils;
import org.springframework.util.StringUtils;

import dev.wspolicy.frame.Direction;
import dev.wspolicy.frame.Frame;
import dev.wspolicy.frame.FrameType;
import dev.wspolicy.pipeline.PolicyBinding;
import dev.wspolicy.pipeline.SessionPipeline;
import dev.wspolicy.pipeline.SessionSettings;
import dev.wspolicy.pipeline.Timeouts;
import dev.wspolicy.policy.FramePolicy;
import dev.wspolicy.policy.FramePolicyFactory;
import dev.wspolicy.policy.Granularity;
import dev.wspolicy.policy.TextPolicy;
import dev.wspolicy.policy.WsPolicy;
import dev.wspolicy.session.Side;

/**
 * Tests policies in a session without sockets:
 *
 * <pre class="code">
 * PolicyTester.inbound(new MaskCardNumbers())
 *     .principal("ana")
 *     .send("4111 1111 1111 1111")
 *     .expectForwarded("**** **** **** 1111");
 * </pre>
 *
 * The session runs on the engine that serves the gateway, so order, fragments, failures
 * and the closing handshake are real. The attributes of {@link WsPolicy} on the classes
 * of the policies apply, except for {@code routes} and {@code subprotocols}, because
 * every policy serves the session, and for {@code blocking}: a blocking policy is called
 * on the thread of the test. An annotation with which the gateway does not start is
 * rejected.
 * <p>
 * A tester collects what the session starts with. {@link #open()} opens the session, as
 * do the methods that send. Each call opens another session, with the same policies. A
 * tester and its sessions belong to the thread that created them.
 */
public final class PolicyTester {

	private final Side sender;

	private final List<PolicyBinding> inbound;

	private final List<PolicyBinding> outbound;

	private final SessionSettings.Builder settings = SessionSettings.builder();

	private final Timeouts.Builder timeouts = Timeouts.builder();

	private final MockUpgradeContext.Builder upgrade = MockUpgradeContext.get("/");

	private PolicyTester(Side sender, List<PolicyBinding> inbound, List<PolicyBinding> outbound) {
		this.sender = sender;
		this.inbound = inbound;
		this.outbound = outbound;
	}

	/**
	 * Tests policies on what the client sends. The client is the sender of the session.
	 * @param policies the policies, in the order in which they run
	 * @return the tester
	 * @throws IllegalArgumentException if there is none, or if the annotation of one
	 * excludes {@link Direction#INBOUND}
	 */
	public static PolicyTester inbound(FramePolicy... policies) {
		return new PolicyTester(Side.CLIENT, listed(Direction.INBOUND, bindings(policies)), List.of());
	}

	/**
	 * Tests the policy of a factory on what the client sends. The client is the sender of
	 * the session.
	 * @param factory the factory
	 * @param settings the settings of the policy, which are not validated
	 * @param <C> the type of the settings
	 * @return the tester
	 * @throws IllegalArgumentException if the annotation of the policy excludes
	 * {@link Direction#INBOUND}
	 */
	public static <C> PolicyTester inbound(FramePolicyFactory<C> factory, C settings) {
		return new PolicyTester(Side.CLIENT, listed(Direction.INBOUND, List.of(binding(factory, settings))), List.of());
	}

	/**
	 * Tests policies on what the upstream sends. The upstream is the sender of the
	 * session.
	 * @param policies the policies, in the order in which they run
	 * @return the tester
	 * @throws IllegalArgumentException if there is none, or if the annotation of one
	 * excludes {@link Direction#OUTBOUND}
	 */
	public static PolicyTester outbound(FramePolicy... policies) {
		return new PolicyTester(Side.UPSTREAM, List.of(), listed(Direction.OUTBOUND, bindings(policies)));
	}

	/**
	 * Tests the policy of a factory on what the upstream sends. The upstream is the
	 * sender of the session.
	 * @param factory the factory
	 * @param settings the settings of the policy, which are not validated
	 * @param <C> the type of the settings
	 * @return the tester
	 * @throws IllegalArgumentException if the annotation of the policy excludes
	 * {@link Direction#OUTBOUND}
	 */
	public static <C> PolicyTester outbound(FramePolicyFactory<C> factory, C settings) {
		return new PolicyTester(Side.UPSTREAM, List.of(),
				listed(Direction.OUTBOUND, List.of(binding(factory, settings))));
	}

	/**
	 * Tests policies in the directions of their annotations, which are both if there is
	 * none. The client is the sender of the session.
	 * @param policies the policies, in the order in which they run
	 * @return the tester
	 * @throws IllegalArgumentException if there is none
	 */
	public static PolicyTester annotated(FramePolicy... policies) {
		List<PolicyBinding> bindings = bindings(policies);
		return new PolicyTester(Side.CLIENT, only(Direction.INBOUND, bindings), only(Direction.OUTBOUND, bindings));
	}

	private static List<PolicyBinding> bindings(FramePolicy... policies) {
		if (policies.length == 0) {
			throw new IllegalArgumentException("policies: none (expected: at least one)");
		}
		List<PolicyBinding> bindings = new ArrayList<>();
		for (FramePolicy policy : policies) {
			bindings.add(binding(name(policy), policy));
		}
		return bindings;
	}

	private static <C> PolicyBinding binding(FramePolicyFactory<C> factory, C settings) {
		FramePolicy policy = factory.create(settings);
		PolicyBinding binding = binding(factory.policyName(settings), policy);
		Set<FrameType> types = factory.types(settings);
		binding = (types != null) ? binding.types(types.toArray(FrameType[]::new)) : binding;
		return factory.perSession(settings) ? binding.perSession(() -> factory.create(settings)) : binding;
	}

	private static PolicyBinding binding(String name, FramePolicy policy) {
		WsPolicy annotation = AnnotatedElementUtils.findMergedAnnotation(policy.getClass(), WsPolicy.class);
		if (annotation != null && policy instanceof TextPolicy && !isForText(annotation)) {
			throw new IllegalArgumentException("policy: '" + name + "' (expected: a FramePolicy,"
					+ " because its @WsPolicy excludes TEXT or has a granularity other than MESSAGE)");
		}
		return PolicyBinding.of(name, policy, annotation);
	}

	/** Otherwise, the gateway does not start. */
	private static boolean isForText(WsPolicy annotation) {
		return List.of(annotation.types()).contains(FrameType.TEXT) && annotation.granularity() == Granularity.MESSAGE;
	}

	/** Returns the name that the bean has by default. */
	private static String name(FramePolicy policy) {
		Class<?> type = policy.getClass();
		boolean named = !type.isHidden() && !type.isSynthetic() && !type.isAnonymousClass();
		return named ? StringUtils.uncapitalizeAsProperty(ClassUtils.getShortName(type).replaceFirst(".*\\.", ""))
				: "policy";
	}

	private static List<PolicyBinding> listed(Direction direction, List<PolicyBinding> bindings) {
		for (PolicyBinding binding : bindings) {
			if (!binding.directions().contains(direction)) {
				throw new IllegalArgumentException(
						"policy: '" + binding.name() + "' (expected: one whose @WsPolicy" + " includes " + direction
								+ "; use " + direction.opposite().name().toLowerCase(Locale.ROOT) + " or annotated)");
			}
		}
		return only(direction, bindings);
	}

	private static List<PolicyBinding> only(Direction direction, List<PolicyBinding> bindings) {
		return bindings.stream()
			.filter((binding) -> binding.directions().contains(direction))
			.map((binding) -> binding.in(direction))
			.toList();
	}

	/**
	 * Sets the principal of the client.
	 * @param name the name of the principal
	 * @return this tester
	 */
	public PolicyTester principal(String name) {
		return upgrade((upgrade) -> upgrade.principal(name));
	}

	/**
	 * Adds a header to the request that opens the session. Values of an earlier call with
	 * the same name are kept.
	 * @param name the name of the header
	 * @param values its values
	 * @return this tester
	 */
	public PolicyTester header(String name, String... values) {
		return upgrade((upgrade) -> upgrade.header(name, values));
	}

	/**
	 * Changes the request that opens the session. By default it is
	 * {@code GET http://localhost/}, without a principal, on the route {@code test}.
	 * @param change changes the request
	 * @return this tester
	 */
	public PolicyTester upgrade(Consumer<MockUpgradeContext.Builder> change) {
		change.accept(this.upgrade);
		return this;
	}

	/**
	 * Sets how long a verdict that comes later may take, on the virtual clock.
	 * @param timeout the timeout, 10 seconds by default
	 * @return this tester
	 */
	public PolicyTester verdictTimeout(Duration timeout) {
		this.timeouts.verdict(timeout);
		return this;
	}

	/**
	 * Sets the media type of the messages.
	 * @param contentType the media type, {@code application/json} by default
	 * @return this tester
	 */
	public PolicyTester contentType(String contentType) {
		this.settings.contentType(contentType);
		return this;
	}

	/**
	 * Reads recorded messages, to see what becomes of them in two pipelines.
	 * @param recording the file, as {@code frame-log}, the tap or the console has made it
	 * @return the replay
	 */
	public static Replay replay(Path recording) {
		return new Replay(recording);
	}

	/**
	 * Opens a session. The policies are called with it.
	 * @return the session
	 */
	public SessionTester open() {
		return new SessionTester(new SessionUnderTest(pipeline(), this.upgrade.build(), null), this.sender);
	}

	private SessionPipeline pipeline() {
		SessionSettings settings = this.settings.timeouts(this.timeouts.build()).build();
		return SessionPipeline.of("test", settings, forSession(this.inbound), forSession(this.outbound));
	}

	ReplayedPipeline replayed() {
		return new ReplayedPipeline(this.upgrade, (upgrade) -> pipeline());
	}

	private static List<PolicyBinding> forSession(List<PolicyBinding> bindings) {
		return bindings.stream().map(PolicyBinding::forSession).toList();
	}

	/**
	 * Opens a session and sends a text message in it.
	 * @param text the text
	 * @return the session
	 */
	public SessionTester send(String text) {
		return open().send(text);
	}

	/**
	 * Opens a session and sends a binary message in it.
	 * @param bytes the payload
	 * @return the session
	 */
	public SessionTester send(byte[] bytes) {
		return open().send(bytes);
	}

	/**
	 * Opens a session and sends a frame in it.
	 * @param frame a whole message or a control frame
	 * @return the session
	 */
	public SessionTester send(Frame frame) {
		return open().send(frame);
	}

	/**
	 * Opens a session and sends a text message in fragments in it.
	 * @param parts the payloads of the fragments
	 * @return the session
	 */
	public SessionTester sendFragments(String... parts) {
		return open().sendFragments(parts);
	}

}
