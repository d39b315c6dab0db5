package dev.wspolicy.policy;

import java.time.Duration;
import java.util.List;

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
 * {@link Verdict#later later}. What happens when a method throws is said by
 * {@link WsPolicy#onError()}.
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
	 * How long this policy may keep a frame waiting of its own accord, with
	 * {@link Verdict#later later}. A pipeline that lists a policy whose settings make
	 * that as long as its {@code verdict-timeout}, or longer, stops start-up.
	 * @return the time, zero if that is not known
	 */
	default Duration longestWait() {
		return Duration.ZERO;
	}

	/**
	 * How long this policy may keep a frame waiting in a pipeline, for one that waits for
	 * what other policies do. Start-up asks this, and not {@link #longestWait()}.
	 * @param listed all policies that the pipeline lists, in both directions
	 * @return the time, {@link #longestWait()} unless the others matter
	 */
	default Duration longestWait(List<FramePolicy> listed) {
		return longestWait();
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
