package dev.wspolicy.policies;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.security.Principal;
import java.time.Duration;
import java.util.Locale;

import jakarta.validation.constraints.Min;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.unit.DataSize;
import reactor.core.publisher.Mono;

import dev.wspolicy.frame.CloseStatus;
import dev.wspolicy.frame.Frame;
import dev.wspolicy.policy.FrameContext;
import dev.wspolicy.policy.FramePolicy;
import dev.wspolicy.policy.Verdict;
import dev.wspolicy.policy.WsPolicy;
import dev.wspolicy.session.ProxiedSession;
import dev.wspolicy.session.UpgradeContext;

/**
 * Limits how many messages and bytes pass in a time, per session or across sessions. What
 * is too much is refused, or slowed down.
 */
@WsPolicy
final class RateLimit implements FramePolicy {

	static final String NAME = "rate-limit";

	private static final String HEADER_SCOPE = "header:";

	private final RateStore store;

	private final String scope;

	private final String header;

	private final OnExceed onExceed;

	private final Duration maxWait;

	private final Refusal refusal;

	RateLimit(Settings settings, RateStore.Factory stores) {
		String wanted = settings.scope();
		this.header = wanted.startsWith(HEADER_SCOPE) ? wanted.substring(HEADER_SCOPE.length()).strip() : "";
		this.scope = this.header.isEmpty() ? wanted.toLowerCase(Locale.ROOT) : HEADER_SCOPE;
		switch (wanted.endsWith(":") ? "" : this.scope) {
			case "session", "principal", "address", "route", HEADER_SCOPE -> {
			}
			default -> throw new IllegalArgumentException("scope: '" + wanted
					+ "' (expected: session, principal, address, route, or header: and the name of one)");
		}
		this.onExceed = settings.onExceed();
		this.maxWait = settings.maxWait();
		if (this.maxWait.isNegative() || this.maxWait.isZero()) {
			throw new IllegalArgumentException("max-wait: " + this.maxWait + " (expected: more than zero)");
		}
		this.refusal = refusal(settings);
		this.store = stores.create(Rates.of(settings));
	}

	private static Refusal refusal(Settings settings) {
		return switch (settings.onExceed()) {
			case DROP -> Refusal.drop();
			case REPLY -> new OnViolation(OnViolation.Action.REPLY, null, "", settings.message())
				.refusal(CloseStatus.POLICY_VIOLATION);
			case CLOSE, THROTTLE -> Refusal.close(CloseStatus.POLICY_VIOLATION);
		};
	}

	@Override
	public Verdict apply(Frame frame, FrameContext context) {
		RateStore.Allowance allowance = allowance(context);
		if (this.onExceed != OnExceed.THROTTLE) {
			return allowance.tryTake(frame.length()) ? Verdict.forward() : this.refusal.in(context.direction());
		}
		Duration wait = allowance.take(frame.length(), this.maxWait);
		return wait.isZero() ? Verdict.forward() : Verdict.later(Mono.delay(wait).map((tick) -> Verdict.forward()));
	}

	private RateStore.Allowance allowance(FrameContext context) {
		String key = key(context.session());
		return (key != null) ? this.store.shared(key)
				: this.store.own(context.session().attributes(), context.direction());
	}

	/** What the session shares its allowance by; {@code null} if it has its own. */
	private @Nullable String key(ProxiedSession session) {
		UpgradeContext upgrade = session.upgrade();
		String value = switch (this.scope) {
			case "session" -> null;
			case "route" -> upgrade.routeId();
			case "principal" -> principal(session.principal());
			case HEADER_SCOPE -> upgrade.headers().getFirst(this.header);
			default -> address(upgrade);
		};
		if (value == null && !this.scope.equals("session")) {
			String address = address(upgrade);
			return (address != null) ? "address " + address : null;
		}
		return (value != null) ? this.scope + " " + value : null;
	}

	private static @Nullable String principal(@Nullable Principal principal) {
		return (principal != null) ? principal.getName() : null;
	}

	private static @Nullable String address(UpgradeContext upgrade) {
		InetSocketAddress remote = upgrade.remoteAddress();
		InetAddress address = (remote != null) ? remote.getAddress() : null;
		return (address != null) ? address.getHostAddress() : null;
	}

	/**
	 * What is done with what is too much.
	 */
	enum OnExceed {

		/**
		 * It is swallowed.
		 */
		DROP,

		/**
		 * It is swallowed and the sender is told.
		 */
		REPLY,

		/**
		 * The session is closed.
		 */
		CLOSE,

		/**
		 * It waits, and so does what the sender sends after it.
		 */
		THROTTLE

	}

	/**
	 * The settings.
	 *
	 * @param frames how many messages pass in the time
	 * @param bytes how many bytes pass in the time
	 * @param per the time
	 * @param burst how many messages pass at once after a pause; {@code frames} by
	 * default
	 * @param burstBytes how many bytes pass at once after a pause; {@code bytes} by
	 * default
	 * @param scope who shares the allowance
	 * @param onExceed what to do with what is too much
	 * @param message what to reply
	 * @param maxWait how long a message may be held back
	 */
	record Settings(@Nullable @Min(1) Long frames, @Nullable DataSize bytes, @DefaultValue("1s") Duration per,
			@Nullable @Min(1) Long burst, @Nullable DataSize burstBytes, @DefaultValue("session") String scope,
			@DefaultValue("close") OnExceed onExceed, @DefaultValue("") String message,
			@DefaultValue("5s") Duration maxWait) {

	}

}
