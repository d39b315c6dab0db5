package dev.wspolicy.actuate;

import org.springframework.boot.health.contributor.AbstractHealthIndicator;
import org.springframework.boot.health.contributor.Health;

import dev.wspolicy.session.SessionRegistry;

/**
 * {@link org.springframework.boot.health.contributor.HealthIndicator HealthIndicator}
 * that is out of service while sessions are drained.
 */
public class WsPolicyHealthIndicator extends AbstractHealthIndicator {

	private final SessionRegistry registry;

	/**
	 * An indicator.
	 * @param registry the sessions
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
