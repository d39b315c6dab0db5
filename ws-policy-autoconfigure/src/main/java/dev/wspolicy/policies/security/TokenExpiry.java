package dev.wspolicy.policies.security;

import java.security.Principal;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.bind.DefaultValue;

import dev.wspolicy.frame.CloseStatus;
import dev.wspolicy.frame.Frame;
import dev.wspolicy.frame.TextFrame;
import dev.wspolicy.policy.FrameContext;
import dev.wspolicy.policy.FramePolicy;
import dev.wspolicy.policy.Verdict;
import dev.wspolicy.policy.WsPolicy;
import dev.wspolicy.session.ProxiedSession;
import dev.wspolicy.session.ScheduledTask;
import dev.wspolicy.session.Side;
import dev.wspolicy.session.Termination;

/**
 * Closes a session when the token that opened it expires. Is shown no frame, so that it
 * costs none anything.
 */
@WsPolicy(types = {})
class TokenExpiry implements FramePolicy {

	static final String NAME = "token-expiry";

	/**
	 * Until when a fresh token has renewed the session; outlives the policy that took it,
	 * which a refresh may replace.
	 */
	private static final String RENEWED = TokenExpiry.class.getName() + ".renewed";

	private final TokenSource source;

	private final boolean required;

	private final CloseStatus status;

	private final @Nullable Duration warnBefore;

	private final String warning;

	private final Clock clock;

	private final String attribute = TokenExpiry.class.getName() + "." + System.identityHashCode(this);

	TokenExpiry(Settings settings, PrincipalExpiry principals, Clock clock) {
		this.source = new TokenSource(settings.token(), principals);
		this.required = settings.required();
		this.status = CloseCodes.read(settings.code(), settings.reason());
		this.warnBefore = settings.warnBefore();
		this.warning = settings.warning();
		if ((this.warnBefore == null) != this.warning.isEmpty()) {
			throw new IllegalArgumentException("warn-before and warning: one of them (expected: both or neither)");
		}
		if (this.warnBefore != null && (this.warnBefore.isNegative() || this.warnBefore.isZero())) {
			throw new IllegalArgumentException("warn-before: " + this.warnBefore + " (expected: more than zero)");
		}
		this.clock = clock;
	}

	static TokenExpiry of(Settings settings, PrincipalExpiry principals, CredentialsChecks checks) {
		Settings.Renew renew = settings.renew();
		if (renew.pointer().isEmpty() && renew.prefix().isEmpty()) {
			return new TokenExpiry(settings, principals, Clock.systemUTC());
		}
		return new RenewableTokenExpiry(settings, principals, checks.ofFreshTokens(), Clock.systemUTC());
	}

	@Override
	public void onOpen(ProxiedSession session) {
		session.attributes().put(this.attribute, new ExpiryTimers());
		AuthenticationGate gate = AuthenticationGate.find(session);
		if (gate != null) {
			gate.settled().thenRun(() -> {
				// It is settled too if the session ends before the client has come in.
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
	public void onClose(ProxiedSession session, Termination termination) {
		if (session.attributes().remove(this.attribute) instanceof ExpiryTimers timers) {
			timers.end();
		}
	}

	@Override
	public Verdict apply(Frame frame, FrameContext context) {
		return Verdict.forward();
	}

	/** When a principal expires, if it is not too late already. */
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

	final CloseStatus status() {
		return this.status;
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
		List<ScheduledTask> tasks = new ArrayList<>(2);
		Duration left = untilThen(end);
		tasks.add(session.schedule(left, () -> end(session, end)));
		if (this.warnBefore != null && !left.isZero()) {
			tasks.add(session.schedule(notNegative(left.minus(this.warnBefore)), () -> {
				if (renewedSince(session, end) == null) {
					session.send(Side.CLIENT, TextFrame.of(this.warning));
				}
			}));
		}
		timers.replace(tasks);
	}

	private void end(ProxiedSession session, Instant end) {
		Instant renewed = renewedSince(session, end);
		if (renewed == null) {
			session.close(this.status, CloseStatus.GOING_AWAY);
		}
		else {
			expireAt(session, renewed);
		}
	}

	/** Another policy, which this one may have replaced, may have renewed the session. */
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
	 * The settings.
	 *
	 * @param token where the token of the upgrade is
	 * @param required whether a session without an expiry is closed
	 * @param code the code to close with
	 * @param reason the reason to close with
	 * @param warnBefore how long before the expiry the client is warned
	 * @param warning what it is told then
	 * @param renew how a fresh token comes
	 */
	record Settings(@DefaultValue("principal") String token, @DefaultValue("true") boolean required,
			@DefaultValue("4401") int code, @DefaultValue("token expired") String reason, @Nullable Duration warnBefore,
			@DefaultValue("") String warning, @DefaultValue Renew renew) {

		/**
		 * How a fresh token comes.
		 *
		 * @param pointer where in a JSON message it is
		 * @param prefix what stands before it
		 * @param swallow whether the upstream does not see the message
		 * @param reply what the client is told then, if anything
		 */
		record Renew(@DefaultValue("") String pointer, @DefaultValue("") String prefix,
				@DefaultValue("true") boolean swallow, @DefaultValue("") String reply) {

		}

	}

}
