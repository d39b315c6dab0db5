package dev.wspolicy.policy;

import java.util.List;

import org.jspecify.annotations.Nullable;

import dev.wspolicy.frame.Frame;
import dev.wspolicy.session.ProxiedSession;
import dev.wspolicy.session.Termination;

/**
 * Is shown frames, and answers each with a {@link Verdict}.
 * <p>
 * One policy bean serves all sessions, so it keeps no state of its own per session; that
 * belongs into {@link ProxiedSession#attributes()}. All methods are called on the
 * session's event loop, for one session never two at a time, and must not block; a policy
 * that has to is declared {@link WsPolicy#blocking() blocking}, or answers
 * {@link Verdict#later later}. What happens when {@code apply} throws is said by
 * {@link WsPolicy#onError()}; what the others throw is logged and goes no further.
 */
@FunctionalInterface
public interface FramePolicy {

	/**
	 * Judge a frame.
	 * @param frame the frame: a whole message, unless the policy asked for
	 * {@link Granularity#FRAME}; readable until the verdict has settled
	 * @param context where the frame travels, and in which session
	 * @return the verdict, never {@code null}
	 */
	Verdict apply(Frame frame, FrameContext context);

	/**
	 * How long this policy, by its settings, may have frames wait with
	 * {@link Verdict#later later}: frames that it is shown itself, or those that other
	 * policies hold until it has done something. A pipeline that lists a policy which
	 * makes that as long as its {@code verdict-timeout}, or longer, stops start-up.
	 * @param listed all policies that the pipeline lists, in both directions
	 * @return the longest wait, or {@code null} if there is none or it is not known
	 */
	default @Nullable Wait longestWait(List<FramePolicy> listed) {
		return null;
	}

	/**
	 * A session has opened that this policy is bound to; no frame has passed yet.
	 * @param session the session
	 */
	default void onOpen(ProxiedSession session) {
	}

	/**
	 * A session that this policy is bound to is over, or goes on without it: its pipeline
	 * was replaced while it lived, by one that does without this policy. What the policy
	 * has {@link ProxiedSession#schedule scheduled} must be cancelled here, or it runs
	 * although the policy has gone.
	 * @param session the session
	 * @param termination how it ended; with the cause {@link Termination.Cause#REPLACED}
	 * if it goes on
	 */
	default void onClose(ProxiedSession session, Termination termination) {
	}

}
