package dev.wspolicy.session;

/**
 * An application event about a session. Published to {@code @EventListener} methods on
 * the event loop of the session: they must not block.
 */
public sealed interface SessionEvent permits SessionOpenedEvent, SessionClosedEvent, UpgradeRefusedEvent {

	/**
	 * Returns the request that opened the session, or was refused.
	 * @return the upgrade context
	 */
	UpgradeContext upgrade();

}
