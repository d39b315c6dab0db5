package dev.wspolicy.netty;

import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiFunction;
import java.util.function.BiPredicate;
import java.util.function.Function;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import java.util.stream.Stream;

import io.netty.channel.EventLoop;
import org.jspecify.annotations.Nullable;

import dev.wspolicy.frame.CloseStatus;
import dev.wspolicy.pipeline.SessionPipeline;
import dev.wspolicy.session.DrainProgress;
import dev.wspolicy.session.LoopTurns;
import dev.wspolicy.session.ProxiedSession;
import dev.wspolicy.session.SessionRegistry;

/**
 * The registry of open sessions, which enter and leave it by themselves.
 */
public final class LiveSessions implements SessionRegistry {

	private final Map<String, NettySession> sessions = new ConcurrentHashMap<>();

	/** The number of sessions whose listeners have not all been called at their end. */
	private final AtomicInteger unfinished = new AtomicInteger();

	private final TurnClocks turnClocks = new TurnClocks();

	private final Map<EventLoop, SharedLoop> sharedLoops = new ConcurrentHashMap<>();

	/** Null unless sessions are being drained. */
	private volatile @Nullable Draining draining;

	void add(NettySession session) {
		this.unfinished.incrementAndGet();
		this.sessions.put(session.id(), session);
		Draining draining = this.draining;
		if (draining != null) {
			session.announceDrain();
			session.shutDown(draining.status());
		}
	}

	/** Removes a session that has ended, before its listeners are called. */
	void remove(NettySession session) {
		this.sessions.remove(session.id());
	}

	/** Called when all listeners of a removed session have been called. */
	void onCallbacksDone() {
		this.unfinished.decrementAndGet();
		completeIfDrained();
	}

	/**
	 * Ends all sessions with 1001, and those that are about to open.
	 * @param window the time over which they are ended
	 * @return completed when the last session has ended and its listeners have been
	 * called
	 */
	public CompletableFuture<Void> drain(Duration window) {
		return drain(window, CloseStatus.GOING_AWAY);
	}

	/**
	 * Ends all sessions, and those that are about to open. HTTP/2 connections that carry
	 * sessions get a GOAWAY first, which the end of the drain does not revoke. Replaces a
	 * drain that is under way.
	 * @param window the time over which they are ended, each at a random moment, so that
	 * their clients do not all reconnect at once
	 * @param status the status that clients get; upstreams get 1001
	 * @return completed when the last session has ended and its listeners have been
	 * called; cancelled if the drain is replaced or ended
	 */
	public CompletableFuture<Void> drain(Duration window, CloseStatus status) {
		Draining draining = new Draining(Instant.now(), window, status, this.sessions.size(),
				new CompletableFuture<>());
		replace(draining);
		long nanos = window.toNanos();
		this.sessions.values().forEach((session) -> {
			session.announceDrain();
			if (nanos > 0) {
				session.shutDownIn(ThreadLocalRandom.current().nextLong(nanos), status,
						() -> draining.equals(this.draining));
			}
			else {
				session.shutDown(status);
			}
		});
		completeIfDrained();
		return draining.done();
	}

	/**
	 * Replaces the pipelines of sessions. A message that is under way ends in the old
	 * pipeline.
	 * @param successors returns the new pipeline of a session, or {@code null} to keep
	 * the old one
	 */
	public void switchPipelines(Function<ProxiedSession, @Nullable SessionPipeline> successors) {
		this.sessions.values().forEach((session) -> {
			SessionPipeline successor = successors.apply(session);
			if (successor != null) {
				session.switchPipeline(successor);
			}
		});
	}

	/**
	 * Replaces the pipelines of sessions by what follows from those that serve them at
	 * that time. A message that is under way ends in the old pipeline.
	 * @param selected which sessions
	 * @param successors returns the new pipeline of a session that is served by an old
	 * one, or {@code null} to keep that; called on the event loop of the session, and
	 * must not throw
	 */
	public void switchPipelines(Predicate<ProxiedSession> selected,
			BiFunction<ProxiedSession, SessionPipeline, @Nullable SessionPipeline> successors) {
		this.sessions.values()
			.stream()
			.filter(selected)
			.forEach((session) -> session.switchPipeline((current) -> successors.apply(session, current)));
	}

	/**
	 * Counts sessions by the pipelines that serve them.
	 * @param matching which sessions
	 * @return the number
	 */
	public long count(BiPredicate<ProxiedSession, SessionPipeline> matching) {
		return this.sessions.values()
			.stream()
			.filter((session) -> session.isOpen() && matching.test(session, session.served()))
			.count();
	}

	/**
	 * Returns the pipelines that serve open sessions.
	 * @param selected which sessions
	 * @return the pipelines, weakly consistent, as often as they serve a session
	 */
	public Stream<SessionPipeline> served(Predicate<ProxiedSession> selected) {
		return this.sessions.values()
			.stream()
			.filter((session) -> session.isOpen() && selected.test(session))
			.map(NettySession::served);
	}

	/**
	 * Ends the drain: sessions may open again, and those that have not been closed yet
	 * stay open.
	 */
	public void endDrain() {
		replace(null);
	}

	private synchronized void replace(@Nullable Draining next) {
		Draining previous = this.draining;
		this.draining = next;
		if (previous != null) {
			// The drain will never complete.
			previous.done().cancel(false);
		}
	}

	/**
	 * Resets the connections of all sessions, without a close frame.
	 */
	public void abort() {
		this.sessions.values().forEach(NettySession::abort);
	}

	/**
	 * Returns whether no new session may open.
	 * @return {@code true} from {@link #drain(Duration)} to {@link #endDrain()}
	 */
	@Override
	public boolean isDraining() {
		return this.draining != null;
	}

	@Override
	public Optional<DrainProgress> drain() {
		Draining draining = this.draining;
		return Optional.ofNullable(draining)
			.map((current) -> new DrainProgress(current.since(), current.window(), current.status().code(),
					current.sessions(), size()));
	}

	private void completeIfDrained() {
		Draining draining = this.draining;
		if (draining != null && this.unfinished.get() == 0) {
			draining.done().complete(null);
		}
	}

	/**
	 * Returns the clock that measures the turns of the event loop that calls.
	 * @param time the time of that event loop in nanoseconds
	 */
	TurnClock turnClock(LongSupplier time) {
		return this.turnClocks.current(time);
	}

	/** Returns what runs the tasks of all sessions of an event loop. */
	SharedLoop sharedLoop(EventLoop loop) {
		SharedLoop present = this.sharedLoops.get(loop);
		return (present != null) ? present : makeSharedLoop(loop);
	}

	private SharedLoop makeSharedLoop(EventLoop loop) {
		// A server that is stopped and started again has other event loops.
		this.sharedLoops.keySet().removeIf(EventLoop::isShutdown);
		return this.sharedLoops.computeIfAbsent(loop, SharedLoop::new);
	}

	@Override
	public LoopTurns turns() {
		return this.turnClocks.turns();
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
	 * Returns how many sessions are open, or have ended and are still calling their
	 * listeners.
	 * @return a number that is at least {@link #size()} once a session has been added
	 */
	public int unfinished() {
		return this.unfinished.get();
	}

	/**
	 * A drain that is under way.
	 *
	 * @param since when it began
	 * @param window the time over which the sessions are ended
	 * @param status the status that clients get
	 * @param sessions the number of sessions when it began
	 * @param done completed when the last session has ended
	 */
	private record Draining(Instant since, Duration window, CloseStatus status, int sessions,
			CompletableFuture<Void> done) {

	}

}
