package dev.wspolicy.actuate;

import java.security.Principal;
import java.time.Duration;
import java.time.Instant;
import java.util.function.Predicate;

import org.jspecify.annotations.Nullable;

import dev.wspolicy.session.ProxiedSession;

/**
 * Which sessions an operator means. What is {@code null} is not asked for; the rest must
 * all hold.
 *
 * @param route the id of the route
 * @param principal the name of the principal
 * @param address the client's address, without its port
 * @param minAge how long the session has lived, at least
 * @param minIdle how long no data frame has come, at least
 */
record SessionFilter(@Nullable String route, @Nullable String principal, @Nullable String address,
		@Nullable Duration minAge, @Nullable Duration minIdle) {

	/**
	 * Whether nothing is asked for.
	 * @return {@code true} if all sessions match
	 */
	boolean isEmpty() {
		return this.route == null && this.principal == null && this.address == null && this.minAge == null
				&& this.minIdle == null;
	}

	/**
	 * The filter as of a moment.
	 * @param now the moment that ages are measured at
	 * @return what holds for the sessions that match
	 */
	Predicate<ProxiedSession> at(Instant now) {
		return (session) -> (this.route == null || this.route.equals(session.upgrade().routeId()))
				&& (this.principal == null || this.principal.equals(principalOf(session)))
				&& (this.address == null
						|| this.address.equalsIgnoreCase(Addresses.host(session.upgrade().remoteAddress())))
				&& (this.minAge == null || Duration.between(session.openedAt(), now).compareTo(this.minAge) >= 0)
				&& (this.minIdle == null
						|| Duration.between(session.lastActivityAt(), now).compareTo(this.minIdle) >= 0);
	}

	static @Nullable String principalOf(ProxiedSession session) {
		Principal principal = session.principal();
		return (principal != null) ? principal.getName() : null;
	}

}
