package dev.wspolicy.benchmarks;

import java.io.IOException;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.stream.Stream;

import dev.wspolicy.benchmarks.load.LoadCommand;
import dev.wspolicy.benchmarks.load.LoadCommand.Kind;
import dev.wspolicy.benchmarks.load.LoadResult;

/**
 * Drops many sessions at once, lets their clients return without waiting, and measures
 * how long that takes, and what sessions that live on notice of it. Each proxy is started
 * for it, and is cold.
 */
public final class ReconnectStorm {

	private static final List<String> HEAP = List.of("-Xmx768m");

	private static final int LIVING = 16;

	private final Options options;

	private ReconnectStorm(Options options) {
		this.options = options;
	}

	/**
	 * Measure, and print a table.
	 * @param args see {@code --help} of {@link Benchmark}: {@code --idle} is the number
	 * of sessions that are dropped, and {@code --duration} how long those that live on
	 * are watched
	 * @throws Exception if something could not be started
	 */
	public static void main(String[] args) throws Exception {
		Options options = Options.parse(args);
		System.out.print(new ReconnectStorm(options).run(JavaCommand.ofThis()));
	}

	String run(JavaCommand java) throws IOException, InterruptedException {
		StringBuilder table = new StringBuilder(
				"""
						| proxy | all back, s | half back, s | attempts that failed | CPU, ms | living sessions: p99, ms | failure |
						| --- | ---: | ---: | ---: | ---: | ---: | --- |
						""");
		List<Contestant> contestants = List.of(Gateway.stock(java),
				Gateway.governed(java, "pass-through", "pass-through", 0, false), Tunnel.nginx(), Tunnel.haproxy());
		Cores cores = Cores.choose();
		for (int round = 1; round <= this.options.rounds(); round++) {
			for (Contestant contestant : contestants) {
				if (this.options.wantsContestant(contestant.name()) && contestant.isPresent()) {
					try (Lab lab = Lab.open(java, cores, this.options);
							Lab.Running proxy = lab.start(contestant, jvmArgs(contestant))) {
						table.append(row(contestant, lab, proxy)).append('\n');
					}
				}
			}
		}
		return table.toString();
	}

	private static List<String> jvmArgs(Contestant contestant) {
		return Stream.concat(HEAP.stream(), contestant.jvmArgs().stream()).toList();
	}

	private String row(Contestant contestant, Lab lab, Lab.Running proxy) throws IOException {
		LoadCommand living = LoadCommand.of(Kind.ECHO, proxy.port())
			.with(128, LIVING, 1)
			.lasting(this.options.warmUp().toMillis(), this.options.duration().toMillis());
		CompletableFuture<LoadResult> lives = CompletableFuture.supplyAsync(() -> runBeside(lab, proxy, living));
		LoadResult storm = lab.run(proxy,
				LoadCommand.of(Kind.STORM, proxy.port()).with(128, Math.max(1, this.options.idle()), 1));
		LoadResult live = lives.join();
		String failure = (storm.failure() != null) ? storm.failure() : live.failure();
		return String.format(Locale.ROOT, "| %s | %.2f | %.2f | %d | %.0f | %.2f | %s |", contestant.title(),
				storm.nanos() / 1e9, storm.p50() / 1e9, storm.refused(), storm.proxyNanos() / 1e6, live.p99() / 1e6,
				(failure != null) ? failure : "");
	}

	private static LoadResult runBeside(Lab lab, Lab.Running proxy, LoadCommand command) {
		try {
			return lab.runBeside(proxy, command);
		}
		catch (IOException ex) {
			throw new CompletionException(ex);
		}
	}

}
