package dev.wspolicy.redis;

import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;

/**
 * A circuit for each use of Redis, so that one that is too slow does not end the others.
 */
final class FleetCircuits {

	private final Map<FleetUse, FleetCircuit> circuits = new EnumMap<>(FleetUse.class);

	FleetCircuits(Duration timeout, FleetConnection connection) {
		for (FleetUse use : FleetUse.values()) {
			this.circuits.put(use, new FleetCircuit(use, timeout, connection));
		}
	}

	FleetCircuit of(FleetUse use) {
		FleetCircuit circuit = this.circuits.get(use);
		if (circuit == null) {
			throw new IllegalArgumentException("use: " + use);
		}
		return circuit;
	}

	/** Whether Redis answers all uses, as far as is known. */
	boolean areClosed() {
		return this.circuits.values().stream().allMatch(FleetCircuit::isClosed);
	}

}
