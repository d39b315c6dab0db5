package dev.wspolicy.test;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.config.BeanDefinition;
import org.springframework.boot.context.properties.source.ConfigurationPropertySources;
import org.springframework.boot.env.YamlPropertySourceLoader;
import org.springframework.boot.web.context.reactive.AnnotationConfigReactiveWebApplicationContext;
import org.springframework.context.ApplicationContext;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.AnnotationBeanNameGenerator;
import org.springframework.core.NestedExceptionUtils;
import org.springframework.core.env.PropertySource;
import org.springframework.core.io.ByteArrayResource;
import org.springframework.util.ClassUtils;
import org.springframework.util.StringUtils;

import dev.wspolicy.frame.Frame;
import dev.wspolicy.pipeline.PipelineCatalog;
import dev.wspolicy.pipeline.PipelineDefinition;
import dev.wspolicy.pipeline.SessionPipeline;
import dev.wspolicy.pipeline.UpgradeBinding;
import dev.wspolicy.policy.Admission;
import dev.wspolicy.policy.UpgradeVerdict;
import dev.wspolicy.session.ProxiedSession;
import dev.wspolicy.session.Side;
import dev.wspolicy.session.UpgradeContext;

/**
 * Tests a pipeline as {@code application.yml} configures it, with the built-in policies
 * and with policy beans, in a session without sockets:
 *
 * <pre class="code">
 * PipelineTester.fromYaml("""
 *         ws-policy.pipelines.default.inbound:
 *           - deny-nul
 *         """)
 *     .send("a\0b")
 *     .expectClosed(1007);
 * </pre>
 *
 * Upgrade policies decide first, then the client is the sender of the session. Limits and
 * timeouts of the pipeline apply. Needs {@code ws-policy-spring-boot-starter} on the
 * class path. A tester and its sessions belong to the thread that created them.
 */
public final class PipelineTester implements AutoCloseable {

	/** How long the upgrade policies may take together, on the real clock. */
	private static final Duration PATIENCE = Duration.ofSeconds(5);

	private final ApplicationContext context;

	/** Whether this tester has created the context. */
	private final boolean owner;

	private final MockUpgradeContext.Builder upgrade = MockUpgradeContext.get("/");

	/** What {@link #close} ends. */
	private final List<SessionUnderTest> sessions = new ArrayList<>();

	private String pipeline = PipelineDefinition.DEFAULT_NAME;

	private PipelineTester(ApplicationContext context, boolean owner) {
		this.context = context;
		this.owner = owner;
	}

