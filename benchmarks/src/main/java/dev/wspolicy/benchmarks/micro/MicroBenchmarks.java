package dev.wspolicy.benchmarks.micro;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.results.format.ResultFormatType;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.CommandLineOptionException;
import org.openjdk.jmh.runner.options.CommandLineOptions;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.springframework.boot.env.YamlPropertySourceLoader;
import org.springframework.core.env.EnumerablePropertySource;
import org.springframework.core.env.PropertySource;
import org.springframework.core.io.ClassPathResource;

import dev.wspolicy.benchmarks.report.MicroReport;
import dev.wspolicy.benchmarks.report.Page;

/**
 * Runs the benchmarks of parts with JMH, allocation included.
 */
public final class MicroBenchmarks {

	private static final String DOCS = "--docs=";

	private static final String PIPELINES = "ws-policy.pipelines.";

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
		OptionsBuilder options = new OptionsBuilder();
		options.parent(new CommandLineOptions(jmhArgs.toArray(new String[0])))
			.addProfiler(GCProfiler.class)
			.param("policy", shippedPolicies().toArray(new String[0]))
			.resultFormat(ResultFormatType.JSON)
			.result(results.toString());
		if (Runtime.version().feature() >= 24) {
			options.jvmArgsAppend("--sun-misc-unsafe-memory-access=allow", "--enable-native-access=ALL-UNNAMED");
		}
		Collection<RunResult> runs = new Runner(options.build()).run();
		String table = MicroReport.of(runs);
		System.out.println(table);
		for (String arg : args) {
			if (arg.startsWith(DOCS)) {
				new Page(Path.of(arg.substring(DOCS.length()), "performance.md")).replace("parts", table);
			}
		}
	}

	/** The pipelines of the file, each of which has the policy that it is named after. */
	static List<String> shippedPolicies() throws IOException {
		List<String> names = new ArrayList<>();
		for (PropertySource<?> source : new YamlPropertySourceLoader().load(Pipelines.SHIPPED,
				new ClassPathResource(Pipelines.SHIPPED + ".yml"))) {
			for (String property : ((EnumerablePropertySource<?>) source).getPropertyNames()) {
				if (property.startsWith(PIPELINES)) {
					names.add(property.substring(PIPELINES.length()).replaceFirst("\\..*", ""));
				}
			}
		}
		return names.stream().distinct().toList();
	}

}
