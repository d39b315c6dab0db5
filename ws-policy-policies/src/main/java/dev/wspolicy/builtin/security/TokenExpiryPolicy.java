package dev.wspolicy.builtin.security;

import java.security.Principal;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;

import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.bind.DefaultValue;

import dev.wspolicy.builtin.support.Principals;
import dev.wspolicy.builtin.support.SettingCheck;
import dev.wspolicy.frame.CloseStatus;
import dev.wspolicy.frame.Direction;
import dev.wspolicy.frame.Frame;
import dev.wspolicy.frame.TextFrame;
import dev.wspolicy.policy.FrameContext;
import dev.wspolicy.policy.FramePolicy;
import dev.wspolicy.policy.Verdict;
import dev.wspolicy.policy.WsPolicy;
import dev.wspolicy.session.ProxiedSession;
import dev.wspolicy.session.Side;
import dev.wspolicy.session.Termination;

/**
 * Closes a session when the token of its upgrade request expires. Receives no frames, and
 * so costs nothing per frame.
 */
@WsPolicy(direction = Direction.INBOUND, types = {})
class TokenExpiryPolicy implements FramePolicy {

	static final String NAME = "token-expiry";

	/** How often the clock is read, which may have been set. */
	private static final Duration CLOCK_CHECK = Duration.ofMinutes(1);

	/** Seconds that no session lasts, and that are few enough as nanoseconds. */
	private static final long FAR = Duration.ofDays(36_500).toSeconds();

	private static final String DEFAULT_RENEW_REASON = "token not accepted";

	/**
	 * The session attribute with the expiry of the last fresh token. It outlives the
	 * policy, which a refresh may replace.
	 */
	private static final String RENEWED = TokenExpiryPolicy.class.getName() + ".renewed";

	private final TokenSource source;

	private final boolean required;

	private final CloseStatus status;

	private final CloseStatus without;

	private final @Nullable Duration warnBefore;

	private final String warning;

	private final Clock clock;

	private final String attribute = TokenExpiryPolicy.class.getName() + "." + System.identityHashCode(this);

	TokenExpiryPolicy(Settings settings, PrincipalExpiry principals, Clock clock) {
		this.source = new TokenSource(settings.token(), principals);
		this.required = settings.required();
		this.status = CloseStatus.of(settings.code(), settings.reason());
		this.without = CloseStatus.of(settings.code(), "no token that expires");
		this.warnBefore = settings.warnBefore();
		this.warning = settings.warning();
		if ((this.warnBefore == null) != this.warning.isEmpty()) {
			throw new IllegalArgumentException("warn-before and warning: only one is set (expected: both or neither)");
		}
		if (this.warnBefore != null && (this.warnBefore.isNegative() || this.warnBefore.isZero())) {
			throw new IllegalArgumentException("warn-before: " + this.warnBefore + " (expected: more than zero)");
		}
		this.clock = clock;
	}

	static TokenExpiryPolicy of(Settings settings, PrincipalExpiry principals, CredentialsCheckResolver checks) {
		Settings.Renew renew = settings.renew();
		if (renew.pointer().isEmpty() && renew.prefix().isEmpty()) {
			String reason = "supported with renew.pointer or renew.prefix only";
			SettingCheck.notApplicable("renew.swallow", renew.swallow(), true, reason);
			SettingCheck.notApplicable("renew.reply", renew.reply(), "", reason);
			SettingCheck.notApplicable("renew.reason", renew.reason(), DEFAULT_RENEW_REASON, reason);
			return new TokenExpiryPolicy(settings, principals, Clock.systemUTC());
		}
		return new RenewableTokenExpiryPolicy(settings, principals, checks.resolveForRenewal(), Clock.systemUTC());
	}

	@Override
	public void onOpen(ProxiedSession session) {
		session.attributes().put(this.attribute, new ExpiryTimers());
		AuthenticationGate gate = AuthenticationGate.find(session);
		if (gate != null) {
			gate.decided().thenRun(() -> {
				// Also completes if the session ends before the client has authenticated
				if (session.isOpen()) {
					expireAt(session, expiry(session, gate));
				}
			});
		}
		else {
			expireAt(session, expiry(session));
		}
	}

	@Override
	public void onDetached(ProxiedSession session) {
		release(session);
	}

	@Override
	public void onClose(ProxiedSession session, Termination termination) {
		release(session);
	}

	private void release(ProxiedSession session) {
		if (session.attributes().remove(this.attribute) instanceof ExpiryTimers timers) {
			timers.end();
		}
	}

	@Override
	public Verdict apply(Frame frame, FrameContext context) {
		return Verdict.forward();
	}

	/** Returns the expiry of a principal if it is in the future. */
	final @Nullable Instant future(Principal principal) {
		Instant expiry = this.source.ofPrincipal(principal);
		return (expiry != null && expiry.isAfter(this.clock.instant())) ? expiry : null;
	}

	private @Nullable Instant expiry(ProxiedSession session, AuthenticationGate gate) {
		return gate.isOpen() ? this.source.ofPrincipal(session.principal()) : expiry(session);
	}

