package dev.wspolicy.benchmarks;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;

import org.jspecify.annotations.Nullable;

/**
 * What is measured, and how long.
 *
 * @param rounds how many rounds
 * @param warmUp how long each contestant runs under each load before anything is measured
 * @param duration how long each contestant is measured under each load, in each round
 * @param idle how many sessions live when memory is measured; none if zero
 * @param series whether to measure the cost against the number of live sessions
 * @param contestants the names of the contestants; all if empty
 * @param loads the names of the loads; all if empty
 * @param directory where the processes work and log
 * @param jvmArgs what the gateways' JVMs are started with, besides the size of their heap
 * @param docs where the documentation is that gets the figures, or {@code null}
 */
record Options(int rounds, Duration warmUp, Duration duration, int idle, boolean series, List<String> contestants,
		List<String> loads, Path directory, List<String> jvmArgs, @Nullable Path docs) {

	static final String USAGE = """
			Options, each with its default:
			  --rounds=5          rounds, interleaved
			  --warm-up=7s        how long each contestant runs under each load beforehand; twelve times as
			                      long where sessions are opened
			  --duration=4s       how long each is measured under each load, in each round
			  --idle=9000         live sessions when memory is measured; 0 for not at all
			  --series=true       measure the cost against the number of live sessions
			  --contestants=...   some of them only: stock, pass-through, one, three, ten, rewrite, nginx, haproxy
			  --loads=...         some of them only: window-1, window-16, large, fan-out, handshakes
			  --directory=target/benchmark
			                      where the processes work and log
			  --jvm-args=...      JVM arguments of the gateways, with commas between; on later JDKs the default is what
			                      Netty needs to use its fast access to memory
			  --docs=...          write the figures into the documentation in this directory
			  --quick             a first impression: 1 round, 1s, 1000 idle sessions
			""";

	static final Options DEFAULT = new Options(5, Duration.ofSeconds(7), Duration.ofSeconds(4), 9000, true, List.of(),
			List.of(), Path.of("target", "benchmark"), JavaCommand.LATER_JDKS, null);

	private static final Options QUICK = new Options(1, Duration.ofSeconds(2), Duration.ofSeconds(1), 1000, true,
			List.of(), List.of(), DEFAULT.directory, DEFAULT.jvmArgs, null);

	/**
	 * Read options.
	 * @param args the arguments
	 * @return the options
	 * @throws IllegalArgumentException if one of them is not an option
	 */
	static Options parse(String... args) {
		Options options = List.of(args).contains("--quick") ? QUICK : DEFAULT;
		for (String arg : args) {
			if (!arg.equals("--quick")) {
				options = options.with(arg);
			}
		}
		return options;
	}

	private Options with(String arg) {
		int equals = arg.indexOf('=');
		if (!arg.startsWith("--") || equals < 0) {
			throw new IllegalArgumentException("'" + arg + "' (expected: --option=value)");
		}
		String value = arg.substring(equals + 1);
		return switch (arg.substring(2, equals)) {
			case "rounds" -> new Options(Integer.parseInt(value), this.warmUp, this.duration, this.idle, this.series,
					this.contestants, this.loads, this.directory, this.jvmArgs, this.docs);
			case "warm-up" -> new Options(this.rounds, duration(value), this.duration, this.idle, this.series,
					this.contestants, this.loads, this.directory, this.jvmArgs, this.docs);
			case "duration" -> new Options(this.rounds, this.warmUp, duration(value), this.idle, this.series,
					this.contestants, this.loads, this.directory, this.jvmArgs, this.docs);
			case "idle" -> new Options(this.rounds, this.warmUp, this.duration, Integer.parseInt(value), this.series,
					this.contestants, this.loads, this.directory, this.jvmArgs, this.docs);
			case "series" -> new Options(this.rounds, this.warmUp, this.duration, this.idle,
					Boolean.parseBoolean(value), this.contestants, this.loads, this.directory, this.jvmArgs, this.docs);
			case "contestants" -> new Options(this.rounds, this.warmUp, this.duration, this.idle, this.series,
					List.of(value.split(",")), this.loads, this.directory, this.jvmArgs, this.docs);
			case "loads" -> new Options(this.rounds, this.warmUp, this.duration, this.idle, this.series,
					this.contestants, List.of(value.split(",")), this.directory, this.jvmArgs, this.docs);
			case "directory" -> new Options(this.rounds, this.warmUp, this.duration, this.idle, this.series,
					this.contestants, this.loads, Path.of(value), this.jvmArgs, this.docs);
			case "jvm-args" ->
				new Options(this.rounds, this.warmUp, this.duration, this.idle, this.series, this.contestants,
						this.loads, this.directory, value.isEmpty() ? List.of() : List.of(value.split(",")), this.docs);
			case "docs" -> new Options(this.rounds, this.warmUp, this.duration, this.idle, this.series,
					this.contestants, this.loads, this.directory, this.jvmArgs, Path.of(value));
			default -> throw new IllegalArgumentException("'" + arg + "' (expected: one of the options)");
		};
	}

	private static Duration duration(String value) {
		return Duration.parse("PT" + value.toUpperCase(Locale.ROOT));
	}

	boolean wantsContestant(String name) {
		return this.contestants.isEmpty() || this.contestants.contains(name);
	}

	boolean wantsLoad(String name) {
		return this.loads.isEmpty() || this.loads.contains(name);
	}

}
