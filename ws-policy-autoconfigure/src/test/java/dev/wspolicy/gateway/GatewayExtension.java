package dev.wspolicy.gateway;

import java.util.Objects;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

import dev.wspolicy.session.SessionRegistry;
import dev.wspolicy.session.Termination;
import dev.wspolicy.testkit.RawClient;
import dev.wspolicy.testkit.RawSession;
import dev.wspolicy.testkit.RawUpstream;
import dev.wspolicy.testkit.SessionRecorder;

/**
 * A gateway in front of one upstream, for all tests of a class. After each test it waits
 * until the sessions are gone, and fails if one has ended that the test did not ask
 * about.
 */
public final class GatewayExtension implements BeforeAllCallback, AfterEachCallback, AfterAllCallback {

	private final SessionRecorder recorder = new SessionRecorder();

	private final TestGateway.Builder builder;

	private boolean everyEndIsAskedFor;

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

	public GatewayExtension route(String id, RawUpstream upstream, String... filters) {
		this.builder.route(id, upstream.uri(), filters);
		return this;
	}

	/** Lets no session end that the test does not ask {@link #termination()} about. */
	public GatewayExtension everyEndIsAskedFor() {
		this.everyEndIsAskedFor = true;
		return this;
	}

	@Override
	public void beforeAll(ExtensionContext context) {
		upstream();
		this.gateway = this.builder.bean(SessionRecorder.class, this.recorder).start();
	}

	@Override
	public void afterEach(ExtensionContext context) {
		gateway().awaitNoSessions();
		if (this.everyEndIsAskedFor && context.getExecutionException().isEmpty()
				&& !this.recorder.terminations().isEmpty()) {
			throw new AssertionError("Nobody asked about " + this.recorder.terminations());
		}
		this.recorder.clear();
	}

	@Override
	public void afterAll(ExtensionContext context) {
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

	/** Opens a session on a route. */
	public RawSession open(String route) {
		return RawSession.open(client().path("/" + route), upstream());
	}

	/** How a session has ended; waits until one has. */
	public Termination termination() {
		return this.recorder.termination();
	}

}
