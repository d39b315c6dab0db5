package dev.wspolicy.benchmarks;

import java.nio.file.Path;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import dev.wspolicy.benchmarks.report.Report;
import dev.wspolicy.benchmarks.report.Results;
import dev.wspolicy.benchmarks.report.Sample;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * One gateway, started and put under load for a moment. Each message is checked on its
 * way, so that a run that ends well has lost none.
 */
class SmokeTests {

	/** Gateways run too briefly for the optimizing compiler. */
	private static final String JVM_ARGS = Stream
		.concat(Jdk.running().nettyArgs().stream(), Stream.of("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC"))
		.collect(Collectors.joining(","));

	@TempDir
	private Path directory;

	@Test
	void gatewaysAreMeasured() throws Exception {
		Options options = Options.parse("--quick", "--contestants=pass-through,rewrite", "--warm-up=0s",
				"--duration=0.2s", "--idle=0", "--series=false", "--loads=window-16,handshakes",
				"--jvm-args=" + JVM_ARGS, "--directory=" + this.directory);
		Results results = Benchmark.run(options, JavaCommand.ofThis());
		assertThat(results.samples()).extracting((sample) -> sample.load() + ": " + sample.contestant())
			.containsExactly("window-16: pass-through", "window-16: rewrite", "handshakes: pass-through");
		assertThat(results.samples()).extracting(Sample::messages).allMatch((count) -> count > 0);
		assertThat(new Report(results).text()).contains("1 policy rewrites");
	}

	@Test
	void compressedMessagesAreMeasured() throws Exception {
		Options options = Options.parse("--quick", "--contestants=pass-through,pass-through-client",
				"--compression=true", "--warm-up=0s", "--duration=0.2s", "--idle=0", "--series=false",
				"--loads=window-16", "--jvm-args=" + JVM_ARGS, "--directory=" + this.directory);
		Results results = Benchmark.run(options, JavaCommand.ofThis());
		assertThat(results.samples()).extracting((sample) -> sample.load() + ": " + sample.contestant())
			.containsExactly("window-16: pass-through", "window-16: pass-through-client");
		assertThat(results.samples()).extracting(Sample::messages).allMatch((count) -> count > 0);
	}

}
