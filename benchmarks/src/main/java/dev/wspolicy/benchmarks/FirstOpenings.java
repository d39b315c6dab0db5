package dev.wspolicy.benchmarks;

import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

import dev.wspolicy.benchmarks.load.LoadCommand;
import dev.wspolicy.benchmarks.load.LoadCommand.Kind;
import dev.wspolicy.benchmarks.load.LoadResult;

/**
 * Opens and closes the first sessions of a proxy that has just become ready, with and
 * without what prepares a JVM for them: a cache of a training run, and
 * {@code ws-policy.warm-up}.
 */
public final class FirstOpenings {

	private static final List<String> HEAP = List.of("-Xmx768m");

	private static final String PROBES = "-Dmanagement.endpoint.health.probes.enabled=true";

	private static final String WARM_UP = "-Dws-policy.warm-up=";

	/** How many sessions the JVM learns from. */
	private static final int TRAINING = 12_000;

	private static final int FEW = 1_000;

	private static final int MANY = 5_000;

	/** How many are opened at a time. */
	private static final int AT_A_TIME = 16;

	private static final long STEP_MILLIS = 200;

	private static final Duration PATIENCE = Duration.ofMinutes(3);

	private final Options options;

	private final Lab lab;

	private FirstOpenings(Options options, Lab lab) {
		this.options = options;
		this.lab = lab;
	}

	/**
	 * Measure, and print a table.
	 * @param args see {@code --help} of {@link Benchmark}: the gateways run on
	 * {@code --other-jdk} if there is one, {@code --warm-up} is how long sessions are
	 * opened before the gateway is ready, and {@code --jvm-args} come in addition
	 * @throws Exception if something could not be started
	 */
	public static void main(String[] args) throws Exception {
		Options options = Options.parse(args);
		JavaCommand java = JavaCommand.ofThis();
		try (Lab lab = Lab.open(java, Cores.choose(), options)) {
			Jdk other = options.otherJdk();
			System.out.print(new FirstOpenings(options, lab).run((other != null) ? java.with(other) : java));
		}
	}

	private String run(JavaCommand java) throws IOException, InterruptedException {
		StringBuilder table = new StringBuilder(
				"| proxy | ready after, s | first %,d, s | CPU, us each | first %,d, s ".formatted(FEW, MANY)
						+ "| CPU, us each | of which compilers |\n| --- | ---: | ---: | ---: | ---: | ---: "
						+ "| ---: |\n");
		List<Start> starts = starts(java);
		for (int round = 1; round <= this.options.rounds(); round++) {
			for (Start start : starts) {
				String row = row(start);
				System.out.println("round " + round + ": " + row);
				table.append(row).append('\n');
			}
		}
		return table.toString();
	}

	private List<Start> starts(JavaCommand java) throws IOException, InterruptedException {
		Gateway stock = packed(Gateway.stock(java));
		Gateway passThrough = packed(Gateway.governed(java, "pass-through", "pass-through", 0, false));
		List<String> warmUp = List.of(WARM_UP + this.options.warmUp());
		List<Start> starts = new ArrayList<>();
		add(starts, stock, "", List.of());
		add(starts, stock, ", cache", cache(stock));
		List<String> cache = cache(passThrough);
		add(starts, passThrough, "", List.of());
		add(starts, passThrough, ", cache", cache);
		add(starts, passThrough, ", warm-up", warmUp);
		add(starts, passThrough, ", warm-up and cache", Stream.concat(warmUp.stream(), cache.stream()).toList());
		add(starts, Tunnel.nginx(), "", List.of());
		return starts;
	}

	private Gateway packed(Gateway gateway) throws IOException {
		return gateway.with(gateway.java().packed(this.options.directory().resolve(gateway.name() + "-jars")));
	}

	private void add(List<Start> starts, Contestant contestant, String suffix, List<String> args) {
		if (this.options.wantsContestant(contestant.name()) && contestant.isPresent()) {
			List<String> all = new ArrayList<>(contestant.jvmArgs());
			all.addAll(HEAP);
			all.add(PROBES);
			all.addAll(jvmArgs());
			all.addAll(args);
			starts.add(new Start(contestant, contestant.title() + suffix, all));
		}
	}

