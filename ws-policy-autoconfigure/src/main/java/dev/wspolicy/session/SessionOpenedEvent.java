package dev.wspolicy.session;

/**
 * Both legs of a session stand, and no frame has been relayed yet.
 *
 * @param session the session
 */
public record SessionOpenedEvent(ProxiedSession session) implements SessionEvent {

	@Override
	public UpgradeContext upgrade() {
		return this.session.upgrade();
	}

}
