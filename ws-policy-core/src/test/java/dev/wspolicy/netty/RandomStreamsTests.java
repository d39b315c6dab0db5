package dev.wspolicy.netty;

import java.util.function.Consumer;

import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import dev.wspolicy.testkit.QuietLog;

/**
 * Sessions made up by chance, on sockets that take a few bytes now and then: whatever is
 * compressed, replaced, answered and sent in between, each peer gets what it is to get,
 * in order, and nothing is left of a session that has ended, even for lack of memory.
 */
@ExtendWith(QuietLog.class)
class RandomStreamsTests {

	private static final int SESSIONS = 50;

	@ParameterizedTest
	@ValueSource(ints = { 0, 1, 2, 3 })
	void sessionsMadeUpByChance(int round) {
		run(round, RandomSession::run);
	}

	@ParameterizedTest
	@ValueSource(ints = { 4, 5, 6, 7 })
	void memoryRunsOut(int round) {
		run(round, (session) -> session.runWithMemoryFor(1 + session.random.nextInt(60)));
	}

	private static void run(int round, Consumer<RandomSession> run) {
		for (int seed = round * SESSIONS; seed < (round + 1) * SESSIONS; seed++) {
			RandomSession session = new RandomSession(seed);
			try {
				run.accept(session);
			}
			catch (RuntimeException | AssertionError ex) {
				throw new AssertionError("Session " + seed + " " + session, ex);
			}
		}
	}

}
