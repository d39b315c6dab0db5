package dev.wspolicy.actuate;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

import org.springframework.boot.web.server.context.WebServerApplicationContext;
import org.springframework.context.SmartLifecycle;

import dev.wspolicy.session.ProxiedSession;
import dev.wspolicy.session.SessionListener;
import dev.wspolicy.session.SessionRegistry;
import dev.wspolicy.session.Termination;

/**
 * The taps that run: puts them on the sessions that they are for, those that open later
 * included, and takes them off again.
 */
public final class FrameTaps implements SessionListener, SmartLifecycle {

	private final SessionRegistry registry;

	private final List<RunningTap> running = new CopyOnWriteArrayList<>();

	/** What those have told that run no more. */
	private long told;

	private long dropped;

	private volatile boolean started;

	/**
	 * No taps yet.
	 * @param registry the sessions
	 */
	public FrameTaps(SessionRegistry registry) {
		this.registry = registry;
	}

	/**
	 * How many taps run.
	 * @return the number
	 */
	public int running() {
		return this.running.size();
	}

	/**
	 * How many records have been told, by all taps that ever ran.
	 * @return the number
	 */
	public synchronized long told() {
		return this.told + this.running.stream().mapToLong(RunningTap::told).sum();
	}

	/**
	 * How many records were dropped, by all taps that ever ran.
	 * @return the number
	 */
	public synchronized long dropped() {
		return this.dropped + this.running.stream().mapToLong(RunningTap::dropped).sum();
	}

	/** Put a tap on the sessions that it is for. */
	void start(RunningTap tap) {
		// First, so that a session that opens meanwhile is told of it either way.
		this.running.add(tap);
		this.registry.stream().filter(tap::isFor).forEach((session) -> session.tap(tap));
		if (tap.session() != null && this.registry.find(tap.session()).isEmpty()) {
			tap.end("session-closed");
		}
		if (tap.hasEnded()) {
			// Maybe before it was here: then nobody else takes it off.
			stop(tap);
		}
	}

	/** Take a tap, which has ended, off its sessions. */
	void stop(RunningTap tap) {
		synchronized (this) {
			if (this.running.remove(tap)) {
				this.told += tap.told();
				this.dropped += tap.dropped();
			}
		}
		this.registry.stream().filter(tap::isFor).forEach((session) -> session.untap(tap));
	}

	@Override
	public void onOpen(ProxiedSession session) {
		for (RunningTap tap : this.running) {
			if (tap.isFor(session)) {
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
			if (session.id().equals(tap.session())) {
				tap.end("session-closed");
			}
		}
	}

	@Override
	public void start() {
		this.started = true;
	}

	/** Nobody may go on watching: the web server waits for its last answer. */
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
		// Together with the web server's waiting, when all sessions have been closed.
		return WebServerApplicationContext.GRACEFUL_SHUTDOWN_PHASE;
	}

}
