package dev.wspolicy.actuate;

import java.security.Principal;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;

import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatusCode;

import dev.wspolicy.fleet.SessionSelector;
import dev.wspolicy.frame.CloseStatus;
import dev.wspolicy.redaction.LowerCase;
import dev.wspolicy.session.ProxiedSession;
import dev.wspolicy.session.SessionListener;
import dev.wspolicy.session.Termination;
import dev.wspolicy.session.UpgradeContext;

/**
 * Remembers a limited number of the most recently closed sessions and refused upgrades,
 * and only the values that are shown.
 */
public final class RecentEndings implements SessionListener {

	/**
	 * The number of closed sessions and of refused upgrades to remember.
	 */
	static final int MAX = 100;

	private final Deque<EndedSession> ended = new ArrayDeque<>(MAX);

	private final Deque<RefusedUpgrade> refused = new ArrayDeque<>(MAX);

	@Override
	public void onClose(ProxiedSession session, Termination termination) {
		add(this.ended, EndedSession.of(session, termination, Instant.now()));
	}

	@Override
	public void onUpgradeRefused(UpgradeContext upgrade, HttpStatusCode status, @Nullable String policy) {
		add(this.refused, RefusedUpgrade.of(upgrade, status, policy, Instant.now()));
	}

	/** Return the matching sessions, most recent first. */
	List<EndedSession> ended(SessionSelector filter, int limit) {
		return last(this.ended, filter, limit);
	}

	/** Return the matching refused upgrades, most recent first. */
	List<RefusedUpgrade> refused(SessionSelector filter, int limit) {
		return last(this.refused, filter, limit);
	}

	private static <E> void add(Deque<E> endings, E ending) {
		synchronized (endings) {
			if (endings.size() == MAX) {
				endings.removeLast();
			}
			endings.addFirst(ending);
		}
	}

	private static <E extends Ending> List<E> last(Deque<E> endings, SessionSelector filter, int limit) {
		List<E> last = new ArrayList<>();
		synchronized (endings) {
			for (Iterator<E> all = endings.iterator(); all.hasNext() && last.size() < limit;) {
				E ending = all.next();
				if (filter.matches(ending.route(), ending.path(), ending.principal(), ending.address())) {
					last.add(ending);
				}
			}
		}
		return last;
	}

	/**
	 * The properties that an operator can filter by.
	 */
	private interface Ending {

		String route();

		String path();

		@Nullable String principal();

		@Nullable String address();

	}

	/**
	 * A closed session.
	 *
	 * @param time when it closed
	 * @param id its id
	 * @param route the id of its route
	 * @param pipeline the name of its pipeline
	 * @param path the requested path, without the query
	 * @param principal the name of the principal, or {@code null}
	 * @param address the address of the client, or {@code null}
	 * @param lived how long it was open
	 * @param cause why it closed
	 * @param initiator who closed it
	 * @param policy the name of the policy that closed it, or {@code null}
	 * @param fromClient the close code that the client sent, or {@code null}
	 * @param toClient the close code that was sent to the client, or {@code null}
	 * @param fromUpstream the close code that the upstream sent, or {@code null}
	 * @param toUpstream the close code that was sent to the upstream, or {@code null}
	 */
	public record EndedSession(Instant time, String id, String route, String pipeline, String path,
			@Nullable String principal, @Nullable String address, Duration lived, String cause, String initiator,
			@Nullable String policy, @Nullable Integer fromClient, @Nullable Integer toClient,
			@Nullable Integer fromUpstream, @Nullable Integer toUpstream) implements Ending {

		static EndedSession of(ProxiedSession session, Termination termination, Instant now) {
			return new EndedSession(now, session.id(), session.upgrade().routeId(), session.pipeline(),
					session.upgrade().path(), SessionSelector.principalOf(session),
					Addresses.host(session.upgrade().remoteAddress()), Duration.between(session.openedAt(), now),
					LowerCase.of(termination.cause()), LowerCase.of(termination.initiator()), termination.policy(),
					code(termination.fromClient()), code(termination.toClient()), code(termination.fromUpstream()),
					code(termination.toUpstream()));
		}

		private static @Nullable Integer code(@Nullable CloseStatus status) {
			return (status != null) ? status.code() : null;
		}

	}

	/**
	 * A refused upgrade.
	 *
	 * @param time when it was refused
	 * @param route the id of the route
	 * @param path the requested path, without the query
	 * @param principal the name of the principal, or {@code null}
	 * @param address the address of the client, or {@code null}
	 * @param status the status of the response
	 * @param policy the name of the policy that refused it, or {@code null}
	 */
	public record RefusedUpgrade(Instant time, String route, String path, @Nullable String principal,
			@Nullable String address, int status, @Nullable String policy) implements Ending {

		static RefusedUpgrade of(UpgradeContext upgrade, HttpStatusCode status, @Nullable String policy, Instant now) {
			Principal principal = upgrade.principal();
			return new RefusedUpgrade(now, upgrade.routeId(), upgrade.path(),
					(principal != null) ? principal.getName() : null, Addresses.host(upgrade.remoteAddress()),
					status.value(), policy);
		}

	}

}
