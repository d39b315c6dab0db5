package dev.wspolicy.builtin;

import java.security.Principal;
import java.time.Duration;

import jakarta.validation.constraints.Min;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import reactor.core.publisher.Mono;

import dev.wspolicy.builtin.SessionScope.Kind;
import dev.wspolicy.builtin.support.SettingCheck;
import dev.wspolicy.fleet.OnExceed;
import dev.wspolicy.fleet.Place;
import dev.wspolicy.fleet.PlaceRequest;
import dev.wspolicy.fleet.RateStore;
import dev.wspolicy.fleet.SessionPlaces;
import dev.wspolicy.frame.CloseStatus;
import dev.wspolicy.policy.UpgradePolicy;
import dev.wspolicy.policy.UpgradeVerdict;
import dev.wspolicy.session.ClientAddress;
import dev.wspolicy.session.UpgradeContext;

/**
 * Refuses upgrades while the maximum number of sessions is open, or closes the oldest
 * session, and refuses upgrades that exceed a rate. A session counts from before the
 * gateway connects to the upstream until it is closed or fails to open, so concurrent
 * upgrades cannot exceed the limit.
 */
final class SessionLimitPolicy implements UpgradePolicy {

	static final String NAME = "session-limit";

	private static final String DEFAULT_CODE = "4409";

	private static final String DEFAULT_REASON = "replaced by a newer session";

	/** The key of clients whose address is unknown. */
	private static final String UNKNOWN = "address unknown";

	/** The status of a session whose principal has too many sessions. */
	static final CloseStatus TOO_MANY = CloseStatus.of(4429, "too many sessions");

	private final SessionPlaces places;

	private final SessionScope scope;

	/** Null if the number of sessions is not limited. */
	private final @Nullable Integer max;

	/** Null if the rate is not limited. */
	private final @Nullable OpeningRate openings;

	private final String group;

	private final OnExceed onExceed;

	private final CloseStatus displaced;

	private final Mono<UpgradeVerdict> refusal;

	/**
	 * Creates a limit.
	 * @param settings the settings
	 * @param fleet counts the sessions of all gateways that act as one
	 * @param gateway counts the sessions of this gateway alone
	 * @param rates creates stores for the rates of all gateways that act as one, or
	 * {@code null} if this gateway acts alone
	 */
	SessionLimitPolicy(Settings settings, SessionPlaces fleet, SessionPlaces gateway,
			RateStore.@Nullable Factory rates) {
		if (settings.max() == null && settings.openingRate() == null) {
			throw new IllegalArgumentException(
					"max: missing (expected: the maximum number of sessions, unless opening-rate limits them)");
		}
		if (settings.max() != null && settings.max() < 1) {
			throw new IllegalArgumentException("max: " + settings.max() + " (expected: >= 1)");
		}
		checkApplicable(settings);
		Duration retryAfter = settings.retryAfter();
		if (retryAfter.isNegative() || retryAfter.isZero()) {
			throw new IllegalArgumentException("retry-after: " + retryAfter + " (expected: more than zero)");
		}
		this.scope = SessionScope.of(settings.scope(), settings.ipv6Prefix(), Kind.GATEWAY, Kind.FLEET, Kind.ROUTE,
				Kind.PRINCIPAL, Kind.ADDRESS);
		this.places = (this.scope.kind() == Kind.GATEWAY) ? gateway : fleet;
		this.max = settings.max();
		this.group = settings.group();
		this.onExceed = settings.onExceed();
		this.displaced = CloseStatus.of(settings.code(), settings.reason());
		HttpHeaders headers = new HttpHeaders();
		long seconds = retryAfter.plusNanos(999_999_999).toSeconds();
		headers.set(HttpHeaders.RETRY_AFTER, Long.toString(seconds));
		HttpStatus status = status(this.scope.kind());
		this.refusal = Mono.just(UpgradeVerdict.refuse(status, headers));
		this.openings = OpeningRate.of(settings, (this.scope.kind() == Kind.GATEWAY) ? null : rates, status, seconds);
	}

