package dev.wspolicy.policies.security;

import java.security.Principal;
import java.time.Clock;
import java.time.Instant;

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
 * A token expiry that the client can put off with a message that has a fresh token.
 */
@WsPolicy(types = FrameType.TEXT)
final class RenewableTokenExpiry extends TokenExpiry {

	private final TokenReader reader;

	private final CredentialsCheck check;

	private final Settings.Renew renew;

	private final Verdict refusal;

	RenewableTokenExpiry(Settings settings, PrincipalExpiry principals, CredentialsCheck check, Clock clock) {
		super(settings, principals, clock);
		this.renew = settings.renew();
		this.reader = new TokenReader(this.renew.pointer(), this.renew.prefix());
		this.check = check;
		this.refusal = Verdict.close(status(), CloseStatus.GOING_AWAY);
	}

	@Override
	public Verdict apply(Frame frame, FrameContext context) {
		if (context.direction() != Direction.INBOUND) {
			return Verdict.forward();
		}
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
		Principal current = session.principal();
		// A session must not end up in other hands than those it was opened by.
		boolean same = current == null || current.getName().equals(principal.getName());
		if (expiry == null || !same) {
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
