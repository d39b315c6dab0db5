package dev.wspolicy.netty;

import java.util.ArrayList;
import java.util.List;

import org.junit.jupiter.api.Test;
import org.mockito.Mockito;

import dev.wspolicy.frame.Direction;
import dev.wspolicy.session.PolicyTimingListener;
import dev.wspolicy.session.ProxiedSession;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * {@link SafePolicyTimer}.
 */
class SafePolicyTimerTests {

	@Test
	void failuresStayWithTheTimer() {
		ProxiedSession session = Mockito.mock(ProxiedSession.class);
		List<String> told = new ArrayList<>();
		PolicyTimingListener timer = new SafePolicyTimer((of, direction, policy, nanos) -> {
			told.add(direction + " " + policy + " " + nanos + " " + (of == session));
			if (nanos < 3) {
				throw new IllegalStateException("on purpose");
			}
		});
		for (long nanos = 1; nanos <= 3; nanos++) {
			timer.onTimed(session, Direction.INBOUND, "policy", nanos);
		}
		assertThat(told).containsExactly("INBOUND policy 1 true", "INBOUND policy 2 true", "INBOUND policy 3 true");
	}

}
