package dev.wspolicy.session;

import java.time.Duration;

/**
 * For how long sessions have occupied their event loops. A turn is the work for one
 * session that an event loop does without interruption: the input of one read loop, up to
 * the turn budget, with all policies that run on the loop, or one task of the session.
 *
 * @param count the number of turns
 * @param total the sum of their times
 * @param longest the time of the longest turn in the current and in the previous minute
 */
public record LoopTurns(long count, Duration total, Duration longest) {

	/**
	 * No turn.
	 */
	public static final LoopTurns NONE = new LoopTurns(0, Duration.ZERO, Duration.ZERO);

}
