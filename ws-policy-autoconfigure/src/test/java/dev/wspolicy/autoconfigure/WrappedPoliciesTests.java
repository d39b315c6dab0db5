package dev.wspolicy.autoconfigure;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

import org.junit.jupiter.api.Test;
import org.mockito.Mockito;

import dev.wspolicy.frame.Frame;
import dev.wspolicy.frame.TextFrame;
import dev.wspolicy.policy.FrameContext;
import dev.wspolicy.policy.FramePolicy;
import dev.wspolicy.policy.Verdict;
import dev.wspolicy.policy.Wait;
import dev.wspolicy.session.ProxiedSession;
import dev.wspolicy.session.Termination;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What stands around a policy does not hide it.
 */
class WrappedPoliciesTests {

	@Test
	void longestWaitIsThatOfThePolicy() {
		FramePolicy policy = new Waiting();
		BlockingPolicies blocking = new BlockingPolicies();
		assertThat(List.of(blocking.offLoad(policy), new MdcPolicy(policy), blocking.offLoad(new MdcPolicy(policy))))
			.allSatisfy((wrapped) -> {
				assertThat(wrapped.longestWait(List.of(policy))).isEqualTo(new Wait(Duration.ofSeconds(8), "wait"));
				assertThat(WrappedPolicy.unwrap(wrapped)).isSameAs(policy);
			});
	}

	@Test
	void blockingPolicyThatASessionComesBackToIsCalledOnceAtATime() throws Exception {
		CountDownLatch closing = new CountDownLatch(1);
		CountDownLatch opened = new CountDownLatch(1);
		CompletableFuture<Boolean> openedWhileClosing = new CompletableFuture<>();
		FramePolicy policy = new BlockingPolicies().offLoad(new Waiting() {

			private int calls;

			@Override
			public void onOpen(ProxiedSession session) {
				if (this.calls++ > 0) {
					opened.countDown();
				}
			}

			@Override
			public void onClose(ProxiedSession session, Termination termination) {
				closing.countDown();
				try {
					openedWhileClosing.complete(opened.await(200, TimeUnit.MILLISECONDS));
				}
				catch (InterruptedException ex) {
					Thread.currentThread().interrupt();
				}
			}

		});
		ProxiedSession session = Mockito.mock(ProxiedSession.class);
		policy.onOpen(session);
		policy.onClose(session, Mockito.mock(Termination.class));
		assertThat(closing.await(30, TimeUnit.SECONDS)).isTrue();
		policy.onOpen(session);
		assertThat(openedWhileClosing.get(30, TimeUnit.SECONDS)).isFalse();
		assertThat(opened.await(30, TimeUnit.SECONDS)).isTrue();
	}

	private static class Waiting implements FramePolicy {

		@Override
		public Wait longestWait(List<FramePolicy> listed) {
			return new Wait(Duration.ofSeconds(7 + listed.size()), "wait");
		}

		@Override
		public Verdict apply(Frame frame, FrameContext context) {
			return Verdict.replace(TextFrame.of("waited"));
		}

	}

}
