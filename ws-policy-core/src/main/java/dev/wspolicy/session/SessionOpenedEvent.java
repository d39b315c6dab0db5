package dev.wspolicy.session;

/**
 * A session has opened: both legs are connected, and no frame has been relayed yet.
 *
 * @param session the session
 */
public record SessionOpenedEvent(ProxiedSession session) implements SessionEvent {

	@Override
	public UpgradeContext upgrade() {
		return this.session.upgrade();
	}

}
