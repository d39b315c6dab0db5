package dev.wspolicy.builtin.security;

import java.security.Principal;
import java.time.Clock;
import java.time.Instant;

import dev.wspolicy.builtin.support.EventLoopGuard;
import dev.wspolicy.frame.CloseStatus;
import dev.wspolicy.frame.Direction;
import dev.wspolicy.frame.Frame;
import dev.wspolicy.frame.FrameType;
import dev.wspolicy.frame.TextFrame;
import dev.wspolicy.policy.FrameContext;
import dev.wspolicy.policy.Verdict;
import dev.wspolicy.policy.WsPolicy;
import dev.wspolicy.session.ProxiedSession;
import dev.wspolicy.session.Side;

/**
 * A token expiry that the client can postpone by sending a fresh token in a message.
 */
@WsPolicy(direction = Direction.INBOUND, types = FrameType.TEXT)
final class RenewableTokenExpiryPolicy extends TokenExpiryPolicy {

	private final TokenReader reader;

	private final CredentialsCheck check;

	private final Settings.Renew renew;

	private final Verdict refusal;

	RenewableTokenExpiryPolicy(Settings settings, PrincipalExpiry principals, CredentialsCheck check, Clock clock) {
		super(settings, principals, clock);
		this.renew = settings.renew();
		this.reader = new TokenReader(this.renew.pointer(), this.renew.prefix());
		this.check = check;
		this.refusal = Verdict.closeSender(CloseStatus.of(settings.code(), this.renew.reason()));
	}

	/** The upstream must not get the tokens that this policy swallows. */
	@Override
	public boolean isObservable() {
		return !this.renew.swallow();
	}

	@Override
	public Verdict apply(Frame frame, FrameContext context) {
		return (context.direction() == Direction.INBOUND)
				? EventLoopGuard.evaluate(frame, () -> evaluate(frame, context)) : Verdict.forward();
	}

	private Verdict evaluate(Frame frame, FrameContext context) {
		String token = this.reader.read((TextFrame) frame);
		if (token == null) {
			return Verdict.forward();
		}
		return Verdict.later(this.check.check(new Credentials.Token(token), context.session())
			.map((principal) -> renew(context.session(), principal))
			.defaultIfEmpty(this.refusal));
	}

	private Verdict renew(ProxiedSession session, Principal principal) {
		Instant expiry = future(principal);
		// The session must not change hands, which cannot be ruled out without a name
		if (expiry == null || !principal.getName().equals(owner(session))) {
			return this.refusal;
		}
		session.principal(principal);
		renewUntil(session, expiry);
		if (!this.renew.reply().isEmpty()) {
			session.send(Side.CLIENT, TextFrame.of(this.renew.reply()));
		}
		return this.renew.swallow() ? Verdict.drop() : Verdict.forward();
	}

}
