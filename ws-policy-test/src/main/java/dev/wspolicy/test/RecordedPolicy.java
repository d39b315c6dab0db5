package dev.wspolicy.test;

import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;

import org.jspecify.annotations.Nullable;

import dev.wspolicy.frame.Direction;
import dev.wspolicy.frame.Frame;
import dev.wspolicy.pipeline.PolicyBinding;
import dev.wspolicy.pipeline.SessionPipeline;
import dev.wspolicy.policy.FrameContext;
import dev.wspolicy.policy.FramePolicy;
import dev.wspolicy.policy.MaxDelay;
import dev.wspolicy.policy.Verdict;
import dev.wspolicy.session.ProxiedSession;
import dev.wspolicy.session.Termination;

/**
 * A policy whose verdicts and failures are recorded. It changes none of them.
 *
 * @param name the name of the policy
 * @param policy the policy
 * @param records where to record
 */
record RecordedPolicy(String name, FramePolicy policy, PolicyRecords records) implements FramePolicy {

	/** Returns a pipeline with the same policies, which are recorded. */
	static SessionPipeline all(SessionPipeline pipeline, PolicyRecords records) {
		Map<FramePolicy, FramePolicy> recorded = new IdentityHashMap<>();
		return SessionPipeline.of(pipeline.name(), pipeline.settings(),
				all(pipeline, Direction.INBOUND, recorded, records),
				all(pipeline, Direction.OUTBOUND, recorded, records));
	}

	private static List<PolicyBinding> all(SessionPipeline pipeline, Direction direction,
			Map<FramePolicy, FramePolicy> recorded, PolicyRecords records) {
		// The control stage lists every policy of its direction.
		return pipeline.policies(direction)
			.control()
			.bindings()
			.stream()
			.map((binding) -> binding.policy(recorded.computeIfAbsent(binding.policy(),
					(policy) -> new RecordedPolicy(binding.name(), policy, records))))
			.toList();
	}

	@Override
	public Verdict apply(Frame frame, FrameContext context) {
		Verdict verdict;
		try {
			verdict = this.policy.apply(frame, context);
		}
		catch (Throwable ex) {
			this.records.failed(this.name, ex);
			throw ex;
		}
		if (verdict instanceof Verdict.Later later) {
			return await(later);
		}
		this.records.returned(this.name, verdict);
		return verdict;
	}

	private Verdict await(Verdict.Later later) {
		this.records.suspended(this.name);
		AtomicBoolean over = new AtomicBoolean();
		// Registered before the engine does so: a CompletableFuture calls back in reverse
		// order, so that the engine knows of the verdict once it is not pending here.
		later.verdict().whenComplete((verdict, failure) -> {
			if (over.compareAndSet(false, true)) {
				if (failure != null) {
					this.records.failed(this.name, failure);
				}
				else {
					this.records.returned(this.name, verdict);
				}
				this.records.resumed();
			}
		});
		return new Verdict.Later(later.verdict(), () -> {
			if (over.compareAndSet(false, true)) {
				this.records.abandoned(this.name);
				this.records.resumed();
			}
			later.cancellation().run();
		});
	}

	@Override
	public @Nullable MaxDelay maxDelay(List<FramePolicy> listed) {
		return this.policy.maxDelay(listed);
	}

	@Override
	public void onOpen(ProxiedSession session) {
		callBack("onOpen", () -> this.policy.onOpen(session));
	}

	@Override
	public void onDetached(ProxiedSession session) {
		callBack("onDetached", () -> this.policy.onDetached(session));
	}

	@Override
	public void onClose(ProxiedSession session, Termination termination) {
		callBack("onClose", () -> this.policy.onClose(session, termination));
	}

	private void callBack(String method, Runnable callback) {
		try {
			callback.run();
		}
		catch (Throwable ex) {
			this.records.failed(this.name + "." + method, ex);
			throw ex;
		}
	}

}
