package dev.wspolicy.policies.security;

import java.util.IdentityHashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

import org.jspecify.annotations.Nullable;

import dev.wspolicy.policy.FramePolicy;
import dev.wspolicy.session.ProxiedSession;
import dev.wspolicy.session.ScheduledTask;

/**
 * Whether the client of a session has proved who it is. Stays with the session when the
 * policies that ask for the proof are replaced, so that nobody has to prove it twice.
 * Safe from any thread.
 */
final class AuthenticationGate {

	private static final String ATTRIBUTE = AuthenticationGate.class.getName();

	private final CompletableFuture<@Nullable Void> passed = new CompletableFuture<>();

	/** Who asks for the proof, and until when; empty once the gate is open. */
	private final Map<FramePolicy, ScheduledTask> guards = new IdentityHashMap<>(2);

	/** Completed as long as nobody asks for the proof. */
	private CompletableFuture<@Nullable Void> settled = CompletableFuture.completedFuture(null);

	/** The gate of a session, closed if nobody has asked for it before. */
	static AuthenticationGate of(ProxiedSession session) {
		AuthenticationGate gate = find(session);
		return (gate != null) ? gate : (AuthenticationGate) session.attributes()
			.computeIfAbsent(ATTRIBUTE, (name) -> new AuthenticationGate());
	}

	static @Nullable AuthenticationGate find(ProxiedSession session) {
		return (AuthenticationGate) session.attributes().get(ATTRIBUTE);
	}

	boolean isOpen() {
		return this.passed.isDone();
	}

	/** Completes when the client has proved who it is. */
	CompletableFuture<@Nullable Void> passed() {
		return this.passed;
	}

	/** Completes when the client has proved who it is, or need not any more. */
	synchronized CompletableFuture<@Nullable Void> settled() {
		return this.settled;
	}

	/** Have a policy ask for the proof, until a deadline. */
	synchronized void guard(FramePolicy guard, ScheduledTask deadline) {
		if (isOpen()) {
			deadline.cancel();
			return;
		}
		if (this.guards.isEmpty()) {
			this.settled = new CompletableFuture<>();
		}
		this.guards.put(guard, deadline);
	}

	/** A policy does not ask for the proof any more. */
	void leave(FramePolicy guard) {
		CompletableFuture<@Nullable Void> waiting;
		synchronized (this) {
			ScheduledTask deadline = this.guards.remove(guard);
			if (deadline == null) {
				return;
			}
			deadline.cancel();
			if (!this.guards.isEmpty()) {
				return;
			}
			waiting = this.settled;
		}
		waiting.complete(null);
	}

	void open() {
		CompletableFuture<@Nullable Void> waiting;
		synchronized (this) {
			this.guards.values().forEach(ScheduledTask::cancel);
			this.guards.clear();
			waiting = this.settled;
		}
		this.passed.complete(null);
		waiting.complete(null);
	}

}
