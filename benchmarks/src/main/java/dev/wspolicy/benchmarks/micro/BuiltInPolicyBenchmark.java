package dev.wspolicy.benchmarks.micro;

import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;

import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/**
 * A text of 1 KiB that passes a built-in policy.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class BuiltInPolicyBenchmark {

	/**
	 * The policy; the runner sets all that {@code built-in-policies.yml} has.
	 */
	@Param("none")
	public String policy = "none";

	private @Nullable BenchmarkSession session;

	/**
	 * Open a session.
	 */
	@Setup
	public void setUp() {
		this.session = new BenchmarkSession(Pipelines.of(this.policy, List.of()), PolicyLine.of(this.policy));
	}

	/**
	 * One message, of several in one read.
	 */
	@Benchmark
	@OperationsPerInvocation(BenchmarkSession.FRAMES)
	public void message() {
		Objects.requireNonNull(this.session).read();
	}

}
