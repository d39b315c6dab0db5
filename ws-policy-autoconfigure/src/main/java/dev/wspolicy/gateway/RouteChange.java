package dev.wspolicy.gateway;

import java.util.Set;

import org.jspecify.annotations.Nullable;

/**
 * A change of routes, linked to the one that followed it. A request that holds on to the
 * latest change at its arrival can tell later what has changed since. Changes that no
 * request holds on to are garbage.
 */
final class RouteChange {

	private final Set<String> routeIds;

	private volatile @Nullable RouteChange next;

	private RouteChange(Set<String> routeIds) {
		this.routeIds = routeIds;
	}

	/** Return the beginning of all changes. */
	static RouteChange none() {
		return new RouteChange(Set.of());
	}

	/** Append a change to the latest one. Callers must not do so concurrently. */
	RouteChange append(Set<String> routeIds) {
		RouteChange change = new RouteChange(routeIds);
		this.next = change;
		return change;
	}

	/** Return whether a route has changed after this change. */
	boolean isFollowedByChangeOf(String routeId) {
		for (RouteChange change = this.next; change != null; change = change.next) {
			if (change.routeIds.contains(routeId)) {
				return true;
			}
		}
		return false;
	}

}
