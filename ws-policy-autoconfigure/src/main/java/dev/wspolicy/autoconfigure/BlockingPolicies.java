package dev.wspolicy.autoconfigure;

import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.function.Supplier;

import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;
import reactor.core.scheduler.Schedulers;

import dev.wspolicy.frame.Frame;
import dev.wspolicy.policy.FrameContext;
import dev.wspolicy.policy.FramePolicy;
import dev.wspolicy.policy.Verdict;
import dev.wspolicy.session.ProxiedSession;
import dev.wspolicy.session.Termination;

/**
 * Takes policies that block to threads that may. What is promised to all policies holds
 * there too: for one session one call at a time, onOpen first and onClose last.
 */
final class BlockingPolicies {

	private static final Log logger = LogFactory.getLog(BlockingPolicies.class);

	private final Executor executor = (task) -> Schedulers.boundedElastic().schedule(task);

	FramePolicy offLoad(FramePolicy policy) {
		return new OffLoaded(policy, this.executor);
	}

	private static final class OffLoaded implements WrappedPolicy {

		private final FramePolicy policy;

		private final Executor executor;

		/** The last call for each session, which the next one waits for. */
		private final Map<ProxiedSession, CompletionStage<?>> last = new ConcurrentHashMap<>();

		OffLoaded(FramePolicy policy, Executor executor) {
			this.policy = policy;
			this.executor = executor;
		}

		@Override
		public FramePolicy policy() {
			return this.policy;
		}

		@Override
		public void onOpen(ProxiedSession session) {
			callBack(session, "onOpen", () -> this.policy.onOpen(session));
		}

		@Override
		public Verdict apply(Frame frame, FrameContext context) {
			return Verdict.later(
					call(context.session(), () -> this.policy.apply(frame, context)).thenCompose(OffLoaded::flatten));
		}

		@Override
		public void onClose(ProxiedSession session, Termination termination) {
			CompletionStage<?> last = callBack(session, "onClose", () -> this.policy.onClose(session, termination));
			// Not before: the session may go on, and come back to this policy.
			last.whenComplete((result, failure) -> this.last.remove(session, last));
		}

		private CompletionStage<?> callBack(ProxiedSession session, String what, Runnable callback) {
			return call(session, () -> {
				try {
					callback.run();
				}
				catch (Throwable ex) {
					// Nobody waits for it: what is not logged here is lost.
					logger.warn(
							what + " of " + this.policy.getClass().getName() + " failed for session " + session.id(),
							ex);
				}
				return null;
			});
		}

		private <T extends @Nullable Object> CompletionStage<T> call(ProxiedSession session, Supplier<T> task) {
			CompletionStage<?> previous = this.last.getOrDefault(session, CompletableFuture.completedFuture(null));
			CompletionStage<T> call = previous.handleAsync((result, failure) -> task.get(), this.executor);
			this.last.put(session, call);
			return call;
		}

		private static CompletionStage<Verdict> flatten(Verdict verdict) {
			return (verdict instanceof Verdict.Later later) ? later.verdict()
					: CompletableFuture.completedFuture(verdict);
		}

	}

}
