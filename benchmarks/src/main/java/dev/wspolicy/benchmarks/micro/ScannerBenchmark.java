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
 * Frames that no policy wants: only their headers are looked at.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class ScannerBenchmark {

	/**
	 * The payload length of each frame.
	 */
	@Param({ "128", "16384" })
	public int size;

	private @Nullable BenchmarkSession session;

	/**
	 * Open a session.
	 */
	@Setup
	public void setUp() {
		this.session = new BenchmarkSession(Pipelines.of("none", List.of()), this.size);
	}

	/**
	 * One frame, of several in one read.
	 */
	@Benchmark
	@OperationsPerInvocation(BenchmarkSession.FRAMES)
	public void passThrough() {
		Objects.requireNonNull(this.session).read();
	}

}
