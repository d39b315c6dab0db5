package dev.wspolicy.builtin;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;

import jakarta.validation.constraints.Min;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.unit.DataSize;

import dev.wspolicy.builtin.SessionScope.Kind;
import dev.wspolicy.builtin.support.ViolationSettings;
import dev.wspolicy.builtin.support.ViolationVerdict;
import dev.wspolicy.fleet.RateStore;
import dev.wspolicy.fleet.Rates;
import dev.wspolicy.frame.CloseStatus;
import dev.wspolicy.frame.Frame;
import dev.wspolicy.policy.FrameContext;
import dev.wspolicy.policy.FramePolicy;
import dev.wspolicy.policy.MaxDelay;
import dev.wspolicy.policy.Verdict;
import dev.wspolicy.policy.WsPolicy;
import dev.wspolicy.session.ClientAddress;
import dev.wspolicy.session.ProxiedSession;
import dev.wspolicy.session.Termination;

/**
 * Limits the rate of messages and bytes, per session or across sessions. Refuses or
 * delays messages that exceed the limit.
 */
@WsPolicy
final class RateLimitPolicy implements FramePolicy {

	static final String NAME = "rate-limit";

	/** The allowances that sessions share. */
	private final RateStore store;

	/** The allowances of single sessions. */
	private final Bucket4jRateStore own;

	private final SessionScope scope;

	/** The session attribute with the key. */
	private final String attribute = NAME + ".key." + System.identityHashCode(this);

	/** Zero unless excess messages are delayed. */
	private final Duration maxWait;

	private final ViolationVerdict violation;

	/**
	 * Creates a limit.
	 * @param settings the settings
	 * @param local creates a store in the memory of this gateway
	 * @param shared creates a store for the allowances that sessions share, or
	 * {@code null} to use the local store
	 */
	RateLimitPolicy(Settings settings, Function<Rates, Bucket4jRateStore> local, RateStore.@Nullable Factory shared) {
		this.scope = SessionScope.of(settings.scope(), settings.ipv6Prefix(), Kind.SESSION, Kind.PRINCIPAL,
				Kind.ADDRESS, Kind.ROUTE);
		if (settings.maxWait().isNegative() || settings.maxWait().isZero()) {
			throw new IllegalArgumentException("max-wait: " + settings.maxWait() + " (expected: more than zero)");
		}
		this.maxWait = (settings.onExceed() == OnExceed.THROTTLE) ? settings.maxWait() : Duration.ZERO;
		this.violation = refusal(settings);
		Rates rates = RateSettings.rates(settings);
		this.own = local.apply(rates);
		this.store = (shared != null) ? shared.create(settings.name(), rates) : this.own;
	}

	private static ViolationVerdict refusal(Settings settings) {
		if ((settings.onExceed() == OnExceed.REPLY) == settings.message().isEmpty()) {
			throw new IllegalArgumentException(
					"message: required by 'on-exceed: reply', and supported by no other action");
		}
		return switch (settings.onExceed()) {
			case DROP -> ViolationVerdict.drop();
			case REPLY -> new ViolationSettings(ViolationSettings.Action.REPLY, null, "", settings.message())
				.verdict(NAME, CloseStatus.POLICY_VIOLATION);
			case CLOSE, THROTTLE -> ViolationVerdict.close(CloseStatus.POLICY_VIOLATION);
		};
	}

	/** A sender that is not slowed down would appear to exceed any rate. */
	@Override
	public boolean isObservable() {
		return this.maxWait.isZero();
	}

	@Override
	public @Nullable MaxDelay maxDelay(List<FramePolicy> listed) {
		return this.maxWait.isZero() ? null : new MaxDelay(this.maxWait, "max-wait");
	}

	@Override
	public Verdict apply(Frame frame, FrameContext context) {
		String key = key(context.session());
		RateStore.Answer answer = (key != null) ? take(key, frame.length(), context)
				: this.own.takeForSession(context.session(), context.direction(), frame.length(), this.maxWait);
		return (answer == RateStore.Granted.INSTANCE) ? Verdict.forward()
				: verdict(answer, key, frame.length(), context);
	}

