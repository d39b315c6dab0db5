package dev.wspolicy.observation;

import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationConvention;

/**
 * How an upgrade that is observed is named, and what it is tagged with. A bean of this
 * type takes the place of the default.
 */
public interface UpgradeObservationConvention extends ObservationConvention<UpgradeObservationContext> {

	@Override
	default boolean supportsContext(Observation.Context context) {
		return context instanceof UpgradeObservationContext;
	}

}
