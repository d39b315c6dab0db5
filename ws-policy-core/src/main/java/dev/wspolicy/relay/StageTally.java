package dev.wspolicy.relay;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

import org.jspecify.annotations.Nullable;

import dev.wspolicy.frame.Direction;
import dev.wspolicy.pipeline.FramePipeline;
import dev.wspolicy.pipeline.PolicyBinding;
import dev.wspolicy.session.VerdictCounts;
import dev.wspolicy.session.VerdictCounts.Kind;

/**
 * The policies of one stage, and how often each has given which verdict. Written on the
 * event loop; other threads may see old numbers.
 */
final class StageTally {

	private static final int KINDS = Kind.values().length;

	/** Shared by all stages without policies, by stage: they have nothing to count. */
	private static final StageTally[] NONE = Stream.of(Stage.values())
		.map((stage) -> new StageTally(stage, FramePipeline.EMPTY))
		.toArray(StageTally[]::new);

	final Stage stage;

	final FramePipeline policies;

	/** By position; a forwarded frame costs one addition per policy. */
	final long[] forwarded;

	/** By position and kind; allocated with the first verdict that is not forward. */
	private long @Nullable [] others;

	/** By position: how many frames have waited for a verdict, and how long in all. */
	private long @Nullable [] waits;

	private StageTally(Stage stage, FramePipeline policies) {
		this.stage = stage;
		this.policies = policies;
		this.forwarded = new long[policies.bindings().size()];
	}

	static StageTally of(Stage stage, FramePipeline policies) {
		return policies.bindings().isEmpty() ? NONE[stage.ordinal()] : new StageTally(stage, policies);
	}

	/** The policy at a position has given a verdict. */
	void count(int position, Kind kind) {
		if (kind == Kind.FORWARD) {
			this.forwarded[position]++;
			return;
		}
		if (this.others == null) {
			this.others = new long[this.forwarded.length * KINDS];
		}
		this.others[position * KINDS + kind.ordinal()]++;
	}

	/** A frame has waited for a verdict of the policy at a position. */
	void waited(int position, long nanos) {
		if (this.waits == null) {
			this.waits = new long[this.forwarded.length * 2];
		}
		this.waits[2 * position]++;
		this.waits[2 * position + 1] += nanos;
	}

	/**
	 * Adds the numbers of a stage, which are all 0 if there is no tally.
	 * @param tally what has been counted, or {@code null}
	 * @param policies the policies of the stage
	 * @param sums the sums by the names of the policies
	 * @param direction the direction of the frames
	 */
	static void add(@Nullable StageTally tally, FramePipeline policies, Map<String, VerdictCounts> sums,
			Direction direction) {
		if (tally != null) {
			tally.addTo(sums, direction);
			return;
		}
		for (PolicyBinding binding : policies.bindings()) {
			VerdictCounts none = new VerdictCounts(binding.name(), direction, 0, 0, 0, 0, 0, 0, 0, Duration.ZERO);
			sums.merge(binding.name(), none, VerdictCounts::plus);
		}
	}

	private void addTo(Map<String, VerdictCounts> sums, Direction direction) {
		List<PolicyBinding> bindings = this.policies.bindings();
		long[] others = this.others;
		long[] waits = this.waits;
		for (int i = 0; i < this.forwarded.length; i++) {
			String policy = bindings.get(i).name();
			VerdictCounts counts = new VerdictCounts(policy, direction, this.forwarded[i],
					other(others, i, Kind.REPLACE), other(others, i, Kind.DROP), other(others, i, Kind.REPLY),
					other(others, i, Kind.CLOSE), other(others, i, Kind.FAILED), (waits != null) ? waits[2 * i] : 0,
					Duration.ofNanos((waits != null) ? waits[2 * i + 1] : 0));
			sums.merge(policy, counts, VerdictCounts::plus);
		}
	}

	private static long other(long @Nullable [] others, int position, Kind kind) {
		return (others != null) ? others[position * KINDS + kind.ordinal()] : 0;
	}

}
