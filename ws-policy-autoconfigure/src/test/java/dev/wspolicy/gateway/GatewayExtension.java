package dev.wspolicy.gateway;

import java.util.Objects;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.springframework.test.web.reactive.server.WebTestClient;

import dev.wspolicy.session.ProxiedSession;
import dev.wspolicy.session.SessionRegistry;
import dev.wspolicy.session.Termination;
import dev.wspolicy.testkit.RawClient;
import dev.wspolicy.testkit.RawSession;
import dev.wspolicy.testkit.RawUpstream;
import dev.wspolicy.testkit.SessionRecorder;
import dev.wspolicy.testkit.TestCertificates;

import static org.awaitility.Awaitility.await;

/**
 * A gateway in front of one upstream.
 * <p>
 * In a static field it serves all tests of a class. After each test it waits until the
 * sessions are gone, and fails if one has ended that the test did not ask about. In a
 * field of the instance it serves one test, and ends with it.
 */
public final class GatewayExtension
		implements BeforeAllCallback, BeforeEachCallback, AfterEachCallback, AfterAllCallback {

	private final SessionRecorder recorder = new SessionRecorder();

	private final TestGateway.Builder builder;

	private final Queue<RawSession> opened = new ConcurrentLinkedQueue<>();

	private boolean everyEndIsAskedFor;

	private boolean forOneTest;

	private @Nullable RawUpstream upstream;

	private @Nullable TestGateway gateway;

	private GatewayExtension(TestGateway.Builder builder) {
		this.builder = builder;
	}

	public static GatewayExtension with(Class<?>... configuration) {
		return new GatewayExtension(TestGateway.with(configuration));
	}

	/**
	 * Sets a property of the pipeline {@code default}, without its prefix.
	 */
	public GatewayExtension pipeline(String property, Object value) {
		return pipeline("default", property, value);
	}

	/**
	 * Sets a property of a pipeline, without its prefix.
	 */
	public GatewayExtension pipeline(String name, String property, Object value) {
		return set("ws-policy.pipelines." + name + "." + property, value);
	}

	public GatewayExtension set(String property, Object value) {
		this.builder.set(property, value);
		return this;
	}

	/** Routes go to this upstream if they are added after it, and not to a plain one. */
	public GatewayExtension inFrontOf(RawUpstream upstream) {
		this.upstream = upstream;
		return this;
	}

	/** Lets both legs speak TLS. */
	public GatewayExtension tls() {
		TestCertificates certificates = TestCertificates.localhost();
		this.builder.tls(certificates).trust(certificates);
		return inFrontOf(RawUpstream.start(certificates.server()));
	}

	/** Routes of these names to the upstream, served by the pipeline {@code default}. */
	public GatewayExtension routes(String... ids) {
		for (String id : ids) {
			route(id, upstream());
		}
		return this;
	}

	/** Routes of these names to the upstream, served by pipelines of the same names. */
	public GatewayExtension routesByName(String... ids) {
		for (String id : ids) {
			route(id, upstream(), "WsPolicy=" + id);
		}
		return this;
	}

	/** A route to the upstream with these filters. */
	public GatewayExtension filteredRoute(String id, String... filters) {
		return route(id, upstream(), filters);
	}

	public GatewayExtension route(String id, RawUpstream upstream, String... filters) {
		return routeTo(id, upstream.uri(), filters);
	}

	/** A route to somewhere else, such as {@code lb:ws://chat}. */
	public GatewayExtension routeTo(String id, Object uri, String... filters) {
		this.builder.route(id, uri, filters);
		return this;
	}

	/** Lets no session end that the test does not ask {@link #termination()} about. */
	public GatewayExtension everyEndIsAskedFor() {
		this.everyEndIsAskedFor = true;
		return this;
	}

	@Override
	public void beforeAll(ExtensionContext context) {
		start();
	}

	@Override
	public void beforeEach(ExtensionContext context) {
		if (this.gateway == null) {
			this.forOneTest = true;
			start();
		}
	}

	private void start() {
		upstream();
		this.gateway = this.builder.bean(SessionRecorder.class, this.recorder).start();
	}

	@Override
	public void afterEach(ExtensionContext context) {
		if (this.forOneTest) {
			stop();
			return;
		}
		closeSessions();
		if (this.everyEndIsAskedFor && context.getExecutionException().isEmpty()
				&& !this.recorder.terminations().isEmpty()) {
			throw new AssertionError("Nobody asked about " + this.recorder.terminations());
		}
		this.recorder.clear();
	}

	@Override
	public void afterAll(ExtensionContext context) {
		stop();
	}

	private void stop() {
		if (this.gateway != null) {
			this.gateway.close();
		}
		upstream().close();
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

	/** The only session, once it is open. */
	public ProxiedSession onlySession() {
		return gateway().onlySession();
	}

	/** Waits until all that the sessions were made of is gone. */
	public void awaitNoSessions() {
		gateway().awaitNoSessions();
	}

	public SessionRecorder recorder() {
		return this.recorder;
	}

	public RawClient client() {
		return gateway().client();
	}

	public <T> T bean(Class<T> type) {
		return gateway().bean(type);
	}

	/** Asks the gateway below this path over HTTP. */
	public WebTestClient http(String path) {
		return gateway().http(path);
	}

	public int port() {
		return gateway().port();
	}

	/** Opens a session on a route. */
	public RawSession open(String route) {
		return open(client().path("/" + route));
	}

	/** Opens a session, which is closed after the test if it is not before. */
	public RawSession open(RawClient client) {
		RawSession session = RawSession.open(client, upstream());
		this.opened.add(session);
		return session;
	}

	/** Opens a session, and waits until the registry knows it. */
	public RawSession register(RawClient client) {
		int before = sessions().size();
		RawSession session = open(client);
		await().until(() -> sessions().size() == before + 1);
		return session;
	}

	/** Closes what has been opened, and waits until all that it was made of is gone. */
	public void closeSessions() {
		this.opened.forEach(RawSession::close);
		this.opened.clear();
		awaitNoSessions();
	}

	/** The session on a route, once it is open. */
	public ProxiedSession session(String route) {
		return await()
			.until(() -> sessions().stream().filter((session) -> session.upgrade().routeId().equals(route)).findFirst(),
					Optional::isPresent)
			.orElseThrow();
	}

	/** How a session has ended; waits until one has. */
	public Termination termination() {
		return this.recorder.termination();
	}

}
