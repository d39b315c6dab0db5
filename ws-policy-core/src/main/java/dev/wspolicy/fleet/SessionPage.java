package dev.wspolicy.fleet;

import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import java.util.function.Function;

import org.jspecify.annotations.Nullable;

/**
 * A page of sessions, oldest first.
 *
 * @param <T> the type of the sessions
 * @param sessions the sessions of the page
 * @param total the number of matching sessions on all pages
 * @param next the cursor of the next page, or {@code null} on the last one
 */
public record SessionPage<T>(List<T> sessions, int total, @Nullable SessionCursor next) {

	/**
	 * Merges the same page of several lists.
	 * @param <T> the type of the sessions
	 * @param pages the pages
	 * @param cursor returns the position of a session
	 * @param limit the maximum number of sessions on each page, and on the merged one
	 * @return the merged page
	 */
	public static <T> SessionPage<T> merge(List<SessionPage<T>> pages, Function<T, SessionCursor> cursor, int limit) {
		List<T> sessions = pages.stream()
			.flatMap((page) -> page.sessions().stream())
			.sorted(Comparator.comparing(cursor))
			.toList();
		boolean more = sessions.size() > limit || pages.stream().anyMatch((page) -> page.next() != null);
		List<T> first = sessions.subList(0, Math.min(limit, sessions.size()));
		return new SessionPage<>(first, pages.stream().mapToInt(SessionPage::total).sum(),
				(more && !first.isEmpty()) ? cursor.apply(first.get(first.size() - 1)) : null);
	}

	/**
	 * Determines a page in one pass that never holds more sessions than the page, so that
	 * the cost of sorting does not depend on the number of live sessions. Not safe for
	 * use by several threads at once.
	 *
	 * @param <T> the type of the sessions
	 */
	public static final class Selection<T> {

		private final @Nullable SessionCursor after;

		private final int limit;

		/** The oldest sessions behind the cursor, with the youngest of them on top. */
		private final PriorityQueue<Candidate<T>> first = new PriorityQueue<>(
				Comparator.comparing((Candidate<T> candidate) -> candidate.cursor()).reversed());

		private int total;

		private boolean more;

		/**
		 * Creates an empty selection.
		 * @param after the position before the page, or {@code null} for the first page
		 * @param limit the maximum number of sessions on the page
		 */
		public Selection(@Nullable SessionCursor after, int limit) {
			this.after = after;
			this.limit = limit;
		}

		/**
		 * Adds a matching session.
		 * @param cursor its position
		 * @param session the session
		 */
		public void offer(SessionCursor cursor, T session) {
			this.total++;
			if (this.after != null && cursor.compareTo(this.after) <= 0) {
				return;
			}
			if (this.first.size() < this.limit) {
				this.first.add(new Candidate<>(cursor, session));
				return;
			}
			this.more = true;
			Candidate<T> last = this.first.element();
			if (cursor.compareTo(last.cursor()) < 0) {
				this.first.remove();
				this.first.add(new Candidate<>(cursor, session));
			}
		}

		/**
		 * Returns the page of the sessions that have been added.
		 * @return the page
		 */
		public SessionPage<T> page() {
			List<Candidate<T>> page = this.first.stream().sorted(Comparator.comparing(Candidate::cursor)).toList();
			SessionCursor next = this.more ? page.get(page.size() - 1).cursor() : null;
			return new SessionPage<>(page.stream().map(Candidate::session).toList(), this.total, next);
		}

	}

	private record Candidate<T>(SessionCursor cursor, T session) {

	}

}
