package dev.wspolicy.relay;

import java.util.concurrent.ThreadLocalRandom;

import org.jspecify.annotations.Nullable;

import dev.wspolicy.pipeline.FramePipeline;
import dev.wspolicy.pipeline.PolicyBinding;
import dev.wspolicy.policy.FrameContext;
import dev.wspolicy.policy.Verdict;
import dev.wspolicy.session.PolicyTimingListener;

/**
 * Measures how long each policy takes for a frame. One frame in {@value #MEAN} is
 * measured, so that the others cost a count only.
 */
final class PolicyStopwatch implements FramePipeline.Observer {

	/**
	 * On average. Twice as many still fit into a byte.
	 */
	static final int MEAN = 64;

	private final PolicyTimingListener timer;

	private final RelayOutput clock;

	private final FrameContext context;

	/** When the policy was shown the frame. */
	private long since;

	private String policy = "";

	PolicyStopwatch(PolicyTimingListener timer, RelayOutput clock, FrameContext context) {
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

	@Override
	public void onShow(PolicyBinding binding) {
		this.policy = binding.name();
		this.since = this.clock.nanoTime();
	}

	@Override
	public void onAnswer(@Nullable Verdict verdict) {
		if (!(verdict instanceof Verdict.Later)) {
			stop();
		}
	}

	/** The policy has given its verdict, or nobody waits for it any more. */
	void stop() {
		this.timer.onTimed(this.context.session(), this.context.direction(), this.policy,
				this.clock.nanoTime() - this.since);
	}

}
