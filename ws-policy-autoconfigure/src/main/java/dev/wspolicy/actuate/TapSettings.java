package dev.wspolicy.actuate;

import java.time.Duration;
import java.util.List;
import java.util.Set;

import org.springframework.boot.actuate.endpoint.Show;

/**
 * The settings of the tap endpoint.
 *
 * @param showValues when payloads are shown
 * @param roles the roles that are authorized to see payloads; empty for all authenticated
 * users
 * @param maxDuration the maximum duration of a tap
 * @param maxRate the maximum number of records per second
 * @param maxBytes the maximum number of payload bytes per record
 * @param pointers JSON pointers to values that are never shown
 * @param patterns regular expressions for text that is never shown
 */
public record TapSettings(Show showValues, Set<String> roles, Duration maxDuration, int maxRate, int maxBytes,
		List<String> pointers, List<String> patterns) {

	public TapSettings {
		roles = Set.copyOf(roles);
		pointers = List.copyOf(pointers);
		patterns = List.copyOf(patterns);
	}

}
