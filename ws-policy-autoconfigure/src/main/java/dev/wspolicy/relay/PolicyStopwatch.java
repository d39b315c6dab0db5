package dev.wspolicy.relay;

import java.util.concurrent.ThreadLocalRandom;

import org.jspecify.annotations.Nullable;

import dev.wspolicy.pipeline.PolicyBinding;
import dev.wspolicy.policy.FrameContext;
import dev.wspolicy.policy.Verdict;
import dev.wspolicy.session.PolicyTimer;
import dev.wspolicy.session.VerdictCounts.Kind;

/**
 * Shows a frame to the policies as {@link dev.wspolicy.pipeline.FramePipeline#run} does,
 * and takes the time of each. One frame in {@value #MEAN} is picked, so that the others
 * pay for a count only.
 */
final class PolicyStopwatch {

	/**
	 * On average. As twice as many still fit, the count is a byte, which is a hole in the
	 * memory of the one who counts.
	 */
	static final int MEAN = 64;

	private final PolicyTimer timer;

	private final Outbox clock;

	private final FrameContext context;

	PolicyStopwatch(PolicyTimer timer, Outbox clock, FrameContext context) {
		this.timer = timer;
		this.clock = clock;
		this.context = context;
	}

	/** How many frames it takes to the first: any of them is as likely as the others. */
	static byte first() {
		return (byte) (1 + ThreadLocalRandom.current().nextInt(MEAN));
	}

	/** How many it takes to the next: not always the same, as traffic may be regular. */
	static byte next() {
		return (byte) (1 + ThreadLocalRandom.current().nextInt(2 * MEAN - 1));
	}

	@Nullable Verdict run(Work work) {
		PolicyBinding binding = work.policies.next(work.type, work);
		while (binding != null) {
			Verdict verdict = ask(binding, work);
			if (verdict != Verdict.Forward.INSTANCE) {
				return verdict;
			}
			work.tally.count(work, Kind.FORWARD);
			binding = work.policies.next(work.type, work);
		}
		return Verdict.Forward.INSTANCE;
	}

	private @Nullable Verdict ask(PolicyBinding binding, Work work) {
		long since = this.clock.nanoTime();
		boolean settled = true;
		try {
			Verdict verdict = binding.policy().apply(work.frame, this.context);
			if (verdict instanceof Verdict.Later later) {
				settled = false;
				later.verdict().whenComplete((answer, failure) -> judged(binding, since));
			}
			return verdict;
		}
		finally {
			if (settled) {
				judged(binding, since);
			}
		}
	}

	private void judged(PolicyBinding binding, long since) {
		this.timer.onJudged(this.context.session(), this.context.direction(), binding.name(),
				this.clock.nanoTime() - since);
	}

}
