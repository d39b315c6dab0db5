package dev.wspolicy.netty;

import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Function;
import java.util.stream.Stream;

import org.jspecify.annotations.Nullable;

import dev.wspolicy.pipeline.SessionPipeline;
import dev.wspolicy.session.ProxiedSession;
import dev.wspolicy.session.SessionRegistry;

/**
 * The registry that sessions enter and leave by themselves.
 */
public final class LiveSessions implements SessionRegistry {

	private final Map<String, NettySession> sessions = new ConcurrentHashMap<>();

	/** Completed when the last session has gone; null as long as new ones are welcome. */
	private volatile @Nullable CompletableFuture<Void> drained;

	void add(NettySession session) {
		this.sessions.put(session.id(), session);
		if (isDraining()) {
			session.shutDown();
		}
	}

	void remove(NettySession session) {
		this.sessions.remove(session.id());
		completeIfDrained();
	}

	/**
	 * End all sessions with 1001, and those that are just about to open.
	 * @param window over how long they are ended, each at a random moment, so that their
	 * clients do not all come back at once
	 * @return completed when the last one has gone
	 */
	public CompletableFuture<Void> drain(Duration window) {
		CompletableFuture<Void> drained = new CompletableFuture<>();
		this.drained = drained;
		long nanos = window.toNanos();
		this.sessions.values().forEach((session) -> {
			if (nanos > 0) {
				session.shutDownIn(ThreadLocalRandom.current().nextLong(nanos));
			}
			else {
				session.shutDown();
			}
		});
		completeIfDrained();
		return drained;
	}

	/**
	 * Give sessions other pipelines, which serve them from their next messages on.
	 * @param successors the pipeline for a session, or {@code null} for the one it has
	 */
	public void succeed(Function<ProxiedSession, @Nullable SessionPipeline> successors) {
		this.sessions.values().forEach((session) -> {
			SessionPipeline successor = successors.apply(session);
			if (successor != null) {
				session.succeed(successor);
			}
		});
	}

	/**
	 * Let sessions open again.
	 */
	public void welcome() {
		this.drained = null;
	}

	/**
	 * Whether no new session may open.
	 * @return {@code true} from {@link #drain} to {@link #welcome()}
	 */
	@Override
	public boolean isDraining() {
		return this.drained != null;
	}

	private void completeIfDrained() {
		CompletableFuture<Void> drained = this.drained;
		if (drained != null && this.sessions.isEmpty()) {
			drained.complete(null);
		}
	}

	@Override
	public Optional<ProxiedSession> find(String id) {
		return Optional.ofNullable(this.sessions.get(id));
	}

	@Override
	public Stream<ProxiedSession> stream() {
		return this.sessions.values().stream().map(ProxiedSession.class::cast);
	}

	@Override
	public int size() {
		return this.sessions.size();
	}

}
