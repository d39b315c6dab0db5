package dev.wspolicy.autoconfigure;

import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicReference;
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
 * Calls blocking policies on threads that may block. The guarantees for policies still
 * hold: the calls for one session are sequential, {@code onOpen} comes first and
 * {@code onDetached} or {@code onClose} last.
 */
final class BlockingPolicyOffloader {

	private static final Log logger = LogFactory.getLog(BlockingPolicyOffloader.class);

	private final Executor executor = (task) -> Schedulers.boundedElastic().schedule(task);

	FramePolicy offload(FramePolicy policy) {
		return new OffloadedPolicy(policy, this.executor);
	}

	private static final class OffloadedPolicy implements DelegatingFramePolicy {

		private final FramePolicy policy;

		private final Executor executor;

		/**
		 * The last call for each session, by id. The next call starts when it has
		 * completed. An observed policy sees a session as another object.
		 */
		private final Map<String, CompletionStage<?>> last = new ConcurrentHashMap<>();

		OffloadedPolicy(FramePolicy policy, Executor executor) {
			this.policy = policy;
			this.executor = executor;
		}

		@Override
		public FramePolicy delegate() {
			return this.policy;
		}

		@Override
		public void onOpen(ProxiedSession session) {
			callBack(session, "onOpen", () -> this.policy.onOpen(session));
		}

		@Override
		public Verdict apply(Frame frame, FrameContext context) {
			Cancellation cancellation = new Cancellation();
			return new Verdict.Later(call(context.session(), () -> this.policy.apply(frame, context))
				.thenCompose((verdict) -> flatten(verdict, cancellation)), cancellation);
		}

		@Override
		public void onDetached(ProxiedSession session) {
			forgetAfter(session, callBack(session, "onDetached", () -> this.policy.onDetached(session)));
		}

		@Override
		public void onClose(ProxiedSession session, Termination termination) {
			forgetAfter(session, callBack(session, "onClose", () -> this.policy.onClose(session, termination)));
		}

		private void forgetAfter(ProxiedSession session, CompletionStage<?> last) {
			// Only after the call: a session that goes on may come back to this policy.
			last.whenComplete((result, failure) -> this.last.remove(session.id(), last));
		}

		private CompletionStage<?> callBack(ProxiedSession session, String what, Runnable callback) {
			return call(session, () -> {
				try {
					callback.run();
				}
				catch (Throwable ex) {
					// Nobody waits for the result, so the failure would be lost.
					logger.warn(
							what + " of " + this.policy.getClass().getName() + " failed for session " + session.id(),
							ex);
				}
				return null;
			});
		}

		private <T extends @Nullable Object> CompletionStage<T> call(ProxiedSession session, Supplier<T> task) {
			CompletionStage<?> previous = this.last.getOrDefault(session.id(), CompletableFuture.completedFuture(null));
			CompletionStage<T> call = previous.handleAsync((result, failure) -> task.get(), this.executor);
			this.last.put(session.id(), call);
			return call;
		}

		private static CompletionStage<Verdict> flatten(Verdict verdict, Cancellation cancellation) {
			if (verdict instanceof Verdict.Later later) {
				cancellation.passOnTo(later.cancellation());
				return later.verdict();
			}
			return CompletableFuture.completedFuture(verdict);
		}

	}

	/**
	 * Cancels the delayed verdict of a blocking policy. The cancellation may come before
	 * or after that verdict is known.
	 */
	private static final class Cancellation implements Runnable {

		private static final Runnable CANCELLED = () -> {
		};

		private final AtomicReference<@Nullable Runnable> next = new AtomicReference<>();

		void passOnTo(Runnable next) {
			if (!this.next.compareAndSet(null, next)) {
				next.run();
			}
		}

		@Override
		public void run() {
			Runnable next = this.next.getAndSet(CANCELLED);
			if (next != null) {
				next.run();
			}
		}

	}

}
