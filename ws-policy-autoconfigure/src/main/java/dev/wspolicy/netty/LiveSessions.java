package dev.wspolicy.netty;

import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Function;
import java.util.stream.Stream;

import org.jspecify.annotations.Nullable;

import dev.wspolicy.pipeline.SessionPipeline;
import dev.wspolicy.session.DrainProgress;
import dev.wspolicy.session.ProxiedSession;
import dev.wspolicy.session.SessionRegistry;

/**
 * The registry that sessions enter and leave by themselves.
 */
public final class LiveSessions implements SessionRegistry {

	private final Map<String, NettySession> sessions = new ConcurrentHashMap<>();

	/** Null as long as new sessions are welcome. */
	private volatile @Nullable Draining draining;

	void add(NettySession session) {
		this.sessions.put(session.id(), session);
		if (isDraining()) {
			session.shutDown();
		}
	}

	/** The session is over; those who want to hear of it are told next. */
	void remove(NettySession session) {
		this.sessions.remove(session.id());
	}

	/** A session that has been removed has told everybody. */
	void told() {
		completeIfDrained();
	}

	/**
	 * End all sessions with 1001, and those that are just about to open. A drain that
	 * goes on already is given up for this one.
	 * @param window over how long they are ended, each at a random moment, so that their
	 * clients do not all come back at once
	 * @return completed when the last one has gone
	 */
	public CompletableFuture<Void> drain(Duration window) {
		Draining draining = new Draining(Instant.now(), window, this.sessions.size(), new CompletableFuture<>());
		replace(draining);
		long nanos = window.toNanos();
		this.sessions.values().forEach((session) -> {
			if (nanos > 0) {
				session.shutDownIn(ThreadLocalRandom.current().nextLong(nanos), () -> draining.equals(this.draining));
			}
			else {
				session.shutDown();
			}
		});
		completeIfDrained();
		return draining.done();
	}

	/**
	 * Give sessions other pipelines, which serve them at once, but no message half way.
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
	 * Let sessions open again. Those that have not been told to end may live on.
	 */
	public void welcome() {
		replace(null);
	}

	private synchronized void replace(@Nullable Draining next) {
		Draining previous = this.draining;
		this.draining = next;
		if (previous != null) {
			// Who waits for it waits for nothing.
			previous.done().cancel(false);
		}
	}

	/**
	 * Let go of the sockets of all sessions, without a close frame.
	 */
	public void abort() {
		this.sessions.values().forEach(NettySession::abort);
	}

	/**
	 * Whether no new session may open.
	 * @return {@code true} from {@link #drain(Duration)} to {@link #welcome()}
	 */
	@Override
	public boolean isDraining() {
		return this.draining != null;
	}

	@Override
	public Optional<DrainProgress> drain() {
		Draining draining = this.draining;
		return Optional.ofNullable(draining)
			.map((current) -> new DrainProgress(current.since(), current.window(), current.sessions(), size()));
	}

	private void completeIfDrained() {
		Draining draining = this.draining;
		if (draining != null && this.sessions.isEmpty()) {
			draining.done().complete(null);
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

	/**
	 * A drain that goes on.
	 *
	 * @param since when it began
	 * @param window over how long the sessions are ended
	 * @param sessions how many there were
	 * @param done completed when the last one has gone
	 */
	private record Draining(Instant since, Duration window, int sessions, CompletableFuture<Void> done) {

	}

}
