package dev.wspolicy.autoconfigure;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

import org.junit.jupiter.api.Test;
import org.mockito.BDDMockito;
import org.mockito.Mockito;
import org.slf4j.MDC;

import dev.wspolicy.frame.Frame;
import dev.wspolicy.frame.TextFrame;
import dev.wspolicy.policy.FrameContext;
import dev.wspolicy.policy.FramePolicy;
import dev.wspolicy.policy.MaxDelay;
import dev.wspolicy.policy.Verdict;
import dev.wspolicy.session.ProxiedSession;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests that the properties of a wrapped policy remain visible.
 */
class DelegatingFramePolicyTests {

	@Test
	void maxDelayIsDelegated() {
		FramePolicy policy = new Waiting();
		BlockingPolicyOffloader blocking = new BlockingPolicyOffloader();
		assertThat(List.of(blocking.offload(policy), new MdcPolicy(policy), blocking.offload(new MdcPolicy(policy))))
			.allSatisfy((wrapped) -> {
				assertThat(wrapped.maxDelay(List.of(policy))).isEqualTo(new MaxDelay(Duration.ofSeconds(8), "wait"));
				assertThat(DelegatingFramePolicy.unwrap(wrapped)).isSameAs(policy);
			});
	}

	@Test
	void blockingPolicyThatASessionReturnsToIsCalledSequentially() throws Exception {
		CountDownLatch closing = new CountDownLatch(1);
		CountDownLatch called = new CountDownLatch(1);
		CountDownLatch opened = new CountDownLatch(1);
		CompletableFuture<Boolean> openedWhileClosing = new CompletableFuture<>();
		FramePolicy policy = new BlockingPolicyOffloader().offload(new Waiting() {

			private int calls;

			@Override
			public void onOpen(ProxiedSession session) {
				if (this.calls++ > 0) {
					opened.countDown();
				}
			}

			@Override
			public void onDetached(ProxiedSession session) {
				closing.countDown();
				try {
					called.await();
					openedWhileClosing.complete(opened.await(200, TimeUnit.MILLISECONDS));
				}
				catch (InterruptedException ex) {
					Thread.currentThread().interrupt();
				}
			}

		});
		ProxiedSession session = Mockito.mock(ProxiedSession.class);
		BDDMockito.given(session.id()).willReturn("s");
		policy.onOpen(session);
		policy.onDetached(session);
		assertThat(closing.await(30, TimeUnit.SECONDS)).isTrue();
		policy.onOpen(session);
		called.countDown();
		assertThat(openedWhileClosing.get(30, TimeUnit.SECONDS)).isFalse();
		assertThat(opened.await(30, TimeUnit.SECONDS)).isTrue();
	}

	@Test
	void policyHearsThatTheSessionGoesOnWithoutIt() throws Exception {
		List<String> calls = new CopyOnWriteArrayList<>();
		CountDownLatch told = new CountDownLatch(1);
		FramePolicy policy = new BlockingPolicyOffloader().offload(new MdcPolicy(new Waiting() {

			@Override
			public void onDetached(ProxiedSession session) {
				calls.add(session.id() + " " + MDC.get(MdcPolicy.KEY));
				told.countDown();
			}

		}));
		ProxiedSession session = Mockito.mock(ProxiedSession.class);
		BDDMockito.given(session.id()).willReturn("s1");
		policy.onOpen(session);
		policy.onDetached(session);
		assertThat(told.await(30, TimeUnit.SECONDS)).isTrue();
		assertThat(calls).containsExactly("s1 s1");
	}

	private static class Waiting implements FramePolicy {

		@Override
		public MaxDelay maxDelay(List<FramePolicy> listed) {
			return new MaxDelay(Duration.ofSeconds(7 + listed.size()), "wait");
		}

		@Override
		public Verdict apply(Frame frame, FrameContext context) {
			return Verdict.replace(TextFrame.of("waited"));
		}

	}

}
