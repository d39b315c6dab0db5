package dev.wspolicy.actuate;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;

import org.springframework.boot.web.server.context.WebServerApplicationContext;
import org.springframework.context.SmartLifecycle;

import dev.wspolicy.session.ProxiedSession;
import dev.wspolicy.session.SessionListener;
import dev.wspolicy.session.SessionRegistry;
import dev.wspolicy.session.Termination;

/**
 * Manages the running taps: attaches them to matching sessions, including sessions that
 * open later, and detaches them again. Thread-safe.
 */
public final class FrameTaps implements SessionListener, SmartLifecycle {

	/** The maximum number of taps that run at the same time. */
	static final int MAX = 16;

	private final SessionRegistry registry;

	private final List<RunningTap> running = new CopyOnWriteArrayList<>();

	/** The number of taps that are running or about to start. */
	private final AtomicInteger places = new AtomicInteger();

	/** The number of frames that taps recorded that have ended. */
	private long recorded;

	private long dropped;

	private volatile boolean started;

	/**
	 * Creates an instance without taps.
	 * @param registry the live sessions
	 */
	public FrameTaps(SessionRegistry registry) {
		this.registry = registry;
	}

	/**
	 * Return the number of running taps.
	 * @return the number
	 */
	public int running() {
		return this.running.size();
	}

	/**
	 * Return the number of frames that all taps, running and ended, have recorded.
	 * @return the number
	 */
	public synchronized long recorded() {
		return this.recorded + this.running.stream().mapToLong(RunningTap::recorded).sum();
	}

	/**
	 * Return the number of frames that all taps, running and ended, have dropped.
	 * @return the number
	 */
	public synchronized long dropped() {
		return this.dropped + this.running.stream().mapToLong(RunningTap::dropped).sum();
	}

	/** Return whether the maximum number of taps is reached. */
	boolean isFull() {
		return this.places.get() >= MAX;
	}

	/**
	 * Reserve a place for a tap that is about to start; {@code false} if there is none.
	 */
	boolean reserve() {
		int taken = this.places.get();
		while (taken < MAX) {
			if (this.places.compareAndSet(taken, taken + 1)) {
				return true;
			}
			taken = this.places.get();
		}
		return false;
	}

	/** Release the place of a tap that has not started. */
	void release() {
		this.places.decrementAndGet();
	}

	/**
	 * Attach a tap, for which a place is reserved, to the sessions that it applies to.
	 */
	void start(RunningTap tap) {
		// Add the tap first, so that no session that opens in the meantime is missed.
		this.running.add(tap);
		this.registry.stream().filter(tap::appliesTo).forEach((session) -> session.tap(tap));
		if (tap.session() != null && this.registry.find(tap.session()).isEmpty()) {
			tap.end("session-closed");
		}
		if (tap.hasEnded()) {
			// It may have ended before it was added, in which case nobody else detaches
			// it.
			stop(tap);
		}
	}

	/**
	 * Detach a tap that has ended. Does not ask which sessions match: a policy may have
	 * changed the principal of a session since the tap was attached to it.
	 */
	void stop(RunningTap tap) {
		synchronized (this) {
			if (this.running.remove(tap)) {
				this.recorded += tap.recorded();
				this.dropped += tap.dropped();
				release();
			}
		}
		Stream<ProxiedSession> sessions = (tap.session() != null) ? this.registry.find(tap.session()).stream()
				: this.registry.stream();
		sessions.forEach((session) -> session.untap(tap));
	}

	@Override
	public void onOpen(ProxiedSession session) {
		for (RunningTap tap : this.running) {
			if (tap.appliesTo(session)) {
				session.tap(tap);
				if (tap.hasEnded()) {
					session.untap(tap);
				}
			}
		}
	}

	@Override
	public void onClose(ProxiedSession session, Termination termination) {
		for (RunningTap tap : this.running) {
			tap.closed(session, termination);
		}
	}

	@Override
	public void start() {
		this.started = true;
	}

	/** Ends all taps, because the web server waits for their responses. */
	@Override
	public void stop() {
		this.started = false;
		this.running.forEach((tap) -> tap.end("shutdown"));
	}

	@Override
	public boolean isRunning() {
		return this.started;
	}

	@Override
	public int getPhase() {
		// In the phase of the web server's graceful shutdown, after all sessions have
		// closed.
		return WebServerApplicationContext.GRACEFUL_SHUTDOWN_PHASE;
	}

}
