package dev.wspolicy.rollout;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;

import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

import dev.wspolicy.frame.CloseStatus;
import dev.wspolicy.frame.Direction;
import dev.wspolicy.frame.Frame;
import dev.wspolicy.frame.FrameAccess;
import dev.wspolicy.policy.FrameContext;
import dev.wspolicy.policy.FramePolicy;
import dev.wspolicy.policy.IllegalVerdictException;
import dev.wspolicy.policy.Verdict;
import dev.wspolicy.policy.VerdictRules;
import dev.wspolicy.session.ProxiedSession;
import dev.wspolicy.session.Termination;
import dev.wspolicy.session.VerdictCounts.Kind;

/**
 * Shows frames to a policy and forwards each of them, whatever the policy decides. What
 * it would have done is recorded. Nothing waits for a verdict that comes later.
 */
final class ObservedPolicy implements FramePolicy {

	private static final Log logger = LogFactory.getLog(ObservedPolicy.class);

	private final String name;

	private final FramePolicy policy;

	/** The sessions as the policy sees them. */
	private final Map<ProxiedSession, ObservedSession> sessions = new ConcurrentHashMap<>();

	/** Whether a failure has been logged. */
	private final AtomicBoolean failed = new AtomicBoolean();

	/**
	 * Creates a policy that has no effect.
	 * @param name the name that its verdicts are recorded by
	 * @param policy the policy to observe
	 */
	ObservedPolicy(String name, FramePolicy policy) {
		this.name = name;
		this.policy = policy;
	}

	private ObservedSession observed(ProxiedSession session) {
		ObservedSession observed = this.sessions.get(session);
		return (observed != null) ? observed
				: this.sessions.computeIfAbsent(session, (key) -> new ObservedSession(this.name, key));
	}

	/** Shows the policy the same session as before. */
	void takeOver(ProxiedSession session, ObservedPolicy former) {
		this.sessions.put(session, former.observed(session));
	}

	/** Another stage of the policy goes on with the session. */
	void forget(ProxiedSession session) {
		this.sessions.remove(session);
	}

	@Override
	public void onOpen(ProxiedSession session) {
		this.policy.onOpen(observed(session));
	}

	@Override
	public Verdict apply(Frame frame, FrameContext context) {
		ObservedSession session = observed(context.session());
		// A frame of its own, so that nothing this policy reads affects the others.
		KeptPayload payload = new KeptPayload(FrameAccess.payload(frame));
		Frame shown = FrameAccess.frame(frame.type(), frame.fin(), payload);
		Observation observation = new Observation(session, context.direction(), frame, shown);
		try {
			Verdict verdict = this.policy.apply(shown, new ObservedContext(context, session));
			if (verdict instanceof Verdict.Later) {
				payload.keep();
			}
			record(verdict, observation);
		}
		catch (Throwable ex) {
			recordFailure(ex, observation);
		}
		return Verdict.forward();
	}

	private void record(@Nullable Verdict verdict, Observation observation) {
		if (FrameAccess.isInvalidUtf8(observation.shown())) {
			// As if it were enforced, this outweighs the verdict.
			if (verdict instanceof Verdict.Later later) {
				later.cancellation().run();
			}
			throw new IllegalStateException("the text of the message is not UTF-8");
		}
		if (verdict == null) {
			throw new IllegalVerdictException("the policy returned null");
		}
		if (verdict instanceof Verdict.Later later) {
			await(later, observation);
		}
		else if (verdict != Verdict.Forward.INSTANCE) {
			VerdictRules.check(observation.shown(), verdict);
			observation.record(VerdictRules.kindOf(verdict), VerdictRules.statusOf(verdict, observation.direction()));
		}
	}

	private void await(Verdict.Later later, Observation observation) {
		ObservedSession session = observation.session();
		if (!session.await(later)) {
			later.cancellation().run();
			throw new IllegalStateException("too many of its verdicts are pending for one session");
		}
		later.verdict().whenComplete((verdict, failure) -> {
			if (session.arrived(later)) {
				arrived(verdict, failure, observation);
			}
		});
	}

	private void arrived(@Nullable Verdict verdict, @Nullable Throwable failure, Observation observation) {
		try {
			if (failure != null) {
				throw failure;
			}
			record(verdict, observation);
		}
		catch (Throwable ex) {
			recordFailure(ex, observation);
		}
	}

	private void recordFailure(Throwable failure, Observation observation) {
		observation.record(Kind.FAILED, null);
		if (this.failed.compareAndSet(false, true)) {
			logger.warn("The policy '" + this.name + "', whose verdicts are observed, failed on an "
					+ observation.direction() + " frame of session " + observation.session().id()
					+ ". Further failures are only counted.", failure);
		}
	}

	@Override
	public void onDetached(ProxiedSession session) {
		try {
			this.policy.onDetached(observed(session));
		}
		finally {
			end(session);
		}
	}

	@Override
	public void onClose(ProxiedSession session, Termination termination) {
		try {
			this.policy.onClose(observed(session), termination);
		}
		finally {
			end(session);
		}
	}

	private void end(ProxiedSession session) {
		ObservedSession observed = this.sessions.remove(session);
		if (observed != null) {
			observed.end();
		}
	}

	/**
	 * A frame that the policy has been shown.
	 *
	 * @param session its session, as the policy sees it
	 * @param direction its direction
	 * @param frame the frame that is relayed
	 * @param shown the frame that the policy reads
	 */
	private record Observation(ObservedSession session, Direction direction, Frame frame, Frame shown) {

		void record(Kind kind, @Nullable CloseStatus status) {
			this.session.record(this.direction, kind, status, this.frame);
		}

	}

}
