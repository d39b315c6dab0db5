package dev.wspolicy.builtin.security;

import java.util.IdentityHashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

import org.jspecify.annotations.Nullable;

import dev.wspolicy.policy.FramePolicy;
import dev.wspolicy.session.ProxiedSession;
import dev.wspolicy.session.ScheduledTask;

/**
 * The authentication state of a session. It stays with the session when a refresh
 * replaces the policies that require authentication, so that the client does not have to
 * authenticate again. Thread-safe.
 */
final class AuthenticationGate {

	private static final String ATTRIBUTE = AuthenticationGate.class.getName();

	private final CompletableFuture<@Nullable Void> authenticated = new CompletableFuture<>();

	/**
	 * The policies that require authentication, with their deadlines; empty once the gate
	 * is open.
	 */
	private final Map<FramePolicy, ScheduledTask> requirements = new IdentityHashMap<>(2);

	/**
	 * Whether the client has authenticated. Set while the requirements are removed: one
	 * that was added in between would never be met.
	 */
	private volatile boolean open;

	/** Completed while no policy requires authentication. */
	private CompletableFuture<@Nullable Void> decided = CompletableFuture.completedFuture(null);

	/** Returns the gate of a session; a new gate is closed. */
	static AuthenticationGate of(ProxiedSession session) {
		AuthenticationGate gate = find(session);
		return (gate != null) ? gate : (AuthenticationGate) session.attributes()
			.computeIfAbsent(ATTRIBUTE, (name) -> new AuthenticationGate());
	}

	static @Nullable AuthenticationGate find(ProxiedSession session) {
		return (AuthenticationGate) session.attributes().get(ATTRIBUTE);
	}

	boolean isOpen() {
		return this.open;
	}

	/** Completes when the client has authenticated. */
	CompletableFuture<@Nullable Void> authenticated() {
		return this.authenticated;
	}

	/** Completes when the client has authenticated, or no longer needs to. */
	synchronized CompletableFuture<@Nullable Void> decided() {
		return this.decided;
	}

	/** Lets a policy require authentication until a deadline. */
	synchronized void require(FramePolicy policy, ScheduledTask deadline) {
		if (isOpen()) {
			deadline.cancel();
			return;
		}
		if (this.requirements.isEmpty()) {
			this.decided = new CompletableFuture<>();
		}
		this.requirements.put(policy, deadline);
	}

	/** Withdraws the requirement of a policy. */
	void withdraw(FramePolicy policy) {
		CompletableFuture<@Nullable Void> waiting;
		synchronized (this) {
			ScheduledTask deadline = this.requirements.remove(policy);
			if (deadline == null) {
				return;
			}
			deadline.cancel();
			if (!this.requirements.isEmpty()) {
				return;
			}
			waiting = this.decided;
		}
		waiting.complete(null);
	}

	void open() {
		CompletableFuture<@Nullable Void> waiting;
		synchronized (this) {
			this.open = true;
			this.requirements.values().forEach(ScheduledTask::cancel);
			this.requirements.clear();
			waiting = this.decided;
		}
		this.authenticated.complete(null);
		waiting.complete(null);
	}

}