	private @Nullable Instant expiry(ProxiedSession session) {
		Instant renewed = renewed(session);
		return (renewed != null) ? renewed : this.source.expiry(session);
	}

	private static @Nullable Instant renewed(ProxiedSession session) {
		return (Instant) session.attributes().get(RENEWED);
	}

	/** Returns the name of the owner of the session, or {@code null} if it is unknown. */
	final @Nullable String owner(ProxiedSession session) {
		Principal principal = Principals.authenticated(session.principal());
		return (principal != null) ? principal.getName() : this.source.owner(session);
	}

	final void renewUntil(ProxiedSession session, Instant expiry) {
		session.attributes().put(RENEWED, expiry);
		expireAt(session, expiry);
	}

	private void expireAt(ProxiedSession session, @Nullable Instant expiry) {
		Instant end = (expiry != null || !this.required) ? expiry : Instant.EPOCH;
		if (end == null || !(session.attributes().get(this.attribute) instanceof ExpiryTimers timers)) {
			return;
		}
		Duration left = untilThen(end);
		long deadline = session.clock().getAsLong() + Math.min(left.toSeconds(), FAR) * 1_000_000_000 + left.getNano();
		Expiry reached = new Expiry(end, deadline, (expiry != null) ? this.status : this.without);
		timers.begin(reached);
		await(session, timers, reached, this.warnBefore != null && !left.isZero());
	}

	private void await(ProxiedSession session, ExpiryTimers timers, Expiry expiry, boolean warns) {
		Duration left = left(session, expiry);
		Duration next = (warns && this.warnBefore != null) ? notNegative(left.minus(this.warnBefore)) : left;
		Duration delay = (next.compareTo(CLOCK_CHECK) < 0) ? next : CLOCK_CHECK;
		timers.await(expiry, session.schedule(delay, () -> check(session, timers, expiry, warns)));
	}

	private void check(ProxiedSession session, ExpiryTimers timers, Expiry expiry, boolean warns) {
		Instant renewed = renewedSince(session, expiry.end());
		if (renewed != null) {
			expireAt(session, renewed);
			return;
		}
		Duration left = left(session, expiry);
		if (left.isZero()) {
			session.close(expiry.status(), CloseStatus.GOING_AWAY, NAME);
			return;
		}
		boolean due = warns && this.warnBefore != null && left.compareTo(this.warnBefore) <= 0;
		if (due) {
			session.send(Side.CLIENT, TextFrame.of(this.warning));
		}
		await(session, timers, expiry, warns && !due);
	}

	/**
	 * The clock may have been set, and timers do not notice that the machine was
	 * suspended. What is over first counts, so that no session outlives its token.
	 */
	private Duration left(ProxiedSession session, Expiry expiry) {
		Duration byTimer = notNegative(Duration.ofNanos(expiry.deadline() - session.clock().getAsLong()));
		Duration byClock = untilThen(expiry.end());
		return (byClock.compareTo(byTimer) < 0) ? byClock : byTimer;
	}

	/** A policy that this one has replaced may have renewed the session. */
	private static @Nullable Instant renewedSince(ProxiedSession session, Instant end) {
		Instant renewed = renewed(session);
		return (renewed != null && renewed.isAfter(end)) ? renewed : null;
	}

	private Duration untilThen(Instant end) {
		return notNegative(Duration.between(this.clock.instant(), end));
	}

	private static Duration notNegative(Duration duration) {
		return duration.isNegative() ? Duration.ZERO : duration;
	}

	/**
	 * When a session is to be closed.
	 *
	 * @param end the time by the clock
	 * @param deadline the time by the clock of the session's timers, in nanoseconds
	 * @param status the close status for the client
	 */
	record Expiry(Instant end, long deadline, CloseStatus status) {

	}

	/**
	 * The settings.
	 *
	 * @param token the source of the token in the upgrade request
	 * @param required whether to close sessions without an expiry
	 * @param code the close code when the token has expired
	 * @param reason the close reason when the token has expired
	 * @param warnBefore the time before the expiry at which to warn the client
	 * @param warning the text of the warning
	 * @param renew how clients send fresh tokens
	 */
	record Settings(@DefaultValue("principal") String token, @DefaultValue("true") boolean required,
			@DefaultValue("4401") int code, @DefaultValue("token expired") String reason, @Nullable Duration warnBefore,
			@DefaultValue("") String warning, @DefaultValue Renew renew) {

		/**
		 * How clients send fresh tokens.
		 *
		 * @param pointer the JSON pointer to the token
		 * @param prefix the text before the token
		 * @param swallow whether to hide the message from the upstream
		 * @param reply the reply to the client; empty for none
		 * @param reason the close reason if it is rejected
		 */
		record Renew(@DefaultValue("") String pointer, @DefaultValue("") String prefix,
				@DefaultValue("true") boolean swallow, @DefaultValue("") String reply,
				@DefaultValue(DEFAULT_RENEW_REASON) String reason) {

		}

	}

}
