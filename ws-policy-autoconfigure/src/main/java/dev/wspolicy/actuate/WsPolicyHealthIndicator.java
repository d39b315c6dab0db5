package dev.wspolicy.actuate;

import java.util.function.BooleanSupplier;

import org.springframework.boot.health.contributor.AbstractHealthIndicator;
import org.springframework.boot.health.contributor.Health;

import dev.wspolicy.session.SessionRegistry;

/**
 * {@link org.springframework.boot.health.contributor.HealthIndicator HealthIndicator}
 * that is out of service while the gateway warms up or drains its sessions.
 */
public class WsPolicyHealthIndicator extends AbstractHealthIndicator {

	private final SessionRegistry registry;

	private final BooleanSupplier warm;

	/**
	 * Creates an indicator.
	 * @param registry the live sessions
	 */
	public WsPolicyHealthIndicator(SessionRegistry registry) {
		this(registry, () -> true);
	}

	/**
	 * Creates an indicator of a gateway that warms up.
	 * @param registry the live sessions
	 * @param warm whether the warm-up is over
	 */
	public WsPolicyHealthIndicator(SessionRegistry registry, BooleanSupplier warm) {
		this.registry = registry;
		this.warm = warm;
	}

	@Override
	protected void doHealthCheck(Health.Builder builder) {
		boolean draining = this.registry.isDraining();
		boolean warm = this.warm.getAsBoolean();
		if (draining || !warm) {
			builder.outOfService();
		}
		else {
			builder.up();
		}
		builder.withDetail("sessions", this.registry.size()).withDetail("draining", draining);
		if (!warm) {
			builder.withDetail("warmingUp", true);
		}
	}

}
