package dev.wspolicy.relay;

import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import dev.wspolicy.testkit.QuietLog;

/**
 * Thousands of sessions made up by chance. What each of them must keep to is checked by
 * {@link RelayScript} and {@link ScriptLeg} at each step; here it is checked that what
 * passes the policies is delivered in order, none lost and none twice, that each session
 * ends, and that what observed policies would have done is recorded and makes no other
 * difference.
 */
@ExtendWith(QuietLog.class)
class RelayRandomTests extends AbstractRelayTests {

	private static final int SESSIONS = 1000;

	@ParameterizedTest
	@ValueSource(ints = { 0, 1, 2, 3, 4, 5, 6, 7 })
	void sessionsMadeUpByChance(int round) {
		for (int seed = round * SESSIONS; seed < (round + 1) * SESSIONS; seed++) {
			RandomSession session = new RandomSession(seed);
			try {
				session.run();
			}
			catch (RuntimeException | AssertionError ex) {
				throw new AssertionError("Session " + seed + ": " + session.steps, ex);
			}
		}
	}

}
