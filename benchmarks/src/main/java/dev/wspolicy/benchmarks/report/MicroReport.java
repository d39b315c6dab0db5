package dev.wspolicy.benchmarks.report;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;

import org.openjdk.jmh.results.Result;
import org.openjdk.jmh.results.RunResult;

/**
 * The results of JMH as two tables: one of parts, and one of the built-in policies.
 */
public final class MicroReport {

	private static final String ALLOCATED = "gc.alloc.rate.norm";

	private static final String POLICY = "policy";

	private final Table parts = new Table(List.of("part", "with", "ns", "error", "bytes allocated"), 2);

	private final Table policies = new Table(List.of("pipeline", "what it does", "ns", "error", "bytes allocated"), 2);

	/**
	 * A report.
	 * @param runs the results
	 * @param policies says what a pipeline with a built-in policy does
	 */
	public MicroReport(Collection<RunResult> runs, UnaryOperator<String> policies) {
		for (RunResult run : runs) {
			String policy = run.getParams().getParamsKeys().contains(POLICY) ? run.getParams().getParam(POLICY) : null;
			if (policy != null) {
				add(this.policies, "`" + policy + "`", policies.apply(policy), run);
			}
			else {
				add(this.parts, name(run.getParams().getBenchmark()), parameters(run), run);
			}
		}
	}

	private static void add(Table table, String name, String detail, RunResult run) {
		Result<?> time = run.getPrimaryResult();
		double error = time.getScoreError();
		table.add(List.of(name, detail, Figures.of(time.getScore()), Double.isNaN(error) ? "" : Figures.of(error),
				allocated(run.getSecondaryResults())));
	}

	private static String name(String benchmark) {
		String[] words = benchmark.split("\\.");
		return words[words.length - 2].replace("Benchmark", "") + "." + words[words.length - 1];
	}

	private static String parameters(RunResult run) {
		StringBuilder text = new StringBuilder();
		for (String key : run.getParams().getParamsKeys()) {
			text.append(text.isEmpty() ? "" : ", ").append(key).append(' ').append(run.getParams().getParam(key));
		}
		return text.toString();
	}

	@SuppressWarnings("rawtypes")
	private static String allocated(Map<String, Result> results) {
		for (Map.Entry<String, Result> result : results.entrySet()) {
			if (result.getKey().endsWith(ALLOCATED)) {
				return Figures.whole(result.getValue().getScore());
			}
		}
		return "";
	}

	/**
	 * Put the tables into the documentation. What has not been measured stays as it is.
	 * @param docs the directory of the documentation
	 * @throws IOException if its page cannot be written
	 */
	public void publish(Path docs) throws IOException {
		Page page = new Page(docs.resolve("performance.md"));
		if (!this.parts.isEmpty()) {
			page.replace("parts", this.parts.toString());
		}
		if (!this.policies.isEmpty()) {
			page.replace("policies", this.policies.toString());
		}
	}

	@Override
	public String toString() {
		return (this.parts.isEmpty() ? "" : this.parts + "\n") + (this.policies.isEmpty() ? "" : this.policies);
	}

}
