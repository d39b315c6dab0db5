package dev.wspolicy.fleet;

import java.security.Principal;
import java.time.Duration;
import java.time.Instant;
import java.util.function.Predicate;

import org.jspecify.annotations.Nullable;
import org.springframework.util.PatternMatchUtils;

import dev.wspolicy.session.ClientAddress;
import dev.wspolicy.session.ProxiedSession;

/**
 * The criteria that select sessions. Those that are {@code null} are ignored; all others
 * must match.
 *
 * @param id the id of the session
 * @param route the id of the route
 * @param pipeline the name of the pipeline
 * @param path the requested path, without the query; {@code *} stands for any characters
 * @param principal the name of the principal
 * @param address the address of the client, without the port, in any notation
 * @param state whether the session is open or closing
 * @param minAge the minimum time since the session was opened; not negative
 * @param minIdle the minimum time since the last data frame; not negative
 */
public record SessionSelector(@Nullable String id, @Nullable String route, @Nullable String pipeline,
		@Nullable String path, @Nullable String principal, @Nullable String address, @Nullable State state,
		@Nullable Duration minAge, @Nullable Duration minIdle) {

	/**
	 * Selects all sessions.
	 */
	public static final SessionSelector ALL = new SessionSelector(null, null, null, null, null, null, null, null, null);

	public SessionSelector {
		// It would match all sessions, as if there were no criterion.
		requireNotNegative("minAge", minAge);
		requireNotNegative("minIdle", minIdle);
	}

	/**
	 * Creates a selector without an id, a pipeline, a path and a state.
	 * @param route the id of the route
	 * @param principal the name of the principal
	 * @param address the address of the client, without the port, in any notation
	 * @param minAge the minimum time since the session was opened
	 * @param minIdle the minimum time since the last data frame
	 */
	public SessionSelector(@Nullable String route, @Nullable String principal, @Nullable String address,
			@Nullable Duration minAge, @Nullable Duration minIdle) {
		this(null, route, null, null, principal, address, null, minAge, minIdle);
	}

	private static void requireNotNegative(String name, @Nullable Duration age) {
		if (age != null && age.isNegative()) {
			throw new IllegalArgumentException(name + ": " + age + " (expected: zero or more)");
		}
	}

	/**
	 * Selects one session.
	 * @param id its id
	 * @return the selector
	 */
	public static SessionSelector id(String id) {
		return new SessionSelector(id, null, null, null, null, null, null, null, null);
	}

	/**
	 * Selects the sessions of a principal.
	 * @param name the name of the principal
	 * @return the selector
	 */
	public static SessionSelector principal(String name) {
		return new SessionSelector(null, name, null, null, null);
	}

	/**
	 * Selects the sessions of a route.
	 * @param id the id of the route
	 * @return the selector
	 */
	public static SessionSelector route(String id) {
		return new SessionSelector(id, null, null, null, null);
	}

	/**
	 * Selects the sessions of a client address.
	 * @param address the address without the port, in any notation
	 * @return the selector
	 */
	public static SessionSelector address(String address) {
		return new SessionSelector(null, null, address, null, null);
	}

	/**
	 * Whether there are no criteria.
	 * @return {@code true} if all sessions match
	 */
	public boolean isEmpty() {
		return equals(ALL);
	}

	/**
	 * Returns the same criteria without the state.
	 * @return the selector
	 */
	public SessionSelector withoutState() {
		return new SessionSelector(this.id, this.route, this.pipeline, this.path, this.principal, this.address, null,
				this.minAge, this.minIdle);
	}

	/**
	 * Returns a predicate that evaluates the criteria at the given time.
	 * @param now the time to compute ages at
	 * @return the predicate
	 */
	public Predicate<ProxiedSession> at(Instant now) {
		String host = canonicalAddress();
		return (session) -> (this.id == null || this.id.equals(session.id()))
				&& (this.route == null || this.route.equals(session.upgrade().routeId()))
				&& (this.pipeline == null || this.pipeline.equals(session.pipeline()))
				&& (this.path == null || isAt(SessionEntry.path(session))) && is(session.isOpen())
				&& (this.principal == null || this.principal.equals(principalOf(session)))
				&& (host == null || host.equals(ClientAddress.host(session.upgrade().remoteAddress())))
				&& (this.minAge == null || isAtLeast(this.minAge, session.openedAt(), now))
				&& (this.minIdle == null || isAtLeast(this.minIdle, session.lastActivityAt(), now));
	}

	/**
	 * Returns a predicate for the entries of a directory.
	 * @param now the time to compute ages at
	 * @return the predicate
	 */
	public Predicate<SessionEntry> entriesAt(Instant now) {
		String host = canonicalAddress();
		return (entry) -> (this.id == null || this.id.equals(entry.id()))
				&& (this.route == null || this.route.equals(entry.route()))
				&& (this.pipeline == null || this.pipeline.equals(entry.pipeline())) && isAt(entry.path())
				&& is(entry.open()) && (this.principal == null || this.principal.equals(entry.principal()))
				&& (host == null || host.equals(entry.address())) && isAtLeast(this.minAge, entry.openedAt(), now)
				&& isAtLeast(this.minIdle, entry.lastActivityAt(), now);
	}

	private boolean isAt(String path) {
		return this.path == null || PatternMatchUtils.simpleMatch(this.path, path);
	}

	private boolean is(boolean open) {
		return this.state == null || (this.state == State.OPEN) == open;
	}

	private static boolean isAtLeast(@Nullable Duration minimum, Instant since, Instant now) {
		return minimum == null || Duration.between(since, now).compareTo(minimum) >= 0;
	}

	private @Nullable String canonicalAddress() {
		return (this.address != null) ? ClientAddress.canonical(this.address) : null;
	}

	/**
	 * Whether the given properties match. All other criteria are ignored, so that this
	 * can also be applied to ended sessions and refused upgrades.
	 * @param route the id of the route
	 * @param path the requested path, without the query
	 * @param principal the name of the principal, or {@code null}
	 * @param address the address of the client, without the port
	 * @return {@code true} if they match
	 */
	public boolean matches(String route, String path, @Nullable String principal, @Nullable String address) {
		return (this.route == null || this.route.equals(route)) && isAt(path)
				&& (this.principal == null || this.principal.equals(principal))
				&& (this.address == null || ClientAddress.canonical(this.address).equals(address));
	}

	/**
	 * Returns the name of a session's principal.
	 * @param session the session
	 * @return the name, or {@code null} if the client has not been authenticated
	 */
	public static @Nullable String principalOf(ProxiedSession session) {
		Principal principal = session.principal();
		return (principal != null) ? principal.getName() : null;
	}

	/**
	 * The state of a live session.
	 */
	public enum State {

		/**
		 * It relays frames.
		 */
		OPEN,

		/**
		 * It relays no more frames, and waits for the end of the closing handshake.
		 */
		CLOSING

	}

}
