package dev.wspolicy.relay;

import java.util.List;
import java.util.Map;

import org.jspecify.annotations.Nullable;

import dev.wspolicy.frame.Direction;
import dev.wspolicy.pipeline.FramePipeline;
import dev.wspolicy.pipeline.PolicyBinding;
import dev.wspolicy.session.VerdictCounts;
import dev.wspolicy.session.VerdictCounts.Kind;

/**
 * The policies of one stage, and how often each has given which verdict. Written on the
 * event loop; other threads may see the numbers late.
 */
final class StageTally {

	private static final int KINDS = Kind.values().length;

	/** One for all stages without policies, which have nothing to count. */
	private static final StageTally NONE = new StageTally(FramePipeline.EMPTY);

	final FramePipeline policies;

	/** By position; what a forwarded frame pays for is an addition per policy. */
	final long[] forwarded;

	/** By position and kind; most sessions never need it. */
	private long @Nullable [] others;

	private StageTally(FramePipeline policies) {
		this.policies = policies;
		this.forwarded = new long[policies.bindings().size()];
	}

	static StageTally of(FramePipeline policies) {
		return policies.bindings().isEmpty() ? NONE : new StageTally(policies);
	}

	/** The policy that was asked last about a frame has given a verdict. */
	void count(Work work, Kind kind) {
		int position = work.asked();
		if (kind == Kind.FORWARD) {
			this.forwarded[position]++;
			return;
		}
		if (this.others == null) {
			this.others = new long[this.forwarded.length * KINDS];
		}
		this.others[position * KINDS + kind.ordinal()]++;
	}

	void addTo(Map<String, VerdictCounts> sums, Direction direction) {
		List<PolicyBinding> bindings = this.policies.bindings();
		long[] others = this.others;
		for (int i = 0; i < this.forwarded.length; i++) {
			String policy = bindings.get(i).name();
			VerdictCounts counts = new VerdictCounts(policy, direction, this.forwarded[i],
					other(others, i, Kind.REPLACE), other(others, i, Kind.DROP), other(others, i, Kind.REPLY),
					other(others, i, Kind.CLOSE), other(others, i, Kind.FAILED));
			sums.merge(policy, counts, VerdictCounts::plus);
		}
	}

	private static long other(long @Nullable [] others, int position, Kind kind) {
		return (others != null) ? others[position * KINDS + kind.ordinal()] : 0;
	}

}
