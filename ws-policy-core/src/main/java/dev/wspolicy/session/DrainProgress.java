package dev.wspolicy.session;

import java.time.Duration;
import java.time.Instant;

/**
 * The progress of a drain.
 *
 * @param since when it began
 * @param window the time within which the sessions are closed
 * @param code the close code for the clients
 * @param sessions the number of live sessions when it began
 * @param left the number of sessions that still live
 */
public record DrainProgress(Instant since, Duration window, int code, int sessions, int left) {

}
