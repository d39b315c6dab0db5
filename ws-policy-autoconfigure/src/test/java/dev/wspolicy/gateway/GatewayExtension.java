package dev.wspolicy.gateway;

import java.util.Objects;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.Collectors;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.params.ParameterInfo;
import org.springframework.test.web.reactive.server.WebTestClient;

import dev.wspolicy.session.ProxiedSession;
import dev.wspolicy.session.SessionRegistry;
import dev.wspolicy.session.Termination;
import dev.wspolicy.testkit.ClientLeg;
import dev.wspolicy.testkit.RawClient;
import dev.wspolicy.testkit.RawSession;
import dev.wspolicy.testkit.RawUpstream;
import dev.wspolicy.testkit.SessionRecorder;
import dev.wspolicy.testkit.TestCertificates;

import static org.awaitility.Awaitility.await;

/**
 * A gateway in front of one upstream.
 * <p>
 * In a static field it is shared by all tests of a class. After each test it waits until
 * the sessions are gone, and fails if a session has ended that the test did not ask for
 * with {@link #termination()}. In an instance field it is started for each test. Test
 * classes can {@linkplain #shared() share} one.
 */
public final class GatewayExtension
		implements BeforeAllCallback, BeforeEachCallback, AfterEachCallback, AfterAllCallback {

	private final SessionRecorder recorder = new SessionRecorder();

	private final TestGateway.Builder builder;

	private final Queue<RawSession> opened = new ConcurrentLinkedQueue<>();

	private boolean everyEndIsAskedFor;

	private boolean shared;

	private boolean forOneTest;

	/** What clients speak unless a test is run for each kind of leg. */
	private ClientLeg defaultLeg = ClientLeg.HTTP_1_1;

	/** What clients speak in the current test. */
	private ClientLeg leg = ClientLeg.HTTP_1_1;

	private @Nullable RawUpstream upstream;

	private @Nullable TestGateway gateway;

	private GatewayExtension(TestGateway.Builder builder) {
		this.builder = builder.bean(SessionRecorder.class, this.recorder);
	}

	public static GatewayExtension with(Class<?>... configuration) {
		return new GatewayExtension(TestGateway.with(configuration));
	}

	/**
	 * Set a property of the pipeline {@code default}, without its prefix.
	 */
	public GatewayExtension pipeline(String property, Object value) {
		return pipeline("default", property, value);
	}

	/**
	 * Set a property of a pipeline, without its prefix.
	 */
	public GatewayExtension pipeline(String name, String property, Object value) {
		return set("ws-policy.pipelines." + name + "." + property, value);
	}

	public GatewayExtension set(String property, Object value) {
		this.builder.set(property, value);
		return this;
	}

	/**
	 * Use this upstream for the routes that are added afterwards, instead of a plain one.
	 */
	public GatewayExtension inFrontOf(RawUpstream upstream) {
		this.upstream = upstream;
		return this;
	}

	/** Start everything that users get with the starter and the actuator. */
	public GatewayExtension complete() {
		this.builder.complete();
		return this;
	}

	/**
	 * Let clients use HTTP/2 as well. They do in tests that are parameterized with
	 * {@link ClientLeg}, each by itself or with its class.
	 */
	public GatewayExtension http2() {
		this.builder.http2();
		return this;
	}

	/** Let all clients use HTTP/2. */
	public GatewayExtension http2Clients() {
		this.defaultLeg = ClientLeg.HTTP_2;
		return http2();
	}

	/** Use TLS on both legs. */
	public GatewayExtension tls() {
		TestCertificates certificates = TestCertificates.localhost();
		this.builder.tls(certificates).trust(certificates);
		return inFrontOf(RawUpstream.start(certificates.server()));
	}

	/** Add routes to the upstream that are served by the pipeline {@code default}. */
	public GatewayExtension routes(String... ids) {
		for (String id : ids) {
			route(id, upstream());
		}
		return this;
	}

	/** Add routes to the upstream, each served by the pipeline of the same name. */
	public GatewayExtension routesByName(String... ids) {
		for (String id : ids) {
			route(id, upstream(), "WsPolicy=" + id);
		}
		return this;
	}

	/** Add a route to the upstream with these filters. */
	public GatewayExtension filteredRoute(String id, String... filters) {
		return route(id, upstream(), filters);
	}

	public GatewayExtension route(String id, RawUpstream upstream, String... filters) {
		return routeTo(id, upstream.uri(), filters);
	}

	/** Add a route to another URI, such as {@code lb:ws://chat}. */
	public GatewayExtension routeTo(String id, Object uri, String... filters) {
		this.builder.route(id, uri, filters);
		return this;
	}

	/**
	 * Fail if a session has ended that the test did not ask for with
	 * {@link #termination()}.
	 */
	public GatewayExtension everyEndIsAskedFor() {
		this.everyEndIsAskedFor = true;
		return this;
	}

	/**
	 * Start the gateway for the first of the classes that use this extension, and let the
	 * others have it too. Like that of any application, its context is closed when the
	 * JVM ends.
	 */
	public GatewayExtension shared() {
		this.shared = true;
		return this;
	}

	@Override
	public void beforeAll(ExtensionContext context) {
		if (this.gateway == null) {
			start();
		}
		else {
			this.gateway.restoreLogging();
		}
	}

	@Override
	public void beforeEach(ExtensionContext context) {
		this.leg = legOf(context);
		if (this.gateway == null) {
			this.forOneTest = true;
			start();
		}
	}

	/**
	 * Return the leg that the test or its class is run for, if it is for each of them.
	 */
	private ClientLeg legOf(ExtensionContext context) {
		for (Optional<ExtensionContext> at = Optional.of(context); at.isPresent(); at = at.get().getParent()) {
			ParameterInfo parameters = ParameterInfo.get(at.get());
			Optional<ClientLeg> leg = (parameters != null) ? parameters.getArguments()
				.toList()
				.stream()
				.filter(ClientLeg.class::isInstance)
				.map(ClientLeg.class::cast)
				.findFirst() : Optional.empty();
			if (leg.isPresent()) {
				return leg.get();
			}
		}
		return this.defaultLeg;
	}

	private void start() {
		upstream();
		this.gateway = this.builder.start();
	}

	@Override
	public void afterEach(ExtensionContext context) {
		if (this.forOneTest) {
			stop();
			upstream().close();
			return;
		}
		boolean failed = context.getExecutionException().isPresent();
		if (failed) {
			// The next test must not accept what this one has asked for.
			upstream().abandonConnections();
		}
		closeSessions();
		if (this.everyEndIsAskedFor && !failed && !this.recorder.terminations().isEmpty()) {
			throw new AssertionError("Nobody asked about " + this.recorder.terminations());
		}
		this.recorder.clear();
	}

	/** Keeps the upstream, because a class whose tests have failed may be run again. */
	@Override
	public void afterAll(ExtensionContext context) {
		if (!this.shared) {
			stop();
		}
	}

	private void stop() {
		if (this.gateway != null) {
			this.gateway.close();
			this.gateway = null;
		}
	}

	public RawUpstream upstream() {
		if (this.upstream == null) {
			this.upstream = RawUpstream.start();
		}
		return this.upstream;
	}

	public TestGateway gateway() {
		return Objects.requireNonNull(this.gateway, "the gateway has not been started");
	}

	public SessionRegistry sessions() {
		return gateway().sessions();
	}

	/** Return the only session, once it is open. */
	public ProxiedSession onlySession() {
		return gateway().onlySession();
	}

	/**
	 * Wait until no session is open, their resources have been released, and their
	 * listeners have been called.
	 */
	public void awaitNoSessions() {
		gateway().awaitNoSessions();
	}

	public SessionRecorder recorder() {
		return this.recorder;
	}

	public RawClient client() {
		return gateway().client().over(this.leg);
	}

	public <T> T bean(Class<T> type) {
		return gateway().bean(type);
	}

	/** Send an HTTP request to the gateway. */
	public WebTestClient http(String path) {
		return gateway().http(path);
	}

	public int port() {
		return gateway().port();
	}

	/** Open a session on a route. */
	public RawSession open(String route) {
		return open(client().path("/" + route));
	}

	/** Open a session that is closed after the test if it is still open then. */
	public RawSession open(RawClient client) {
		RawSession session = RawSession.open(client, upstream());
		this.opened.add(session);
		return session;
	}

	/** Open a session, and wait until it is registered. */
	public RawSession register(RawClient client) {
		Set<String> before = sessions().stream().map(ProxiedSession::id).collect(Collectors.toSet());
		RawSession session = open(client);
		gateway().awaitEventLoops();
		await().until(() -> sessions().stream().anyMatch((live) -> !before.contains(live.id())));
		return session;
	}

	/**
	 * Close the sessions that were opened, and wait until their resources have been
	 * released and their listeners have been called.
	 */
	public void closeSessions() {
		this.opened.forEach(RawSession::close);
		this.opened.clear();
		awaitNoSessions();
	}

	/** Return the session on a route, once it is open. */
	public ProxiedSession session(String route) {
		return await()
			.until(() -> sessions().stream().filter((session) -> session.upgrade().routeId().equals(route)).findFirst(),
					Optional::isPresent)
			.orElseThrow();
	}

	/** Return how a session ended, once one has ended. */
	public Termination termination() {
		return this.recorder.termination();
	}

}
