package dev.wspolicy.policies;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.security.Principal;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;

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
import dev.wspolicy.policy.Wait;
import dev.wspolicy.policy.WsPolicy;
import dev.wspolicy.session.ProxiedSession;
import dev.wspolicy.session.Termination;
import dev.wspolicy.session.UpgradeContext;

/**
 * Limits how many messages and bytes pass in a time, per session or across sessions. What
 * is too much is refused, or slowed down.
 */
@WsPolicy
final class RateLimit implements FramePolicy {

	static final String NAME = "rate-limit";

	private static final String HEADER_SCOPE = "header:";

	/** Of those that sessions share. */
	private final RateStore store;

	/** Of those that sessions have for themselves. */
	private final BucketRateStore own;

	private final String scope;

	private final String header;

	/** Zero unless what is too much is slowed down. */
	private final Duration maxWait;

	private final Refusal refusal;

	/**
	 * A limit.
	 * @param settings the settings
	 * @param local makes a store in the memory of this gateway
	 * @param shared makes a store for what sessions share, or {@code null} to use the
	 * local one
	 */
	RateLimit(Settings settings, Function<Rates, BucketRateStore> local, RateStore.@Nullable Factory shared) {
		String wanted = settings.scope();
		this.header = wanted.startsWith(HEADER_SCOPE) ? wanted.substring(HEADER_SCOPE.length()).strip() : "";
		this.scope = this.header.isEmpty() ? wanted.toLowerCase(Locale.ROOT) : HEADER_SCOPE;
		switch (wanted.endsWith(":") ? "" : this.scope) {
			case "session", "principal", "address", "route", HEADER_SCOPE -> {
			}
			default -> throw new IllegalArgumentException("scope: '" + wanted
					+ "' (expected: session, principal, address, route, or header: and the name of one)");
		}
		if (settings.maxWait().isNegative() || settings.maxWait().isZero()) {
			throw new IllegalArgumentException("max-wait: " + settings.maxWait() + " (expected: more than zero)");
		}
		this.maxWait = (settings.onExceed() == OnExceed.THROTTLE) ? settings.maxWait() : Duration.ZERO;
		this.refusal = refusal(settings);
		Rates rates = Rates.of(settings);
		this.own = local.apply(rates);
		this.store = (shared != null) ? shared.create(settings.name(), rates) : this.own;
	}

	private static Refusal refusal(Settings settings) {
		if ((settings.onExceed() == OnExceed.REPLY) == settings.message().isEmpty()) {
			throw new IllegalArgumentException("message: goes with 'on-exceed: reply', and only with it");
		}
		return switch (settings.onExceed()) {
			case DROP -> Refusal.drop();
			case REPLY -> new OnViolation(OnViolation.Action.REPLY, null, "", settings.message()).refusal(NAME,
					CloseStatus.POLICY_VIOLATION);
			case CLOSE, THROTTLE -> Refusal.close(CloseStatus.POLICY_VIOLATION);
		};
	}

	@Override
	public @Nullable Wait longestWait(List<FramePolicy> listed) {
		return this.maxWait.isZero() ? null : new Wait(this.maxWait, "max-wait");
	}

	@Override
	public Verdict apply(Frame frame, FrameContext context) {
		String key = key(context.session());
		RateStore.Answer answer = (key != null) ? this.store.take(key, frame.length(), this.maxWait)
				: this.own.takeOwn(context.session().attributes(), context.direction(), frame.length(), this.maxWait);
		return (answer == RateStore.Granted.INSTANCE) ? Verdict.forward() : verdict(answer, context);
	}

	@Override
	public void onClose(ProxiedSession session, Termination termination) {
		this.own.forget(session.attributes());
	}

	private Verdict verdict(RateStore.Answer answer, FrameContext context) {
		if (answer instanceof RateStore.After after) {
			return Verdict.later(Mono.delay(shorter(after.time())).map((tick) -> Verdict.forward()));
		}
		if (answer instanceof RateStore.Later later) {
			return Verdict.later(later.answer().thenCompose((known) -> settled(verdict(known, context))));
		}
		return (answer == RateStore.Granted.INSTANCE) ? Verdict.forward() : this.refusal.in(context);
	}

	private static CompletionStage<Verdict> settled(Verdict verdict) {
		return (verdict instanceof Verdict.Later later) ? later.verdict() : CompletableFuture.completedStage(verdict);
	}

	private Duration shorter(Duration time) {
		return (time.compareTo(this.maxWait) < 0) ? time : this.maxWait;
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
	 * @param name what a store that is not the local one knows this limit by
	 */
	record Settings(@Nullable @Min(1) Long frames, @Nullable DataSize bytes, @DefaultValue("1s") Duration per,
			@Nullable @Min(1) Long burst, @Nullable DataSize burstBytes, @DefaultValue("session") String scope,
			@DefaultValue("close") OnExceed onExceed, @DefaultValue("") String message,
			@DefaultValue("5s") Duration maxWait, @DefaultValue("") String name) {

	}

}
