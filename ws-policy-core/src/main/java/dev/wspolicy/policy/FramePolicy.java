package dev.wspolicy.policy;

import java.util.List;

import org.jspecify.annotations.Nullable;

import dev.wspolicy.frame.Frame;
import dev.wspolicy.session.ProxiedSession;
import dev.wspolicy.session.Termination;

/**
 * Is shown frames, and answers each with a {@link Verdict}.
 * <p>
 * One policy bean serves all sessions, so it must not keep state of a session in its
 * fields; {@link ProxiedSession#attributes()} is the place for that. All methods but
 * {@code maxDelay} are called on the session's event loop, never two at a time for one
 * session, and must not block. A policy that blocks is declared
 * {@link WsPolicy#blocking() blocking}, or answers {@link Verdict#later later}.
 * <p>
 * {@link WsPolicy#onError()} decides what happens to a frame when {@code apply} throws.
 * An exception of {@code onOpen}, {@code onDetached} or {@code onClose} is logged, and
 * the session goes on.
 *
 * @see TextPolicy
 */
@FunctionalInterface
public interface FramePolicy {

	/**
	 * Decides what happens to a frame.
	 * @param frame the frame: a whole message, unless the policy asked for
	 * {@link Granularity#FRAME}; readable until its outcome has been decided
	 * @param context where the frame travels, and in which session
	 * @return the verdict, never {@code null}
	 */
	Verdict apply(Frame frame, FrameContext context);

	/**
	 * Returns how long this policy, as it is configured, may delay frames with
	 * {@link Verdict#later later}: those that it is shown itself, or those that other
	 * policies hold until it has acted. Start-up fails if that is not less than the
	 * {@code verdict-timeout} of a pipeline that lists this policy. Called at start-up,
	 * and when a refresh has changed the pipeline.
	 * @param listed all policies that the pipeline lists, in both directions
	 * @return the longest delay, or {@code null} if there is none or it is not known
	 */
	default @Nullable MaxDelay maxDelay(List<FramePolicy> listed) {
		return null;
	}

	/**
	 * Whether this policy can be {@linkplain PolicyMode#OBSERVE observed}: whether the
	 * traffic is the same to the peers if its verdicts have no effect. Start-up fails if
	 * a policy that cannot be observed is to be.
	 * @return {@code false} if the policy takes frames that are not meant for the other
	 * peer, such as credentials
	 */
	default boolean isObservable() {
		return true;
	}

	/**
	 * This policy begins to serve a session: a new one, before its first frame, or a live
	 * one whose pipeline a refresh has replaced by one with this policy, or where an
	 * operator has switched this policy to another mode.
	 * @param session the session
	 */
	default void onOpen(ProxiedSession session) {
	}

	/**
	 * A live session goes on without this policy: a refresh has replaced its pipeline by
	 * one that does not have it, or an operator has switched it off. Called in place of
	 * {@link #onClose}, after the last frame that this policy was shown. Also called,
	 * directly before {@link #onOpen}, if the session goes on with this policy in another
	 * mode; the message that is under way then is still shown in the former mode. What
	 * the policy has {@linkplain ProxiedSession#schedule scheduled} for the session still
	 * runs unless it is cancelled here.
	 * @param session the session, still open
	 */
	default void onDetached(ProxiedSession session) {
	}

	/**
	 * A session that this policy serves has ended: both sockets are closed.
	 * @param session the session
	 * @param termination how it ended
	 */
	default void onClose(ProxiedSession session, Termination termination) {
	}

}
