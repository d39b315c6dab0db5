package dev.wspolicy.builtin.security;

import java.security.Principal;
import java.time.Duration;
import java.util.List;

import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.unit.DataSize;
import tools.jackson.core.JsonPointer;
import tools.jackson.databind.JsonNode;

import dev.wspolicy.builtin.support.SettingCheck;
import dev.wspolicy.frame.CloseStatus;
import dev.wspolicy.frame.Direction;
import dev.wspolicy.frame.Frame;
import dev.wspolicy.frame.TextFrame;
import dev.wspolicy.json.JsonMessage;
import dev.wspolicy.policy.FrameContext;
import dev.wspolicy.policy.FramePolicy;
import dev.wspolicy.policy.MaxDelay;
import dev.wspolicy.policy.Verdict;
import dev.wspolicy.policy.WsPolicy;
import dev.wspolicy.session.ProxiedSession;
import dev.wspolicy.session.Side;
import dev.wspolicy.session.Termination;

/**
 * Requires credentials in the first message of the client and checks them. Forwards no
 * messages before the client has authenticated.
 */
@WsPolicy(direction = Direction.INBOUND)
final class FirstMessageAuthPolicy implements FramePolicy {

	static final String NAME = "first-message-auth";

	private static final String DEFAULT_USERNAME = "/username";

	private static final String DEFAULT_PASSWORD = "/password";

	private final Settings settings;

	private final CredentialsCheck check;

	private final TokenReader token;

	private final JsonPointer username;

	private final JsonPointer password;

	private final CloseStatus status;

	private final Verdict refusal;

	FirstMessageAuthPolicy(Settings settings, CredentialsCheck check) {
		if (settings.deadline().isNegative() || settings.deadline().isZero()) {
			throw new IllegalArgumentException("deadline: " + settings.deadline() + " (expected: more than zero)");
		}
		if (settings.maxSize().toBytes() < 1) {
			throw new IllegalArgumentException("max-size: " + settings.maxSize() + " (expected: more than zero)");
		}
		if (settings.credentials() == Credentials.Kind.PASSWORD
				&& !(settings.pointer().isEmpty() && settings.prefix().isEmpty())) {
			throw new IllegalArgumentException(
					"pointer and prefix: not supported with credentials: password (expected: username-pointer and password-pointer)");
		}
		if (settings.credentials() == Credentials.Kind.TOKEN) {
			String reason = "supported with 'credentials: password' only";
			SettingCheck.notApplicable("username-pointer", settings.usernamePointer(), DEFAULT_USERNAME, reason);
			SettingCheck.notApplicable("password-pointer", settings.passwordPointer(), DEFAULT_PASSWORD, reason);
		}
		this.settings = settings;
		this.check = check;
		this.token = new TokenReader(settings.pointer(), settings.prefix());
		this.username = TokenReader.compile("username-pointer", settings.usernamePointer());
		this.password = TokenReader.compile("password-pointer", settings.passwordPointer());
		this.status = CloseStatus.of(settings.code(), settings.reason());
		this.refusal = Verdict.closeSender(this.status);
	}

	/** Its messages carry credentials, which are not meant for the upstream. */
	@Override
	public boolean isObservable() {
		return false;
	}

	/**
	 * The deadline, if another policy holds frames until the client has authenticated.
	 */
	@Override
	public @Nullable MaxDelay maxDelay(List<FramePolicy> listed) {
		return listed.stream()
			.anyMatch((policy) -> policy instanceof AuthenticatedOnlyPolicy waiting && waiting.holds())
					? new MaxDelay(this.settings.deadline(), "deadline") : null;
	}

	@Override
	public void onOpen(ProxiedSession session) {
		AuthenticationGate gate = AuthenticationGate.of(session);
		if (!gate.isOpen()) {
			gate.require(this, session.schedule(this.settings.deadline(), () -> {
				if (!gate.isOpen()) {
					session.close(this.status, CloseStatus.GOING_AWAY, NAME);
				}
			}));
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
		AuthenticationGate gate = AuthenticationGate.find(session);
		if (gate != null) {
			gate.withdraw(this);
		}
	}

	@Override
	public Verdict apply(Frame frame, FrameContext context) {
		if (context.direction() != Direction.INBOUND) {
			throw new IllegalStateException(NAME + " supports the inbound direction only; list "
					+ AuthenticatedOnlyPolicy.NAME + " below outbound");
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
			.map((principal) -> admit(context.session(), gate, principal))
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
		JsonNode tree = JsonMessage.of(message).treeOrMissing();
		String name = TokenReader.string(tree, this.username);
		String secret = TokenReader.string(tree, this.password);
		return (name != null && secret != null) ? new Credentials.UsernamePassword(name, secret) : null;
	}

	private Verdict admit(ProxiedSession session, AuthenticationGate gate, Principal principal) {
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
	 * @param credentials the kind of credentials in the message
	 * @param pointer the JSON pointer to the token
	 * @param prefix the text before the token
	 * @param usernamePointer the JSON pointer to the user name
	 * @param passwordPointer the JSON pointer to the password
	 * @param deadline the time within which the client must authenticate
	 * @param maxSize the maximum length of the message
	 * @param swallow whether to hide the message from the upstream
	 * @param reply the reply to a client that has authenticated; empty for none
	 * @param code the close code if the client fails to authenticate
	 * @param reason the close reason if the client fails to authenticate
	 */
	record Settings(@DefaultValue("token") Credentials.Kind credentials, @DefaultValue("") String pointer,
			@DefaultValue("") String prefix, @DefaultValue(DEFAULT_USERNAME) String usernamePointer,
			@DefaultValue(DEFAULT_PASSWORD) String passwordPointer, @DefaultValue("5s") Duration deadline,
			@DefaultValue("16KB") DataSize maxSize, @DefaultValue("true") boolean swallow,
			@DefaultValue("") String reply, @DefaultValue("4401") int code,
			@DefaultValue("authentication required") String reason) {

	}

}
