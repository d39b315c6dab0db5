package dev.wspolicy.session;

import org.jspecify.annotations.Nullable;

import dev.wspolicy.frame.CloseStatus;
import dev.wspolicy.frame.Direction;
import dev.wspolicy.session.VerdictCounts.Kind;

/**
 * A verdict of a policy whose verdicts are only observed. It had no effect.
 *
 * @param policy the name of the policy
 * @param direction the direction of the frame; {@code null} if the policy would have
 * closed the session without a frame, such as from a timer
 * @param kind what would have happened; {@link Kind#FAILED} if the policy failed
 * @param status the status that the sender of the frame, or the client, would have been
 * closed with; {@code null} if the session would have stayed open
 */
public record ObservedVerdict(String policy, @Nullable Direction direction, Kind kind, @Nullable CloseStatus status) {
}
