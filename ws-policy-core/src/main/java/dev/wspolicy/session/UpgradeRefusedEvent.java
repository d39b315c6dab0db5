package dev.wspolicy.session;

import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatusCode;

/**
 * An upgrade request was answered with something other than 101, by this gateway or by
 * the upstream.
 *
 * @param upgrade the request
 * @param status the status of the response
 * @param policy the name of the policy that refused the request or failed, or
 * {@code null} if there is none
 */
public record UpgradeRefusedEvent(UpgradeContext upgrade, HttpStatusCode status,
		@Nullable String policy) implements SessionEvent {

}
