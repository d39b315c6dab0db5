package dev.wspolicy.builtin.security;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CyclicBarrier;

import org.junit.jupiter.api.Test;

import dev.wspolicy.policy.FramePolicy;
import dev.wspolicy.policy.Verdict;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The authentication state of a session.
 */
class AuthenticationGateTests {

	private final FramePolicy policy = (frame, context) -> Verdict.forward();

	@Test
	void isDecidedOnceTheClientHasAuthenticated() {
		AuthenticationGate gate = new AuthenticationGate();
		gate.require(this.policy, () -> {
		});
		assertThat(gate.decided()).isNotDone();
		gate.open();
		assertThat(gate.decided()).isDone();
		assertThat(gate.isOpen()).isTrue();
		assertThat(gate.authenticated()).isDone();
	}

	@Test
	void isDecidedEvenIfAPolicyRequiresAuthenticationMeanwhile() throws Exception {
		for (int i = 0; i < 5_000; i++) {
			AuthenticationGate gate = new AuthenticationGate();
			CyclicBarrier start = new CyclicBarrier(2);
			CompletableFuture<Void> opened = CompletableFuture.runAsync(() -> {
				await(start);
				gate.open();
			});
			await(start);
			gate.require(this.policy, () -> {
			});
			opened.join();
			assertThat(gate.decided()).isDone();
		}
	}

	private static void await(CyclicBarrier barrier) {
		try {
			barrier.await();
		}
		catch (Exception ex) {
			throw new IllegalStateException(ex);
		}
	}

}
