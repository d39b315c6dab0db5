package dev.wspolicy.actuate;

import org.springframework.boot.health.contributor.AbstractHealthIndicator;
import org.springframework.boot.health.contributor.Health;

import dev.wspolicy.session.SessionRegistry;

/**
 * {@link org.springframework.boot.health.contributor.HealthIndicator HealthIndicator}
 * that is out of service while the gateway drains its sessions.
 */
public class WsPolicyHealthIndicator extends AbstractHealthIndicator {

	private final SessionRegistry registry;

	/**
	 * Creates an indicator.
	 * @param registry the live sessions
	 */
	public WsPolicyHealthIndicator(SessionRegistry registry) {
		this.registry = registry;
	}

	@Override
	protected void doHealthCheck(Health.Builder builder) {
		boolean draining = this.registry.isDraining();
		if (draining) {
			builder.outOfService();
		}
		else {
			builder.up();
		}
		builder.withDetail("sessions", this.registry.size()).withDetail("draining", draining);
	}

}
