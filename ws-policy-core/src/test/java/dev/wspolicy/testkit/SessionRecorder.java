package dev.wspolicy.testkit;

import java.lang.ref.WeakReference;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Predicate;

import org.springframework.http.HttpStatusCode;

import dev.wspolicy.session.ProxiedSession;
import dev.wspolicy.session.SessionListener;
import dev.wspolicy.session.Side;
import dev.wspolicy.session.Termination;
import dev.wspolicy.session.UpgradeContext;

/**
 * Writes down what becomes of sessions, without keeping any of them in memory.
 */
public final class SessionRecorder implements SessionListener {

	private final List<WeakReference<ProxiedSession>> opened = new CopyOnWriteArrayList<>();

	private final List<Ended> ended = new ArrayList<>();

	private final List<Side> missed = new CopyOnWriteArrayList<>();

	private final List<HttpStatusCode> refused = new CopyOnWriteArrayList<>();

	@Override
	public void onOpen(ProxiedSession session) {
		this.opened.add(new WeakReference<>(session));
	}

	@Override
	public void onUpgradeRefused(UpgradeContext upgrade, HttpStatusCode status) {
		this.refused.add(status);
	}

	@Override
	public void onHeartbeatMissed(ProxiedSession session, Side side) {
		this.missed.add(side);
	}

	@Override
	public void onClose(ProxiedSession session, Termination termination) {
		synchronized (this.ended) {
			this.ended.add(new Ended(session.upgrade().path(), termination));
			this.ended.notifyAll();
		}
	}

	/**
	 * How many sessions have been opened.
	 */
	public int opened() {
		return this.opened.size();
	}

	/**
	 * Those of the opened sessions that somebody still holds on to. What nobody holds may
	 * be here until the garbage collector has been round.
	 */
	public List<ProxiedSession> reachable() {
		return this.opened.stream()
			.map(WeakReference::get)
			.flatMap((session) -> Optional.ofNullable(session).stream())
			.toList();
	}

	/**
	 * The sides that missed a heartbeat.
	 */
	public List<Side> missedHeartbeats() {
		return this.missed;
	}

	/**
	 * What upgrades were refused with.
	 */
	public List<HttpStatusCode> refused() {
		return this.refused;
	}

	/**
	 * Takes the end of a session from the record, and waits for one if there is none.
	 */
	public Termination termination() {
		return take((end) -> true, "a session");
	}

	/**
	 * Takes the end of a session that was opened with this path.
	 */
	public Termination termination(String path) {
		return take((end) -> end.path().equals(path), path);
	}

	/**
	 * The ends that nobody has taken.
	 */
	public List<Termination> terminations() {
		synchronized (this.ended) {
			return this.ended.stream().map(Ended::termination).toList();
		}
	}

	/**
	 * Begins anew.
	 */
	public void clear() {
		this.opened.clear();
		this.missed.clear();
		this.refused.clear();
		synchronized (this.ended) {
			this.ended.clear();
		}
	}

	private Termination take(Predicate<Ended> wanted, String what) {
		long end = System.nanoTime() + RawPeer.DEFAULT_TIMEOUT.toNanos();
		synchronized (this.ended) {
			while (true) {
				Optional<Ended> found = this.ended.stream().filter(wanted).findFirst();
				if (found.isPresent()) {
					this.ended.remove(found.get());
					return found.get().termination();
				}
				long left = Duration.ofNanos(end - System.nanoTime()).toMillis();
				if (left <= 0) {
					throw new AssertionError("Expected the end of " + what + ", recorded " + this.ended);
				}
				try {
					this.ended.wait(left);
				}
				catch (InterruptedException ex) {
					Thread.currentThread().interrupt();
					throw new IllegalStateException("Interrupted while waiting for the end of " + what, ex);
				}
			}
		}
	}

	private record Ended(String path, Termination termination) {

	}

}
