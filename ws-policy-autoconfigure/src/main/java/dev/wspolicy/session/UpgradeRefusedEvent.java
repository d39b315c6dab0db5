package dev.wspolicy.session;

import org.springframework.http.HttpStatusCode;

/**
 * A request for a session was answered with something other than 101, by this gateway or
 * by the upstream.
 *
 * @param upgrade the request
 * @param status the answer
 */
public record UpgradeRefusedEvent(UpgradeContext upgrade, HttpStatusCode status) implements SessionEvent {

}
