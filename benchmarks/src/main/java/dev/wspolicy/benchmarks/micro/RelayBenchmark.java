package dev.wspolicy.benchmarks.micro;

import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

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

import dev.wspolicy.frame.Frame;
import dev.wspolicy.frame.FrameType;
import dev.wspolicy.frame.TextFrame;
import dev.wspolicy.pipeline.SessionPipeline;
import dev.wspolicy.policy.FrameContext;
import dev.wspolicy.policy.FramePolicy;
import dev.wspolicy.policy.PolicyMode;
import dev.wspolicy.policy.Verdict;
import dev.wspolicy.policy.WsPolicy;

/**
 * Text of 128 bytes on its whole way through a session, policies included, that read
 * nothing.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class RelayBenchmark {

	/**
	 * How many policies there are.
	 */
	@Param({ "0", "1", "3", "10" })
	public int policies;

	/**
	 * What they answer; {@code observed} if they forward and are observed.
	 */
	@Param({ "forward", "replace", "observed" })
	public String verdict = "forward";

	private @Nullable BenchmarkSession session;

	/**
	 * Open a session.
	 */
	@Setup
	public void setUp() {
		SessionPipeline pipeline = Pipelines.of("none", Stream.generate(this::policy).limit(this.policies).toList());
		this.session = new BenchmarkSession(pipeline, 128);
	}

	private FramePolicy policy() {
		return switch (this.verdict) {
			case "forward" -> new Answer(Verdict.forward());
			case "replace" -> new Answer(Verdict.replace(TextFrame.of("x".repeat(128))));
			case "observed" -> new Observed();
			default -> throw new IllegalArgumentException(this.verdict);
		};
	}

	/**
	 * One message, of several in one read.
	 */
	@Benchmark
	@OperationsPerInvocation(BenchmarkSession.FRAMES)
	public void message() {
		Objects.requireNonNull(this.session).read();
	}

	/**
	 * Answers the same to all frames.
	 */
	@WsPolicy(types = FrameType.TEXT)
	private static final class Answer implements FramePolicy {

		private final Verdict verdict;

		Answer(Verdict verdict) {
			this.verdict = verdict;
		}

		@Override
		public Verdict apply(Frame frame, FrameContext context) {
			return this.verdict;
		}

	}

	/**
	 * Forwards all frames, and is observed.
	 */
	@WsPolicy(types = FrameType.TEXT, mode = PolicyMode.OBSERVE)
	private static final class Observed implements FramePolicy {

		@Override
		public Verdict apply(Frame frame, FrameContext context) {
			return Verdict.forward();
		}

	}

}
