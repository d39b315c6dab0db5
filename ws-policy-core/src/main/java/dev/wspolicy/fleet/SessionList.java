package dev.wspolicy.fleet;

import java.util.List;
import java.util.Optional;

/**
 * Sessions of the fleet.
 *
 * @param page the sessions
 * @param reach the gateways whose sessions are included, and those whose sessions could
 * not be read, or not all of them
 */
public record SessionList(SessionPage<SessionEntry> page, Reach reach) {

	/**
	 * Returns the first session of the page.
	 * @return the session, or empty if there is none
	 */
	public Optional<SessionEntry> first() {
		List<SessionEntry> sessions = this.page.sessions();
		return sessions.isEmpty() ? Optional.empty() : Optional.of(sessions.get(0));
	}

}
