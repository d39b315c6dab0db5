package dev.wspolicy.fleet;

import org.jspecify.annotations.Nullable;

/**
 * A request for a page of sessions, oldest first.
 *
 * @param selector the criteria
 * @param after the position before the page, or {@code null} for the first page
 * @param limit the maximum number of sessions on the page
 */
public record SessionQuery(SessionSelector selector, @Nullable SessionCursor after, int limit) {

	public SessionQuery {
		if (limit < 1) {
			throw new IllegalArgumentException("limit: " + limit + " (expected: 1 or more)");
		}
	}

}
