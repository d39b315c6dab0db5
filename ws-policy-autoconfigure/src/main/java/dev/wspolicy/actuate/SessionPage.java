package dev.wspolicy.actuate;

import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import java.util.function.Predicate;
import java.util.stream.Stream;

import org.jspecify.annotations.Nullable;

import dev.wspolicy.session.ProxiedSession;

/**
 * A page of sessions, oldest first. Found in one pass that keeps no more than the page:
 * what there is to sort is bounded, however many sessions live.
 *
 * @param sessions the sessions of the page
 * @param total how many match, on all pages
 * @param next where the next page begins, or {@code null} on the last one
 */
record SessionPage(List<ProxiedSession> sessions, int total, @Nullable SessionCursor next) {

	static SessionPage of(Stream<ProxiedSession> sessions, Predicate<ProxiedSession> filter,
			@Nullable SessionCursor after, int limit) {
		Selection selection = new Selection(after, limit);
		sessions.filter(filter).forEach(selection::offer);
		return selection.page();
	}

	private record Candidate(SessionCursor cursor, ProxiedSession session) {

	}

	private static final class Selection {

		private final @Nullable SessionCursor after;

		private final int limit;

		/** The first of those behind the cursor; the last of these on top. */
		private final PriorityQueue<Candidate> first = new PriorityQueue<>(
				Comparator.comparing(Candidate::cursor).reversed());

		private int total;

		private boolean more;

		Selection(@Nullable SessionCursor after, int limit) {
			this.after = after;
			this.limit = limit;
		}

		void offer(ProxiedSession session) {
			this.total++;
			SessionCursor cursor = SessionCursor.of(session);
			if (this.after != null && cursor.compareTo(this.after) <= 0) {
				return;
			}
			if (this.first.size() < this.limit) {
				this.first.add(new Candidate(cursor, session));
				return;
			}
			this.more = true;
			Candidate last = this.first.element();
			if (cursor.compareTo(last.cursor()) < 0) {
				this.first.remove();
				this.first.add(new Candidate(cursor, session));
			}
		}

		SessionPage page() {
			List<Candidate> page = this.first.stream().sorted(Comparator.comparing(Candidate::cursor)).toList();
			SessionCursor next = this.more ? page.get(page.size() - 1).cursor() : null;
			return new SessionPage(page.stream().map(Candidate::session).toList(), this.total, next);
		}

	}

}
