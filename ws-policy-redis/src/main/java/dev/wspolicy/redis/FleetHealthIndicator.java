package dev.wspolicy.redis;

import org.springframework.boot.health.contributor.AbstractHealthIndicator;
import org.springframework.boot.health.contributor.Health;

import dev.wspolicy.fleet.LocalGateway;

/**
 * Is unknown rather than down while this gateway acts alone in anything, since it still
 * serves its clients.
 */
final class FleetHealthIndicator extends AbstractHealthIndicator {

	private final LocalGateway gateway;

	private final FleetStore store;

	private final FleetCircuits circuits;

	private final FleetMembership membership;

	FleetHealthIndicator(LocalGateway gateway, FleetStore store, FleetCircuits circuits, FleetMembership membership) {
		this.gateway = gateway;
		this.store = store;
		this.circuits = circuits;
		this.membership = membership;
	}

	@Override
	protected void doHealthCheck(Health.Builder builder) {
		if (this.circuits.areClosed() && this.membership.isMember()) {
			builder.up();
		}
		else {
			builder.unknown();
		}
		builder.withDetail("gateway", this.gateway.name());
		for (FleetUse use : FleetUse.values()) {
			builder.withDetail(use.label(), this.circuits.of(use).isClosed() ? "shared" : "alone");
		}
		builder.withDetail("gateways", this.store.lastLive().names());
	}

}
