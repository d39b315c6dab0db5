package dev.wspolicy.policy;

import java.time.Duration;

/**
 * The longest time for which a policy may delay a frame, and the setting that decides it.
 *
 * @param time the delay
 * @param setting the name of the setting, for the message of a failed start-up: relative
 * to the policy for one that a factory creates, the whole property for a bean
 */
public record MaxDelay(Duration time, String setting) {

}
