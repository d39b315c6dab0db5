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
 * @param encryption which legs of the sessions are encrypted
 * @param resumption whether clients resume TLS sessions
 * @param docs where the documentation is that gets the figures, or {@code null}
 */
record Options(int rounds, Duration warmUp, Duration duration, int idle, boolean series, List<String> contestants,
		List<String> loads, Path directory, @Nullable List<String> jvmArgs, @Nullable Jdk otherJdk,
		Encryption encryption, boolean resumption, boolean compression, @Nullable Path ws, @Nullable Path docs) {

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
			  --other-jdk=...     the directory of a JDK, on which the stock gateway and those with 0 and 3 policies
			                      run as well
			  --tls=none          which legs are encrypted: none, client or both. Adds contestants with OpenSSL if
			                      netty-tcnative is on the class path; needs openssl and haproxy
			  --resumption=false  whether clients resume TLS sessions
			  --compression=false whether messages are compressed on both legs. Tunnels pass them on as they are, and
			                      the stock gateway, which supports no compression, is omitted
			  --ws=...            the directory of Node's package ws; adds a proxy that is built with it
			  --docs=...          write the figures into the documentation in this directory
			  --quick             a first impression: 1 round, 1s, 1000 idle sessions
			""";

	static final Options DEFAULT = new Options(5, Duration.ofSeconds(7), Duration.ofSeconds(4), 9000, true, List.of(),
			List.of(), Path.of("target", "benchmark"), null, null, Encryption.NONE, false, false, null, null);

	private static final Options QUICK = new Options(1, Duration.ofSeconds(2), Duration.ofSeconds(1), 1000, true,
			List.of(), List.of(), DEFAULT.directory, null, null, Encryption.NONE, false, false, null, null);

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
		Builder builder = new Builder(this);
		switch (arg.substring(2, equals)) {
			case "rounds" -> {
				builder.rounds = Integer.parseInt(value);
			}
			case "warm-up" -> {
				builder.warmUp = duration(value);
			}
			case "duration" -> {
				builder.duration = duration(value);
			}
			case "idle" -> {
				builder.idle = Integer.parseInt(value);
			}
			case "series" -> {
				builder.series = Boolean.parseBoolean(value);
			}
			case "contestants" -> {
				builder.contestants = List.of(value.split(","));
			}
			case "loads" -> {
				builder.loads = List.of(value.split(","));
			}
			case "directory" -> {
				builder.directory = Path.of(value);
			}
			case "jvm-args" -> {
				builder.jvmArgs = value.isEmpty() ? List.of() : List.of(value.split(","));
			}
			case "other-jdk" -> {
				builder.otherJdk = Jdk.in(Path.of(value));
			}
			case "tls" -> {
				builder.encryption = Encryption.parse(value);
			}
			case "resumption" -> {
				builder.resumption = Boolean.parseBoolean(value);
			}
			case "compression" -> {
				builder.compression = Boolean.parseBoolean(value);
			}
			case "ws" -> {
				builder.ws = Path.of(value);
			}
			case "docs" -> {
				builder.docs = Path.of(value);
			}
			default -> throw new IllegalArgumentException("'" + arg + "' (expected: one of the options)");
		}
		return builder.build();
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

	/**
	 * Options that may be changed.
	 */
	private static final class Builder {

		private int rounds;

		private Duration warmUp;

		private Duration duration;

		private int idle;

		private boolean series;

		private List<String> contestants;

		private List<String> loads;

		private Path directory;

		private @Nullable List<String> jvmArgs;

		private @Nullable Jdk otherJdk;

		private Encryption encryption;

		private boolean resumption;

		private boolean compression;

		private @Nullable Path ws;

		private @Nullable Path docs;

		Builder(Options options) {
			this.rounds = options.rounds;
			this.warmUp = options.warmUp;
			this.duration = options.duration;
			this.idle = options.idle;
			this.series = options.series;
			this.contestants = options.contestants;
			this.loads = options.loads;
			this.directory = options.directory;
			this.jvmArgs = options.jvmArgs;
			this.otherJdk = options.otherJdk;
			this.encryption = options.encryption;
			this.resumption = options.resumption;
			this.compression = options.compression;
			this.ws = options.ws;
			this.docs = options.docs;
		}

		Options build() {
			return new Options(this.rounds, this.warmUp, this.duration, this.idle, this.series, this.contestants,
					this.loads, this.directory, this.jvmArgs, this.otherJdk, this.encryption, this.resumption,
					this.compression, this.ws, this.docs);
		}

	}

}
