package dev.wspolicy.observation;

import io.micrometer.common.KeyValues;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.http.HttpStatusCode;

/**
 * Default implementation of {@link UpgradeObservationConvention}.
 */
public class DefaultUpgradeObservationConvention implements UpgradeObservationConvention {

	/**
	 * The name of the observation.
	 */
	public static final String NAME = "wspolicy.upgrade";

	@Override
	public String getName() {
		return NAME;
	}

	@Override
	public String getContextualName(UpgradeObservationContext context) {
		return "websocket upgrade " + context.getRouteId();
	}

	@Override
	public KeyValues getLowCardinalityKeyValues(UpgradeObservationContext context) {
		HttpStatusCode status = context.getStatus();
		return KeyValues.of("route", context.getRouteId(), "status",
				(status != null) ? Integer.toString(status.value()) : "none", "outcome", outcome(status));
	}

	private static String outcome(@Nullable HttpStatusCode status) {
		HttpStatus.Series series = (status != null) ? HttpStatus.Series.resolve(status.value()) : null;
		return (series != null) ? series.name() : "UNKNOWN";
	}

}
