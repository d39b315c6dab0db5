package dev.wspolicy.fleet;

import java.security.Principal;
import java.time.Clock;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;

import dev.wspolicy.frame.CloseStatus;
import dev.wspolicy.session.ProxiedSession;
import dev.wspolicy.session.SessionListener;
import dev.wspolicy.session.SessionRegistry;

/**
 * The revocations that this gateway knows, and the sessions that it closes for them. Safe
 * from any thread.
 */
public final class RevocationList implements SessionListener {

	private static final CloseStatus STATUS = CloseStatus.of(Revocations.CODE, "token revoked");

	private final SessionRegistry registry;

	private final PrincipalToken.Reader tokens;

	private final Clock clock;

	private final Map<String, Revocation.Token> byToken = new ConcurrentHashMap<>();

	private final Map<String, Revocation.Issued> byPrincipal = new ConcurrentHashMap<>();

	/**
	 * Creates an empty list.
	 * @param registry the live sessions
	 * @param tokens reads the tokens of principals
	 */
	public RevocationList(SessionRegistry registry, PrincipalToken.Reader tokens) {
		this(registry, tokens, Clock.systemUTC());
	}

	RevocationList(SessionRegistry registry, PrincipalToken.Reader tokens, Clock clock) {
		this.registry = registry;
		this.tokens = tokens;
		this.clock = clock;
	}

	/**
	 * Adds revocations, and closes the sessions that they apply to.
	 * @param revocations the revocations; those that have expired are ignored
	 * @return the number of sessions that are closed
	 */
	public long add(Collection<? extends Revocation> revocations) {
		removeExpired();
		List<? extends Revocation> valid = revocations.stream().filter((revocation) -> !isOver(revocation)).toList();
		if (valid.isEmpty()) {
			return 0;
		}
		// First, so that a session that opens now is either closed below or when it opens
		valid.forEach(this::remember);
		return this.registry.stream().filter(this::closeIfRevoked).count();
	}

	private void remember(Revocation revocation) {
		if (revocation instanceof Revocation.Token token) {
			this.byToken.merge(token.id(), token, (one, other) -> one.until().isAfter(other.until()) ? one : other);
		}
		else if (revocation instanceof Revocation.Issued issued) {
			this.byPrincipal.merge(issued.principal(), issued, RevocationList::both);
		}
	}

	/** The strictest of two, which revokes at least what both revoke. */
	private static Revocation.Issued both(Revocation.Issued one, Revocation.Issued other) {
		return new Revocation.Issued(one.principal(),
				one.before().isAfter(other.before()) ? one.before() : other.before(),
				one.until().isAfter(other.until()) ? one.until() : other.until());
	}

	private void removeExpired() {
		this.byToken.values().removeIf(this::isOver);
		this.byPrincipal.values().removeIf(this::isOver);
	}

	private boolean isOver(Revocation revocation) {
		return !revocation.until().isAfter(this.clock.instant());
	}

	/**
	 * Whether an authentication has been revoked.
	 * @param principal the principal
	 * @param authenticatedAt when it was authenticated; used if it is not known when its
	 * token was issued
	 * @return {@code true} if it has been revoked
	 */
	public boolean isRevoked(Principal principal, Instant authenticatedAt) {
		if (this.byToken.isEmpty() && this.byPrincipal.isEmpty()) {
			return false;
		}
		PrincipalToken token = this.tokens.read(principal);
		Revocation.Token revoked = (token.id() != null) ? this.byToken.get(token.id()) : null;
		if (revoked != null && !isOver(revoked)) {
			return true;
		}
		Revocation.Issued issued = this.byPrincipal.get(principal.getName());
		Instant since = (token.issuedAt() != null) ? token.issuedAt() : authenticatedAt;
		return issued != null && !isOver(issued) && since.isBefore(issued.before());
	}

	/**
	 * Returns the revocations that have not expired.
	 * @return the revocations
	 */
	public List<Revocation> all() {
		removeExpired();
		return Stream.<Revocation>concat(this.byToken.values().stream(), this.byPrincipal.values().stream()).toList();
	}

	/**
	 * Returns how many revocations are known that have not expired.
	 * @return the number
	 */
	public int size() {
		return all().size();
	}

	@Override
	public void onOpen(ProxiedSession session) {
		closeIfRevoked(session);
	}

	@Override
	public void onChange(ProxiedSession session) {
		closeIfRevoked(session);
	}

	private boolean closeIfRevoked(ProxiedSession session) {
		Principal principal = session.principal();
		if (principal == null || !session.isOpen() || !isRevoked(principal, session.openedAt())) {
			return false;
		}
		session.close(STATUS, CloseStatus.GOING_AWAY);
		return true;
	}

}
