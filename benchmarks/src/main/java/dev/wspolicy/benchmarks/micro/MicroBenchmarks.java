package dev.wspolicy.benchmarks.micro;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;

import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.results.format.ResultFormatType;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.CommandLineOptionException;
import org.openjdk.jmh.runner.options.CommandLineOptions;
import org.openjdk.jmh.runner.options.OptionsBuilder;

import dev.wspolicy.benchmarks.report.MicroReport;

/**
 * Runs the benchmarks of parts with JMH, allocation included.
 */
public final class MicroBenchmarks {

	private static final String DOCS = "--docs=";

	private static final String POLICY = "policy";

	private MicroBenchmarks() {
	}

	/**
	 * Run them.
	 * @param args the arguments of JMH; {@code --docs=DIRECTORY} to put the figures into
	 * the documentation
	 * @throws IOException if the figures cannot be written
	 * @throws RunnerException if a benchmark fails
	 * @throws CommandLineOptionException if an argument is none of JMH's
	 */
	public static void main(String[] args) throws IOException, RunnerException, CommandLineOptionException {
		List<String> jmhArgs = new ArrayList<>(List.of(args));
		jmhArgs.removeIf((arg) -> arg.startsWith(DOCS));
		Path results = Files.createDirectories(Path.of("target")).resolve("micro.json");
		Map<String, PolicyLine> lines = PolicyLine.all();
		CommandLineOptions given = new CommandLineOptions(jmhArgs.toArray(new String[0]));
		OptionsBuilder options = new OptionsBuilder();
		options.parent(given)
			.addProfiler(GCProfiler.class)
			.resultFormat(ResultFormatType.JSON)
			.result(results.toString());
		if (!given.getParameter(POLICY).hasValue()) {
			options.param(POLICY, lines.keySet().toArray(new String[0]));
		}
		if (Runtime.version().feature() >= 24) {
			options.jvmArgsAppend("--sun-misc-unsafe-memory-access=allow", "--enable-native-access=ALL-UNNAMED");
		}
		Collection<RunResult> runs = new Runner(options.build()).run();
		MicroReport report = new MicroReport(runs, (policy) -> Objects.requireNonNull(lines.get(policy)).shows());
		System.out.println(report);
		for (String arg : args) {
			if (arg.startsWith(DOCS)) {
				report.publish(Path.of(arg.substring(DOCS.length())));
			}
		}
	}

}
