package dev.wspolicy.actuate;

import java.util.List;
import java.util.Map;

import org.springframework.boot.actuate.endpoint.OperationResponseBody;

import dev.wspolicy.fleet.FleetOutcome;
import dev.wspolicy.fleet.Reach;

/**
 * Which gateways an answer of the endpoint comes from.
 *
 * @param live the number of live gateways that should have answered
 * @param answered how many of them answered
 * @param gateways the names of those that answered
 * @param missing the names of those that did not answer
 * @param problems the problems of those that answered but could not do what was asked
 */
public record FleetReach(int live, int answered, List<String> gateways, List<String> missing,
		Map<String, String> problems) implements OperationResponseBody {

	static FleetReach of(Reach reach) {
		return of(reach, Map.of());
	}

	static FleetReach of(FleetOutcome outcome) {
		return of(outcome.reach(), outcome.problems());
	}

	private static FleetReach of(Reach reach, Map<String, String> problems) {
		return new FleetReach(reach.answered().size() + reach.missing().size(), reach.answered().size(),
				reach.answered(), reach.missing(), problems);
	}

}
