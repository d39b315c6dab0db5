package dev.wspolicy.actuate;

import java.time.Duration;
import java.util.List;
import java.util.Set;

import org.springframework.boot.actuate.endpoint.Show;

/**
 * What taps may show.
 *
 * @param showValues when payloads are shown
 * @param roles who is authorized to see them; empty for all who are authenticated
 * @param maxDuration how long a tap may run
 * @param maxRate how many records per second a tap may ask for
 * @param maxBytes how many bytes of a payload a tap may ask for
 * @param pointers JSON pointers to what is never shown of a payload
 * @param patterns regular expressions for what is never shown of a payload
 */
public record TapSettings(Show showValues, Set<String> roles, Duration maxDuration, int maxRate, int maxBytes,
		List<String> pointers, List<String> patterns) {

	public TapSettings {
		roles = Set.copyOf(roles);
		pointers = List.copyOf(pointers);
		patterns = List.copyOf(patterns);
	}

}