	private RateStore.Answer take(String key, int bytes, FrameContext context) {
		return (this.store == this.own) ? takeAlone(key, bytes, context) : this.store.take(key, bytes, this.maxWait);
	}

	private RateStore.Answer takeAlone(String key, int bytes, FrameContext context) {
		return this.own.take(key, bytes, this.maxWait, context.session().clock());
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
		this.own.removeFrom(session.attributes());
		session.attributes().remove(this.attribute);
	}

	private Verdict verdict(RateStore.Answer answer, @Nullable String key, int bytes, FrameContext context) {
		if (answer instanceof RateStore.After after) {
			return forwardAfter(shorter(after.time()), context.session());
		}
		if (answer instanceof RateStore.Later later) {
			return Verdict.later(later.answer().thenCompose((known) -> settled(verdict(known, key, bytes, context))));
		}
		if (answer == RateStore.Alone.INSTANCE && key != null) {
			return verdict(takeAlone(key, bytes, context), null, bytes, context);
		}
		return (answer == RateStore.Granted.INSTANCE) ? Verdict.forward() : this.violation.in(context);
	}

	/** Waits on the clock of the session, as the allowance does. */
	private static Verdict forwardAfter(Duration delay, ProxiedSession session) {
		CompletableFuture<Verdict> verdict = new CompletableFuture<>();
		session.schedule(delay, () -> verdict.complete(Verdict.forward()));
		return Verdict.later(verdict);
	}

	private static CompletionStage<Verdict> settled(Verdict verdict) {
		return (verdict instanceof Verdict.Later later) ? later.verdict() : CompletableFuture.completedStage(verdict);
	}

	private Duration shorter(Duration time) {
		return (time.compareTo(this.maxWait) < 0) ? time : this.maxWait;
	}

	/** The key of a shared allowance; {@code null} if the session has its own. */
	private @Nullable String key(ProxiedSession session) {
		if (this.scope.kind() == Kind.SESSION) {
			return null;
		}
		Object kept = this.scope.isFixed() ? session.attributes().get(this.attribute) : null;
		if (kept != null) {
			return (String) kept;
		}
		String key = this.scope.key(session.upgrade(), session.principal());
		if (key != null && this.scope.isFixed()) {
			session.attributes().put(this.attribute, key);
		}
		return key;
	}

	/**
	 * What to do with messages that exceed the limit.
	 */
	enum OnExceed {

		/**
		 * Drop the messages.
		 */
		DROP,

		/**
		 * Drop the messages and reply to their sender.
		 */
		REPLY,

		/**
		 * Close the session.
		 */
		CLOSE,

		/**
		 * Delay the messages, along with the messages that follow.
		 */
		THROTTLE

	}

	/**
	 * The settings.
	 *
	 * @param frames the number of messages per period
	 * @param bytes the number of bytes per period
	 * @param per the period that {@code frames} and {@code bytes} refer to
	 * @param burst the number of messages that may pass at once; {@code frames} by
	 * default
	 * @param burstBytes the number of bytes that may pass at once; {@code bytes} by
	 * default
	 * @param scope which sessions share an allowance
	 * @param onExceed what to do with messages that exceed the limit
	 * @param message the text to reply with; required by {@code reply}, and by no other
	 * @param maxWait the maximum delay of a message
	 * @param lot the number of messages that a gateway may take at once from a store that
	 * gateways share
	 * @param name the name of this limit in meters, logs and endpoints, and in stores
	 * that gateways share
	 * @param ipv6Prefix the length in bits of the IPv6 prefix that identifies a client
	 */
	record Settings(@Nullable @Min(1) Long frames, @Nullable DataSize bytes, @DefaultValue("1s") Duration per,
			@Nullable @Min(1) Long burst, @Nullable DataSize burstBytes, @DefaultValue("session") String scope,
			@DefaultValue("close") OnExceed onExceed, @DefaultValue("") String message,
			@DefaultValue("5s") Duration maxWait, @DefaultValue("1") @Min(1) long lot, @DefaultValue("") String name,
			@DefaultValue(ClientAddress.DEFAULT_IPV6_PREFIX) int ipv6Prefix) {

	}

}