	private static void checkApplicable(Settings settings) {
		if (settings.max() == null) {
			SettingCheck.notApplicable("on-exceed", settings.onExceed(), OnExceed.REFUSE, "supported with max only");
		}
		if (settings.onExceed() != OnExceed.CLOSE_OLDEST) {
			SettingCheck.notApplicable("code", Integer.toString(settings.code()), DEFAULT_CODE,
					"supported with 'on-exceed: close-oldest' only");
			SettingCheck.notApplicable("reason", settings.reason(), DEFAULT_REASON,
					"supported with 'on-exceed: close-oldest' only");
		}
	}

	/** 429 if the client itself has too many sessions, 503 if all clients together. */
	private static HttpStatus status(Kind scope) {
		return switch (scope) {
			case GATEWAY, FLEET, ROUTE -> HttpStatus.SERVICE_UNAVAILABLE;
			default -> HttpStatus.TOO_MANY_REQUESTS;
		};
	}

	@Override
	public Mono<UpgradeVerdict> apply(UpgradeContext upgrade) {
		String key = key(upgrade, upgrade.principal());
		Mono<UpgradeVerdict> counted = (this.max != null) ? enter(key) : Mono.just(UpgradeVerdict.accept());
		OpeningRate openings = this.openings;
		// First, since a place may cost another session its own
		return (openings != null)
				? openings.take(key).flatMap((taken) -> taken ? counted : Mono.just(openings.refusal())) : counted;
	}

	private Mono<UpgradeVerdict> enter(String key) {
		return Mono.defer(() -> new LimitedSession(this).enter(key))
			.map((session) -> UpgradeVerdict.accept(session))
			.switchIfEmpty(this.refusal);
	}

	/**
	 * Returns the key under which a session counts.
	 * @param upgrade the upgrade request of the session
	 * @param principal the principal of the session, or {@code null}
	 * @return the key
	 */
	String key(UpgradeContext upgrade, @Nullable Principal principal) {
		String shared = this.scope.key(upgrade, principal);
		return this.group + "/" + ((shared != null) ? shared : UNKNOWN);
	}

	/** To take the place of another session closes that session. */
	@Override
	public boolean isObservable() {
		return this.onExceed != OnExceed.CLOSE_OLDEST;
	}

	/**
	 * Takes a place.
	 * @param key the key of the session
	 * @param displaced called if the session is displaced
	 * @return emits the place; empty if there is none
	 */
	Mono<Place> take(String key, Runnable displaced) {
		int max = (this.max != null) ? this.max : Integer.MAX_VALUE;
		return this.places.take(new PlaceRequest(key, max, this.onExceed, displaced));
	}

	/**
	 * Returns the status of a session that has been displaced.
	 * @return the status
	 */
	CloseStatus displaced() {
		return this.displaced;
	}

	/**
	 * The settings.
	 *
	 * @param max the maximum number of sessions
	 * @param scope which sessions are counted together
	 * @param group the name of a group; limits of the same scope and group share one
	 * count
	 * @param onExceed what to do if the maximum has been reached
	 * @param code the close code of a session that a newer one displaces
	 * @param reason the close reason of a session that a newer one displaces
	 * @param retryAfter the value of {@code Retry-After} when an upgrade is refused; up
	 * to twice as long if it exceeds the rate
	 * @param ipv6Prefix the length in bits of the IPv6 prefix that identifies a client
	 * @param openingRate the number of sessions that may open per second
	 * @param openingBurst the number of sessions that may open at once; the rate by
	 * default
	 */
	record Settings(@Nullable @Min(1) Integer max, @DefaultValue("gateway") String scope,
			@DefaultValue("") String group, @DefaultValue("refuse") OnExceed onExceed,
			@DefaultValue(DEFAULT_CODE) int code, @DefaultValue(DEFAULT_REASON) String reason,
			@DefaultValue("5s") Duration retryAfter, @DefaultValue(ClientAddress.DEFAULT_IPV6_PREFIX) int ipv6Prefix,
			@Nullable @Min(1) Long openingRate, @Nullable @Min(1) Long openingBurst) {

	}

}
