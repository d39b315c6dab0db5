package dev.wspolicy.policy;

import java.time.Duration;

/**
 * How long a policy may have frames wait of its own accord, and why.
 *
 * @param time how long
 * @param setting the setting that says so: as it stands in YAML below the policy if a
 * factory has made that, the whole property for a bean
 */
public record Wait(Duration time, String setting) {

}
