package dev.wspolicy.observation;

import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationConvention;

/**
 * Defines the name and the key values of upgrade observations. A bean of this type
 * replaces the default convention.
 */
public interface UpgradeObservationConvention extends ObservationConvention<UpgradeObservationContext> {

	@Override
	default boolean supportsContext(Observation.Context context) {
		return context instanceof UpgradeObservationContext;
	}

}
