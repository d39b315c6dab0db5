package dev.wspolicy.benchmarks.micro;

import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;

import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

import dev.wspolicy.frame.Frame;
import dev.wspolicy.frame.FrameType;
import dev.wspolicy.frame.TextFrame;
import dev.wspolicy.pipeline.FramePipeline;
import dev.wspolicy.pipeline.FramePipeline.Cursor;
import dev.wspolicy.pipeline.PolicyBinding;
import dev.wspolicy.policy.FrameContext;
import dev.wspolicy.policy.Verdict;

/**
 * The loop that shows a frame to policies, and nothing around it.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class FramePipelineBenchmark {

	/**
	 * How many policies there are.
	 */
	@Param({ "0", "1", "3", "10" })
	public int policies;

	private final long[] forwarded = new long[64];

	private final Frame frame = TextFrame.of("{\"text\":\"hello\"}");

	private final FrameContext context = Doubles.inbound();

	private @Nullable FramePipeline forwarding;

	private @Nullable FramePipeline replacing;

	/**
	 * Make the pipelines.
	 */
	@Setup
	public void setUp() {
		Verdict replacement = Verdict.replaceText("{}");
		this.forwarding = pipeline((frame, context) -> Verdict.forward());
		this.replacing = pipeline((frame, context) -> replacement);
	}

	private FramePipeline pipeline(dev.wspolicy.policy.FramePolicy policy) {
		List<PolicyBinding> bindings = Collections.nCopies(this.policies, PolicyBinding.of("policy", policy));
		return new FramePipeline(bindings);
	}

	/**
	 * All policies forward.
	 * @return the verdict
	 */
	@Benchmark
	public @Nullable Verdict forward() {
		return Objects.requireNonNull(this.forwarding)
			.run(this.frame, FrameType.TEXT, new Cursor(), this.context, this.forwarded);
	}

	/**
	 * The first policy replaces.
	 * @return the verdict
	 */
	@Benchmark
	public @Nullable Verdict replace() {
		return Objects.requireNonNull(this.replacing)
			.run(this.frame, FrameType.TEXT, new Cursor(), this.context, this.forwarded);
	}

}
