package dev.wspolicy.fleet;

import java.net.InetSocketAddress;
import java.security.Principal;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;

import org.jspecify.annotations.Nullable;

import dev.wspolicy.frame.CloseStatus;
import dev.wspolicy.rollout.PolicySwitch;
import dev.wspolicy.session.Drain;
import dev.wspolicy.session.SessionListener;
import dev.wspolicy.session.Termination;
import dev.wspolicy.session.TestRegistry;
import dev.wspolicy.session.TestSession;

/**
 * A gateway of a fleet whose sessions a test opens and ends.
 */
public final class TestMember implements Drain {

	private final TestRegistry registry = new TestRegistry();

	private final Map<String, PrincipalToken> tokens = new ConcurrentHashMap<>();

	private final RevocationList revocations = new RevocationList(this.registry,
			(principal) -> this.tokens.getOrDefault(principal.getName(), PrincipalToken.UNKNOWN));

	private final List<SessionListener> listeners = new CopyOnWriteArrayList<>(List.of(this.revocations));

	private final LocalGateway gateway;

	private @Nullable PolicySwitch policies;

	private int opened;

	public TestMember(String name) {
		this.gateway = new LocalGateway(name, this.registry, () -> this, this.revocations, "mqtt"::equals,
				() -> this.policies);
		this.listeners.add(this.gateway);
	}

	public LocalGateway gateway() {
		return this.gateway;
	}

	public RevocationList revocations() {
		return this.revocations;
	}

	public TestMember listen(SessionListener listener) {
		this.listeners.add(listener);
		return this;
	}

	/** Sets what changes how far its policies are rolled out. */
	public void policies(PolicySwitch policies) {
		this.policies = policies;
	}

	/** Sets the token that principals of a name authenticate with. */
	public TestMember token(String principal, @Nullable String id, @Nullable Instant issuedAt) {
		this.tokens.put(principal, new PrincipalToken(id, issuedAt));
		return this;
	}

	public TestSession open(String id, @Nullable String principal) {
		return open(id, "chat", principal, "10.0.0.1", Instant.now().plusMillis(this.opened++));
	}

	public TestSession open(String id, String route, @Nullable String principal, String address, Instant openedAt) {
		TestSession session = new TestSession(id, route, principal, new InetSocketAddress(address, 4711), openedAt);
		this.registry.add(session);
		this.listeners.forEach((listener) -> listener.onOpen(session));
		return session;
	}

	public void authenticate(TestSession session, Principal principal) {
		session.principal(principal);
		this.listeners.forEach((listener) -> listener.onChange(session));
	}

	public void end(TestSession session) {
		this.registry.remove(session);
		Termination termination = new Termination(Termination.Initiator.GATEWAY, Termination.Cause.REQUESTED, null,
				null, null, null, null);
		this.listeners.forEach((listener) -> listener.onClose(session, termination));
	}

	@Override
	public void begin(@Nullable Duration window, @Nullable CloseStatus status) {
		if (window != null && window.isNegative()) {
			throw new IllegalArgumentException("window: negative");
		}
		this.registry.draining(true);
	}

	@Override
	public void cancel() {
		this.registry.draining(false);
	}

	public boolean isDraining() {
		return this.registry.isDraining();
	}

}
