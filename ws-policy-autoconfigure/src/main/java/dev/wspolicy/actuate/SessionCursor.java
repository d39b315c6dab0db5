package dev.wspolicy.actuate;

import java.time.DateTimeException;
import java.time.Instant;
import java.util.Comparator;

import dev.wspolicy.session.ProxiedSession;

/**
 * A place in the order of sessions: oldest first, by id among those of the same instant.
 * Neither ever changes, so sessions that come and go move no others across a page.
 *
 * @param openedAt when the last session of the page was opened
 * @param id its id; it may be gone when the next page is asked for
 */
record SessionCursor(Instant openedAt, String id) implements Comparable<SessionCursor> {

	private static final Comparator<SessionCursor> ORDER = Comparator.comparing(SessionCursor::openedAt)
		.thenComparing(SessionCursor::id);

	private static final char SEPARATOR = '~';

	static SessionCursor of(ProxiedSession session) {
		return new SessionCursor(session.openedAt(), session.id());
	}

	static SessionCursor parse(String text) {
		int separator = text.indexOf(SEPARATOR);
		try {
			if (separator > 0) {
				return new SessionCursor(Instant.parse(text.substring(0, separator)), text.substring(separator + 1));
			}
		}
		catch (DateTimeException ex) {
			// Answered as anything else that is no cursor.
		}
		throw Problem.invalid("after: not a cursor (expected: 'next' of the page before)");
	}

	@Override
	public int compareTo(SessionCursor other) {
		return ORDER.compare(this, other);
	}

	@Override
	public String toString() {
		return this.openedAt.toString() + SEPARATOR + this.id;
	}

}
