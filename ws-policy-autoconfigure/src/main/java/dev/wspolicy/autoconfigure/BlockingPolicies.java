package dev.wspolicy.autoconfigure;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;

import reactor.core.scheduler.Schedulers;

import dev.wspolicy.frame.Frame;
import dev.wspolicy.policy.FrameContext;
import dev.wspolicy.policy.FramePolicy;
import dev.wspolicy.policy.Verdict;
import dev.wspolicy.session.ProxiedSession;
import dev.wspolicy.session.Termination;

/**
 * Takes policies that block to threads that may.
 */
final class BlockingPolicies {

	private final Executor executor = (task) -> Schedulers.boundedElastic().schedule(task);

	FramePolicy offLoad(FramePolicy policy) {
		return new OffLoaded(policy, this.executor);
	}

	private record OffLoaded(FramePolicy policy, Executor executor) implements FramePolicy {

		@Override
		public Verdict apply(Frame frame, FrameContext context) {
			return Verdict.later(CompletableFuture.supplyAsync(() -> this.policy.apply(frame, context), this.executor)
				.thenCompose(OffLoaded::flatten));
		}

		private static CompletableFuture<Verdict> flatten(Verdict verdict) {
			return (verdict instanceof Verdict.Later later) ? later.verdict().toCompletableFuture()
					: CompletableFuture.completedFuture(verdict);
		}

		@Override
		public void onOpen(ProxiedSession session) {
			this.executor.execute(() -> this.policy.onOpen(session));
		}

		@Override
		public void onClose(ProxiedSession session, Termination termination) {
			this.executor.execute(() -> this.policy.onClose(session, termination));
		}

	}

}