	/**
	 * Starts what is needed for pipelines, and nothing else: no server, no other
	 * auto-configuration, and no configuration files. These properties take precedence
	 * over those of the system and the environment.
	 * @param yaml the properties, beginning with {@code ws-policy}
	 * @param beans classes of policies, factories and configurations to register. The
	 * name of the bean is that of the class, without its package and its outer class
	 * @return the tester, which serves the pipeline {@code default}
	 * @throws IllegalArgumentException if the configuration is invalid
	 */
	public static PipelineTester fromYaml(String yaml, Class<?>... beans) {
		try {
			return start(new YamlPropertySourceLoader().load("yaml of the test",
					new ByteArrayResource(yaml.getBytes(StandardCharsets.UTF_8))), beans);
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	/** Starts what is needed for pipelines. Later properties take precedence. */
	static PipelineTester start(List<? extends PropertySource<?>> properties, Class<?>... beans) {
		AnnotationConfigReactiveWebApplicationContext context = new AnnotationConfigReactiveWebApplicationContext();
		properties.forEach(context.getEnvironment().getPropertySources()::addFirst);
		ConfigurationPropertySources.attach(context.getEnvironment());
		context.setBeanNameGenerator(new SimpleNames());
		context.register(PipelineTestConfiguration.class);
		for (Class<?> bean : beans) {
			context.register(bean);
		}
		try {
			context.refresh();
		}
		catch (RuntimeException ex) {
			context.close();
			throw new IllegalArgumentException(NestedExceptionUtils.getMostSpecificCause(ex).getMessage(), ex);
		}
		return new PipelineTester(context, true);
	}

	/**
	 * Tests the pipelines of an application, in a {@code @SpringBootTest} for example.
	 * @param context the context of the application
	 * @return the tester, which serves the pipeline {@code default}
	 */
	public static PipelineTester of(ApplicationContext context) {
		return new PipelineTester(context, false);
	}

	/**
	 * Sets which pipeline serves the sessions.
	 * @param name the name, {@code default} by default
	 * @return this tester
	 */
	public PipelineTester pipeline(String name) {
		this.pipeline = name;
		return this;
	}

	/**
	 * Sets the principal of the client.
	 * @param name the name of the principal
	 * @return this tester
	 */
	public PipelineTester principal(String name) {
		return upgrade((upgrade) -> upgrade.principal(name));
	}

	/**
	 * Adds a header to the request that opens the session. Values of an earlier call with
	 * the same name are kept.
	 * @param name the name of the header
	 * @param values its values
	 * @return this tester
	 */
	public PipelineTester header(String name, String... values) {
		return upgrade((upgrade) -> upgrade.header(name, values));
	}

	/**
	 * Changes the request that opens the session. Its route and its subprotocol decide
	 * which policies that bind themselves by annotation serve the session.
	 * @param change changes the request
	 * @return this tester
	 */
	public PipelineTester upgrade(Consumer<MockUpgradeContext.Builder> change) {
		change.accept(this.upgrade);
		return this;
	}

	/**
	 * Opens a session, if the upgrade policies accept it.
	 * @return the session
	 * @throws AssertionError if an upgrade policy refuses it
	 * @throws IllegalArgumentException if there is no such pipeline
	 */
	public SessionTester open() {
		Admissions admissions = new Admissions(new ArrayList<>());
		Refusal refusal = decide(admissions);
		if (refusal != null) {
			throw new AssertionError("Expected the upgrade to be accepted, but " + refusal + ".");
		}
		UpgradeContext upgrade = this.upgrade.build();
		SessionPipeline pipeline = catalog().resolve(this.pipeline, upgrade.routeId(), upgrade.subprotocol());
		SessionUnderTest session = new SessionUnderTest(pipeline, upgrade, admissions);
		this.sessions.removeIf((earlier) -> earlier.termination() != null);
		this.sessions.add(session);
		return new SessionTester(session, Side.CLIENT);
	}

	/**
	 * Expects that an upgrade policy refuses the upgrade.
	 * @param status the status of the response
	 * @return this tester
	 */
	public PipelineTester expectRefused(int status) {
		Admissions admissions = new Admissions(new ArrayList<>());
		Refusal refusal = decide(admissions);
		admissions.onEnd();
		if (refusal == null || refusal.status() != status) {
			throw new AssertionError("Expected the upgrade to be refused with " + status + ", but "
					+ ((refusal != null) ? refusal : "it has been accepted") + ".");
		}
		return this;
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
	 * Ends the sessions that this tester has opened, so that policies release what they
	 * hold for them, and stops what {@link #fromYaml} has started.
	 */
	@Override
	public void close() {
		this.sessions.forEach(SessionUnderTest::end);
		this.sessions.clear();
		if (this.owner && this.context instanceof ConfigurableApplicationContext started) {
			started.close();
		}
	}

	ReplayedPipeline replayed() {
		String name = this.pipeline;
		// Fails now if there is no such pipeline.
		catalog().definition(name);
		return new ReplayedPipeline(this.upgrade,
				(upgrade) -> catalog().resolve(name, upgrade.routeId(), upgrade.subprotocol()));
	}

	ApplicationContext context() {
		return this.context;
	}

	private PipelineCatalog catalog() {
		return this.context.getBean(PipelineCatalog.class);
	}

	/**
	 * Asks the upgrade policies. Ends the admissions if one of them refuses or fails.
	 */
	private @Nullable Refusal decide(Admissions admissions) {
		boolean accepted = false;
		try {
			Refusal refusal = firstRefusal(admissions.followers());
			accepted = refusal == null;
			return refusal;
		}
		finally {
			if (!accepted) {
				admissions.onEnd();
			}
		}
	}

	/** Asks the upgrade policies in order, up to the first refusal. */
	private @Nullable Refusal firstRefusal(List<Admission> admissions) {
		PipelineDefinition definition = catalog().definition(this.pipeline);
		UpgradeContext upgrade = this.upgrade.buildUnanswered();
		if (!definition.enabled()) {
			return new Refusal(503, "the pipeline is disabled");
		}
		for (UpgradeBinding binding : catalog().upgradePolicies(definition, upgrade.routeId())) {
			UpgradeVerdict verdict = binding.policy().apply(upgrade).block(PATIENCE);
			if (verdict instanceof UpgradeVerdict.Refuse refuse) {
				return new Refusal(refuse.status().value(), "by '" + binding.name() + "'");
			}
			if (verdict instanceof UpgradeVerdict.AcceptWith accept) {
				admissions.add(accept.admission());
			}
			if (verdict == null) {
				throw new AssertionError("The upgrade policy '" + binding.name() + "' has returned no verdict.");
			}
		}
		return null;
	}

	/**
	 * Names beans after their classes.
	 */
	private static final class SimpleNames extends AnnotationBeanNameGenerator {

		@Override
		protected String buildDefaultBeanName(BeanDefinition definition) {
			String type = ClassUtils.getShortName(String.valueOf(definition.getBeanClassName()));
			return StringUtils.uncapitalizeAsProperty(type.substring(type.lastIndexOf('.') + 1));
		}

	}

	private record Refusal(int status, String reason) {

		@Override
		public String toString() {
			return "it has been refused with " + this.status + " (" + this.reason + ")";
		}

	}

	/**
	 * Passes on what happens to a session to the upgrade policies that follow it.
	 *
	 * @param followers those to tell
	 */
	private record Admissions(List<Admission> followers) implements Admission {

		@Override
		public void onOpen(ProxiedSession session) {
			this.followers.forEach((follower) -> follower.onOpen(session));
		}

		@Override
		public void onPrincipal(ProxiedSession session) {
			this.followers.forEach((follower) -> follower.onPrincipal(session));
		}

		@Override
		public void onEnd() {
			this.followers.forEach(Admission::onEnd);
		}

	}

}
