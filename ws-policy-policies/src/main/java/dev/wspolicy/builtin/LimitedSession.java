package dev.wspolicy.builtin;

import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;
import reactor.core.Disposable;
import reactor.core.Disposables;
import reactor.core.publisher.Mono;

import dev.wspolicy.fleet.Place;
import dev.wspolicy.frame.CloseStatus;
import dev.wspolicy.policy.Admission;
import dev.wspolicy.session.ProxiedSession;

/**
 * A session that a {@link SessionLimitPolicy} counts, from its upgrade to its end. Has
 * one place at a time: when the key of the session changes, it takes a place under the
 * new key and then gives back the one under the old key. Safe from any thread.
 */
final class LimitedSession implements Admission {

	private static final Log logger = LogFactory.getLog(LimitedSession.class);

	private final SessionLimitPolicy limit;

	/** The move to another key that has not been decided yet. */
	private final Disposable.Swap moving = Disposables.swap();

	/** Null before the first place has been taken. */
	private @Nullable Ticket current;

	/** The place that the session is to have; null after its end. */
	private @Nullable Ticket wanted;

	/** Null before the session has opened. */
	private @Nullable ProxiedSession session;

	/** Null unless the session has to be closed. */
	private @Nullable CloseStatus closing;

	LimitedSession(SessionLimitPolicy limit) {
		this.limit = limit;
	}

	/**
	 * Takes the first place.
	 * @param key the key of the session
	 * @return emits this session, which then has the place; empty if there is none
	 */
	Mono<LimitedSession> enter(String key) {
		return enter(new Ticket(key));
	}

	private Mono<LimitedSession> enter(Ticket ticket) {
		want(ticket);
		return this.limit.take(ticket.key, ticket::displaced).map((place) -> {
			hold(ticket, place);
			return this;
		});
	}

	private synchronized void want(Ticket ticket) {
		this.wanted = ticket;
	}

	private synchronized boolean isWanted(Ticket ticket) {
		return this.wanted == ticket;
	}

	private void hold(Ticket ticket, Place place) {
		ticket.place = place;
		Ticket left = ticket;
		synchronized (this) {
			if (this.wanted == ticket) {
				left = this.current;
				this.current = ticket;
			}
		}
		if (left != null) {
			left.leave();
		}
	}

	@Override
	public void onOpen(ProxiedSession session) {
		CloseStatus closing;
		synchronized (this) {
			this.session = session;
			closing = this.closing;
		}
		if (closing != null) {
			close(session, closing);
		}
	}

	@Override
	public void onPrincipal(ProxiedSession session) {
		this.moving.update(null);
		String key = this.limit.key(session.upgrade(), session.principal());
		if (staysAt(key)) {
			return;
		}
		Ticket ticket = new Ticket(key);
		this.moving.update(enter(ticket).subscribe((moved) -> {
		}, (failure) -> {
			logger.warn("Failed to count session " + session.id() + " for its principal", failure);
			end(CloseStatus.INTERNAL_ERROR);
		}, () -> {
			if (ticket.place == null && isWanted(ticket)) {
				end(SessionLimitPolicy.TOO_MANY);
			}
		}));
	}

	private synchronized boolean staysAt(String key) {
		if (this.current == null || !this.current.key.equals(key)) {
			return false;
		}
		this.wanted = this.current;
		return true;
	}

	/** Closes the session, now or as soon as it is open. */
	private void end(CloseStatus status) {
		ProxiedSession session;
		synchronized (this) {
			if (this.closing == null) {
				this.closing = status;
			}
			session = this.session;
		}
		if (session != null) {
			close(session, status);
		}
	}

	private static void close(ProxiedSession session, CloseStatus status) {
		session.close(status, CloseStatus.GOING_AWAY, SessionLimitPolicy.NAME);
	}

	@Override
	public void onEnd() {
		this.moving.dispose();
		Ticket left;
		synchronized (this) {
			this.wanted = null;
			left = this.current;
			this.current = null;
			this.session = null;
		}
		if (left != null) {
			left.leave();
		}
	}

	/**
	 * A place under one key.
	 */
	private final class Ticket {

		private final String key;

		/** Null before the place has been taken. */
		private volatile @Nullable Place place;

		private volatile boolean left;

		Ticket(String key) {
			this.key = key;
		}

		void displaced() {
			if (!this.left) {
				end(LimitedSession.this.limit.displaced());
			}
		}

		void leave() {
			this.left = true;
			Place place = this.place;
			if (place != null) {
				place.release();
			}
		}

	}

}
