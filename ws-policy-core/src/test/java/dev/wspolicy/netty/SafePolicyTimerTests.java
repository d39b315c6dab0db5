package dev.wspolicy.netty;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.mockito.Mockito;

import dev.wspolicy.frame.Direction;
import dev.wspolicy.session.PolicyTimingListener;
import dev.wspolicy.session.ProxiedSession;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * {@link SafePolicyTimer}.
 */
class SafePolicyTimerTests {

	static Stream<Throwable> failures() {
		return Stream.of(new IllegalStateException("on purpose"), new StackOverflowError("on purpose"),
				new NoClassDefFoundError("on purpose"), new AssertionError("on purpose"));
	}

	@ParameterizedTest
	@MethodSource("failures")
	void failuresStayWithTheTimer(Throwable failure) {
		ProxiedSession session = Mockito.mock(ProxiedSession.class);
		List<String> told = new ArrayList<>();
		PolicyTimingListener timer = new SafePolicyTimer((of, direction, policy, nanos) -> {
			told.add(direction + " " + policy + " " + nanos + " " + (of == session));
			if (nanos < 3) {
				throwUnchecked(failure);
			}
		});
		for (long nanos = 1; nanos <= 3; nanos++) {
			timer.onTimed(session, Direction.INBOUND, "policy", nanos);
		}
		assertThat(told).containsExactly("INBOUND policy 1 true", "INBOUND policy 2 true", "INBOUND policy 3 true");
	}

	private static void throwUnchecked(Throwable failure) {
		if (failure instanceof Error error) {
			throw error;
		}
		throw (RuntimeException) failure;
	}

}
