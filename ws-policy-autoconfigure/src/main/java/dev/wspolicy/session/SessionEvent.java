package dev.wspolicy.session;

/**
 * What application events tell of sessions. Published for {@code @EventListener} methods,
 * on the event loop of the session: do not block.
 */
public sealed interface SessionEvent permits SessionOpenedEvent, SessionClosedEvent, UpgradeRefusedEvent {

	/**
	 * The request that opened the session, or was to open one.
	 * @return the upgrade context
	 */
	UpgradeContext upgrade();

}
