package dev.wspolicy.session;

import java.time.Duration;
import java.time.Instant;

/**
 * How far a drain has come.
 *
 * @param since when it began
 * @param window over how long the sessions are told to go
 * @param sessions how many lived when it began
 * @param left how many live still
 */
public record DrainProgress(Instant since, Duration window, int sessions, int left) {

}
