package dev.wspolicy.builtin.security;

import java.security.Principal;

import org.springframework.http.HttpStatus;
import reactor.core.publisher.Mono;

import dev.wspolicy.fleet.Revocations;
import dev.wspolicy.policy.UpgradePolicy;
import dev.wspolicy.policy.UpgradeVerdict;
import dev.wspolicy.session.UpgradeContext;

/**
 * Refuses upgrades whose authentication has been revoked.
 */
final class RevokedUpgradePolicy implements UpgradePolicy {

	private static final Mono<UpgradeVerdict> ACCEPT = Mono.just(UpgradeVerdict.accept());

	private static final Mono<UpgradeVerdict> REFUSE = Mono.just(UpgradeVerdict.refuse(HttpStatus.UNAUTHORIZED));

	private final Revocations revocations;

	RevokedUpgradePolicy(Revocations revocations) {
		this.revocations = revocations;
	}

	@Override
	public Mono<UpgradeVerdict> apply(UpgradeContext upgrade) {
		Principal principal = upgrade.principal();
		return (principal != null && this.revocations.isRevoked(principal, upgrade.time())) ? REFUSE : ACCEPT;
	}

}
