package dev.wspolicy.policies;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.security.Principal;
import java.time.Duration;

import jakarta.validation.constraints.Min;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import reactor.core.publisher.Mono;

import dev.wspolicy.policy.UpgradePolicy;
import dev.wspolicy.policy.UpgradeVerdict;
import dev.wspolicy.session.UpgradeContext;

/**
 * Accepts upgrades as long as there are not too many sessions. A place is taken before
 * the upstream is dialled and given back when the session is over or does not come about,
 * so no number of upgrades at once gets past the limit.
 */
final class SessionLimit implements UpgradePolicy {

	static final String NAME = "session-limit";

	private final SessionCounts counts;

	private final Scope scope;

	private final int max;

	private final String group;

	private final Mono<UpgradeVerdict> refusal;

	SessionLimit(Settings settings, SessionCounts counts) {
		if (settings.max() == null) {
			throw new IllegalArgumentException("max: missing (expected: how many sessions there may be)");
		}
		if (settings.max() < 1) {
			throw new IllegalArgumentException("max: " + settings.max() + " (expected: >= 1)");
		}
		Duration retryAfter = settings.retryAfter();
		if (retryAfter.isNegative() || retryAfter.isZero()) {
			throw new IllegalArgumentException("retry-after: " + retryAfter + " (expected: more than zero)");
		}
		this.counts = counts;
		this.scope = settings.scope();
		this.max = settings.max();
		this.group = settings.group();
		HttpHeaders headers = new HttpHeaders();
		headers.set(HttpHeaders.RETRY_AFTER, Long.toString(retryAfter.plusNanos(999_999_999).toSeconds()));
		this.refusal = Mono.just(UpgradeVerdict.refuse(this.scope.status, headers));
	}

	@Override
	public Mono<UpgradeVerdict> apply(UpgradeContext upgrade) {
		String key = this.group + "/" + key(upgrade);
		return Mono.defer(() -> this.counts.tryTake(key, this.max)
				? Mono.just(UpgradeVerdict.accept(() -> this.counts.giveBack(key))) : this.refusal);
	}

	private String key(UpgradeContext upgrade) {
		return switch (this.scope) {
			case GATEWAY -> "gateway";
			case ROUTE -> "route " + upgrade.routeId();
			case PRINCIPAL -> principal(upgrade);
			case ADDRESS -> address(upgrade);
		};
	}

	private static String principal(UpgradeContext upgrade) {
		Principal principal = upgrade.principal();
		return (principal != null) ? "principal " + principal.getName() : address(upgrade);
	}

	private static String address(UpgradeContext upgrade) {
		InetSocketAddress remote = upgrade.remoteAddress();
		InetAddress address = (remote != null) ? remote.getAddress() : null;
		return "address " + ((address != null) ? address.getHostAddress() : "unknown");
	}

	/**
	 * Which sessions are counted together.
	 */
	enum Scope {

		/**
		 * All of them.
		 */
		GATEWAY(HttpStatus.SERVICE_UNAVAILABLE),

		/**
		 * Those of a route.
		 */
		ROUTE(HttpStatus.SERVICE_UNAVAILABLE),

		/**
		 * Those of a user.
		 */
		PRINCIPAL(HttpStatus.TOO_MANY_REQUESTS),

		/**
		 * Those from an address.
		 */
		ADDRESS(HttpStatus.TOO_MANY_REQUESTS);

		private final HttpStatus status;

		Scope(HttpStatus status) {
			this.status = status;
		}

	}

	/**
	 * The settings.
	 *
	 * @param max how many sessions there may be
	 * @param scope which sessions are counted together
	 * @param group a name: limits of the same scope and group share one count
	 * @param retryAfter what {@code Retry-After} says in a refusal
	 */
	record Settings(@Nullable @Min(1) Integer max, @DefaultValue("gateway") Scope scope, @DefaultValue("") String group,
			@DefaultValue("5s") Duration retryAfter) {

	}

}
