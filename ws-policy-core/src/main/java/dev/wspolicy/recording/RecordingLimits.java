package dev.wspolicy.recording;

import java.time.Duration;

/**
 * The limits of a recording.
 *
 * @param maxBytes the maximum size of the file in bytes
 * @param maxDuration the maximum time from the first line on
 */
public record RecordingLimits(long maxBytes, Duration maxDuration) {

}
