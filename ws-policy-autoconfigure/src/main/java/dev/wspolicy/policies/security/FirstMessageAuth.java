package dev.wspolicy.policies.security;

import java.security.Principal;
import java.time.Duration;
import java.util.List;

import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.unit.DataSize;
import tools.jackson.core.JsonPointer;
import tools.jackson.databind.JsonNode;

import dev.wspolicy.frame.CloseStatus;
import dev.wspolicy.frame.Direction;
import dev.wspolicy.frame.Frame;
import dev.wspolicy.frame.TextFrame;
import dev.wspolicy.policies.MessageJson;
import dev.wspolicy.policy.FrameContext;
import dev.wspolicy.policy.FramePolicy;
import dev.wspolicy.policy.Verdict;
import dev.wspolicy.policy.Wait;
import dev.wspolicy.policy.WsPolicy;
import dev.wspolicy.session.ProxiedSession;
import dev.wspolicy.session.Side;
import dev.wspolicy.session.Termination;

/**
 * Wants credentials as the first message of the client, checks them, and lets nothing
 * pass before.
 */
@WsPolicy
final class FirstMessageAuth implements FramePolicy {

	static final String NAME = "first-message-auth";

	private final Settings settings;

	private final CredentialsCheck check;

	private final TokenReader token;

	private final JsonPointer username;

	private final JsonPointer password;

	private final CloseStatus status;

	private final Verdict refusal;

	FirstMessageAuth(Settings settings, CredentialsCheck check) {
		if (settings.deadline().isNegative() || settings.deadline().isZero()) {
			throw new IllegalArgumentException("deadline: " + settings.deadline() + " (expected: more than zero)");
		}
		if (settings.maxSize().toBytes() < 1) {
			throw new IllegalArgumentException("max-size: " + settings.maxSize() + " (expected: more than zero)");
		}
		if (settings.credentials() == Credentials.Kind.PASSWORD
				&& !(settings.pointer().isEmpty() && settings.prefix().isEmpty())) {
			throw new IllegalArgumentException(
					"pointer and prefix: set (expected: username-pointer and password-pointer with credentials: password)");
		}
		this.settings = settings;
		this.check = check;
		this.token = new TokenReader(settings.pointer(), settings.prefix());
		this.username = TokenReader.compile("username-pointer", settings.usernamePointer());
		this.password = TokenReader.compile("password-pointer", settings.passwordPointer());
		this.status = CloseCodes.read(settings.code(), settings.reason());
		this.refusal = Verdict.close(this.status, CloseStatus.GOING_AWAY);
	}

	/** As long as the client has, in the hands of the policies that wait for it. */
	@Override
	public @Nullable Wait longestWait(List<FramePolicy> listed) {
		return listed.stream().anyMatch((policy) -> policy instanceof AuthenticatedOnly waiting && waiting.holds())
				? new Wait(this.settings.deadline(), "deadline") : null;
	}

	@Override
	public void onOpen(ProxiedSession session) {
		AuthenticationGate gate = AuthenticationGate.of(session);
		if (!gate.isOpen()) {
			gate.guard(this, session.schedule(this.settings.deadline(), () -> {
				if (!gate.isOpen()) {
					session.close(this.status, CloseStatus.GOING_AWAY);
				}
			}));
		}
	}

	@Override
	public void onClose(ProxiedSession session, Termination termination) {
		AuthenticationGate gate = AuthenticationGate.find(session);
		if (gate != null) {
			gate.leave(this);
		}
	}

	@Override
	public Verdict apply(Frame frame, FrameContext context) {
		if (context.direction() != Direction.INBOUND) {
			throw new IllegalStateException(
					NAME + " serves what clients send; list " + AuthenticatedOnly.NAME + " for what upstreams send");
		}
		AuthenticationGate gate = AuthenticationGate.of(context.session());
		if (gate.isOpen()) {
			return Verdict.forward();
		}
		Credentials credentials = credentials(frame);
		if (credentials == null) {
			return this.refusal;
		}
		return Verdict.later(this.check.check(credentials, context.session())
			.map((principal) -> letIn(context.session(), gate, principal))
			.defaultIfEmpty(this.refusal));
	}

	private @Nullable Credentials credentials(Frame frame) {
		if (!(frame instanceof TextFrame message) || frame.length() > this.settings.maxSize().toBytes()) {
			return null;
		}
		if (this.settings.credentials() == Credentials.Kind.TOKEN) {
			String value = this.token.read(message);
			return (value != null) ? new Credentials.Token(value) : null;
		}
		JsonNode tree = MessageJson.of(message);
		String name = TokenReader.string(tree, this.username);
		String secret = TokenReader.string(tree, this.password);
		return (name != null && secret != null) ? new Credentials.UsernamePassword(name, secret) : null;
	}

	private Verdict letIn(ProxiedSession session, AuthenticationGate gate, Principal principal) {
		session.principal(principal);
		if (!this.settings.reply().isEmpty()) {
			session.send(Side.CLIENT, TextFrame.of(this.settings.reply()));
		}
		gate.open();
		return this.settings.swallow() ? Verdict.drop() : Verdict.forward();
	}

	/**
	 * The settings.
	 *
	 * @param credentials what kind of credentials the message has
	 * @param pointer where in a JSON message the token is
	 * @param prefix what stands before the token
	 * @param usernamePointer where in a JSON message the name is
	 * @param passwordPointer where in a JSON message the password is
	 * @param deadline how long the client has until it must have proved who it is
	 * @param maxSize how long the message may be
	 * @param swallow whether the upstream does not see the message
	 * @param reply what the client is told once it has proved who it is, if anything
	 * @param code the code to close with
	 * @param reason the reason to close with
	 */
	record Settings(@DefaultValue("token") Credentials.Kind credentials, @DefaultValue("") String pointer,
			@DefaultValue("") String prefix, @DefaultValue("/username") String usernamePointer,
			@DefaultValue("/password") String passwordPointer, @DefaultValue("5s") Duration deadline,
			@DefaultValue("16KB") DataSize maxSize, @DefaultValue("true") boolean swallow,
			@DefaultValue("") String reply, @DefaultValue("4401") int code,
			@DefaultValue("authentication required") String reason) {

	}

}
