package dev.wspolicy.policies.security;

import java.util.concurrent.CompletableFuture;

import org.jspecify.annotations.Nullable;

import dev.wspolicy.session.ProxiedSession;
import dev.wspolicy.session.ScheduledTask;

/**
 * Whether the client of a session has proved who it is. Safe from any thread.
 */
final class AuthenticationGate {

	private static final String ATTRIBUTE = AuthenticationGate.class.getName();

	private final CompletableFuture<@Nullable Void> passed = new CompletableFuture<>();

	private volatile @Nullable ScheduledTask deadline;

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

	void closeAt(ScheduledTask deadline) {
		this.deadline = deadline;
	}

	void open() {
		ScheduledTask task = this.deadline;
		if (task != null) {
			task.cancel();
		}
		this.passed.complete(null);
	}

}
