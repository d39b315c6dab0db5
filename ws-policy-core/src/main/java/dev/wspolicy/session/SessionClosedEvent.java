package dev.wspolicy.session;

/**
 * A session has ended: both sockets are closed.
 *
 * @param session the session
 * @param termination how it ended
 */
public record SessionClosedEvent(ProxiedSession session, Termination termination) implements SessionEvent {

	@Override
	public UpgradeContext upgrade() {
		return this.session.upgrade();
	}

}
