package dev.wspolicy.benchmarks.report;

import java.util.Collection;
import java.util.List;
import java.util.Map;

import org.openjdk.jmh.results.Result;
import org.openjdk.jmh.results.RunResult;

/**
 * The results of JMH as a table.
 */
public final class MicroReport {

	private static final String ALLOCATED = "gc.alloc.rate.norm";

	private MicroReport() {
	}

	/**
	 * Make a table.
	 * @param runs the results
	 * @return the table
	 */
	public static String of(Collection<RunResult> runs) {
		Table table = new Table(List.of("part", "with", "ns", "error", "bytes allocated"));
		for (RunResult run : runs) {
			Result<?> time = run.getPrimaryResult();
			table.add(List.of(name(run.getParams().getBenchmark()), parameters(run), Figures.of(time.getScore()),
					Figures.of(time.getScoreError()), allocated(run.getSecondaryResults())));
		}
		return table.toString();
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

}