	/** Returns the argument for a cache that a training run has written. */
	private List<String> cache(Gateway gateway) throws IOException, InterruptedException {
		if (!this.options.wantsContestant(gateway.name())) {
			return List.of();
		}
		boolean profiles = gateway.java().jdk().feature() >= 25;
		Path file = this.options.directory().resolve(gateway.name() + ".cache").toAbsolutePath();
		Files.deleteIfExists(file);
		System.out.println("training " + gateway.title());
		List<String> args = new ArrayList<>(gateway.jvmArgs());
		args.addAll(HEAP);
		args.add(PROBES);
		args.addAll(jvmArgs());
		args.add((profiles ? "-XX:AOTCacheOutput=" : "-XX:ArchiveClassesAtExit=") + file);
		Lab.Running training = this.lab.start(gateway, args);
		awaitReady(training);
		open(training, TRAINING);
		training.child().close(PATIENCE);
		training.close();
		if (!Files.exists(file)) {
			throw new IOException("The training run has written no " + file);
		}
		return List.of((profiles ? "-XX:AOTCache=" : "-XX:SharedArchiveFile=") + file);
	}

	private List<String> jvmArgs() {
		List<String> chosen = this.options.jvmArgs();
		return (chosen != null) ? chosen : List.of();
	}

	private String row(Start start) throws IOException, InterruptedException {
		long begin = System.nanoTime();
		try (Lab.Running proxy = this.lab.start(start.contestant(), start.args())) {
			if (start.contestant().isJava()) {
				awaitReady(proxy);
			}
			long ready = System.nanoTime() - begin;
			long pid = proxy.child().pid();
			long compilers = CompilerTime.nanos(pid);
			LoadResult few = open(proxy, FEW);
			LoadResult rest = open(proxy, MANY - (int) few.messages());
			compilers = CompilerTime.nanos(pid) - compilers;
			long messages = few.messages() + rest.messages();
			long cpu = few.proxyNanos() + rest.proxyNanos();
			return String.format(Locale.ROOT, "| %s | %.1f | %.2f | %.0f | %.2f | %.0f | %.0f %% |", start.title(),
					ready / 1e9, FEW / few.rate(), few.micros(), MANY * (few.nanos() + rest.nanos()) / 1e9 / messages,
					cpu / 1e3 / messages, 100.0 * compilers / Math.max(1, cpu));
		}
	}

	/** Opens and closes a number of sessions, or a few more. */
	private LoadResult open(Lab.Running proxy, int count) throws IOException {
		LoadCommand command = LoadCommand.of(Kind.HANDSHAKES, 0).with(128, AT_A_TIME, 1).lasting(0, STEP_MILLIS);
		long messages = 0;
		long nanos = 0;
		long cpu = 0;
		while (messages < count) {
			LoadResult step = this.lab.run(proxy, command);
			if (step.failure() != null) {
				throw new IOException(proxy.contestant().title() + ": " + step.failure());
			}
			messages += step.messages();
			nanos += step.nanos();
			cpu += step.proxyNanos();
		}
		return new LoadResult(messages, nanos, cpu, 0, 0, 0, 0, null);
	}

	private void awaitReady(Lab.Running proxy) throws IOException, InterruptedException {
		URI probe = URI.create("http://127.0.0.1:" + proxy.port() + "/actuator/health/readiness");
		long deadline = System.nanoTime() + PATIENCE.toNanos();
		while (!isReady(probe)) {
			if (System.nanoTime() > deadline) {
				throw new IOException(proxy.contestant().title() + " is not ready");
			}
			Thread.sleep(50);
		}
	}

	private static boolean isReady(URI probe) {
		try {
			HttpURLConnection connection = (HttpURLConnection) probe.toURL().openConnection();
			connection.setConnectTimeout(1000);
			connection.setReadTimeout(5000);
			return connection.getResponseCode() == 200;
		}
		catch (IOException ex) {
			return false;
		}
	}

	/**
	 * How a contestant is started.
	 *
	 * @param contestant the contestant
	 * @param title what readers of the figures see
	 * @param args the JVM arguments
	 */
	private record Start(Contestant contestant, String title, List<String> args) {

	}

}
