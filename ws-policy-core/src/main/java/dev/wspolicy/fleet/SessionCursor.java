package dev.wspolicy.fleet;

import java.time.DateTimeException;
import java.time.Instant;
import java.util.Comparator;

import dev.wspolicy.session.ProxiedSession;

/**
 * A position in the list of sessions, which is sorted by opening time and then by id.
 * Neither ever changes, so that sessions that open or close between two requests do not
 * shift other sessions to another page.
 *
 * @param openedAt when the last session of the page was opened
 * @param id the id of that session, which may have closed by the time of the next request
 */
public record SessionCursor(Instant openedAt, String id) implements Comparable<SessionCursor> {

	private static final Comparator<SessionCursor> ORDER = Comparator.comparing(SessionCursor::openedAt)
		.thenComparing(SessionCursor::id);

	private static final char SEPARATOR = '~';

	/**
	 * Returns the position of a session.
	 * @param session the session
	 * @return its position
	 */
	public static SessionCursor of(ProxiedSession session) {
		return new SessionCursor(session.openedAt(), session.id());
	}

	/**
	 * Returns the position of an entry.
	 * @param entry the entry of a session
	 * @return its position
	 */
	public static SessionCursor of(SessionEntry entry) {
		return new SessionCursor(entry.openedAt(), entry.id());
	}

	/**
	 * Parses what {@link #toString()} returns.
	 * @param text the text
	 * @return the position
	 * @throws IllegalArgumentException if the text is not a position
	 */
	public static SessionCursor parse(String text) {
		int separator = text.indexOf(SEPARATOR);
		try {
			if (separator > 0) {
				return new SessionCursor(Instant.parse(text.substring(0, separator)), text.substring(separator + 1));
			}
		}
		catch (DateTimeException ex) {
			// Reported below like any other invalid cursor.
		}
		throw new IllegalArgumentException("after: invalid cursor (expected: 'next' of the previous page)");
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
