package dev.wspolicy.benchmarks;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

import dev.wspolicy.benchmarks.load.LoadCommand;
import dev.wspolicy.benchmarks.load.LoadCommand.Kind;
import dev.wspolicy.benchmarks.load.LoadResult;
import dev.wspolicy.benchmarks.report.IdleSample;
import dev.wspolicy.benchmarks.report.Report;
import dev.wspolicy.benchmarks.report.Results;
import dev.wspolicy.benchmarks.report.Results.Named;
import dev.wspolicy.benchmarks.report.Sample;

/**
 * Compares gateways and tunnels under the same load.
 */
public final class Benchmark {

	/**
	 * More than 512 MiB: below, Netty's allocator saves memory in the place of time.
	 */
	private static final List<String> HEAP = List.of("-Xms768m", "-Xmx768m");

	/**
	 * All of the heap is in RAM from the start, so that what RAM grows by is not heap.
	 */
	private static final List<String> TOUCHED_HEAP = List.of("-Xms768m", "-Xmx768m", "-XX:+AlwaysPreTouch");

	private static final List<String> SMALL_HEAP = List.of("-Xmx96m");

	private static final long SHORT_WARM_UP = 500;

	/**
	 * Much code is run once in a handshake: it takes the JVM so many times longer to find
	 * out what to compile, and to compile it.
	 */
	private static final int HANDSHAKE_WARM_UP = 12;

	/** Who holds idle sessions, and opens sessions. */
	private static final Set<String> HOLDING = Set.of("stock", "pass-through", "three", "nginx", "haproxy",
			NodeProxy.NAME);

	private static final Set<String> IN_SERIES = Set.of("stock", "pass-through", "three", "nginx");

	private final Options options;

	private final Collection<Contestant> contestants;

	private final List<Sample> samples = new ArrayList<>();

	private final List<IdleSample> idle = new ArrayList<>();

	private final List<String> notes = new ArrayList<>();

	private Benchmark(Options options, List<Contestant> contestants) {
		this.options = options;
		Map<String, Contestant> present = new LinkedHashMap<>();
		for (Contestant contestant : contestants) {
			if (!options.wantsContestant(contestant.name())) {
				continue;
			}
			if (contestant.isPresent()) {
				present.put(contestant.name(), contestant);
			}
			else {
				note(contestant.name() + " is not installed here and was left out");
			}
		}
		this.contestants = present.values();
	}

	/**
	 * Measure, print a table, and write the figures.
	 * @param args see {@code --help}
	 * @throws Exception if something could not be started
	 */
	public static void main(String[] args) throws Exception {
		if (List.of(args).contains("--help")) {
			System.out.print(Options.USAGE);
			return;
		}
		Options options = Options.parse(args);
		Results results = run(options, JavaCommand.ofThis());
		Report report = new Report(results);
		System.out.println(report.text());
		report.writeTo(options.directory());
		if (options.docs() != null) {
			report.publish(options.docs());
		}
	}

	static Results run(Options options, JavaCommand java) throws IOException, InterruptedException {
		Gateway stock = Gateway.stock(java);
		Gateway passThrough = Gateway.governed(java, "pass-through", "pass-through", 0, false);
		Gateway three = Gateway.governed(java, "three", "3 policies read", 3, false);
		List<Contestant> contestants = new ArrayList<>(List.of(stock, passThrough,
				Gateway.governed(java, "one", "1 policy reads", 1, false), three,
				Gateway.governed(java, "ten", "10 policies read", 10, false),
				Gateway.governed(java, "rewrite", "1 policy rewrites", 0, true), Tunnel.nginx(), Tunnel.haproxy()));
		if (options.encryption() != Encryption.NONE) {
			contestants.addAll(List.of(stock.withOpenSsl(), passThrough.withOpenSsl()));
		}
		if (options.compression()) {
			// It agrees to no extension.
			contestants.remove(stock);
			contestants.add(passThrough.withPlainUpstream());
		}
		if (options.ws() != null) {
			contestants.add(new NodeProxy(options.ws()));
		}
		Jdk other = options.otherJdk();
		if (other != null) {
			contestants.addAll(List.of(stock.on(other), passThrough.on(other), three.on(other)));
		}
		Cores cores = Cores.choose();
		Benchmark benchmark = new Benchmark(options, contestants);
		if (cores.equals(Cores.NONE)) {
			benchmark.note("processes were not bound to cores: there is no taskset, or one core only");
		}
		try (Lab lab = Lab.open(java, cores, options)) {
			benchmark.measure(lab);
			if (options.idle() > 0) {
				benchmark.measureIdle(lab);
			}
		}
		return benchmark.results();
	}

	private void measure(Lab lab) throws IOException, InterruptedException {
		List<Shape> shapes = Shape.ALL.stream().filter((shape) -> this.options.wantsLoad(shape.name())).toList();
		List<Lab.Running> running = new ArrayList<>();
		try {
			for (Contestant contestant : this.contestants) {
				running.add(lab.start(contestant, jvmArgs(contestant, HEAP)));
			}
			for (Lab.Running proxy : running) {
				warmUp(lab, proxy, shapes);
			}
			for (int round = 1; round <= this.options.rounds(); round++) {
				for (Shape shape : shapes) {
					for (Lab.Running proxy : running) {
						if (takes(shape, proxy.contestant())) {
							measure(lab, proxy, shape, round);
						}
					}
				}
				measureSeries(lab, running, round);
			}
		}
		finally {
			for (Lab.Running proxy : running) {
				proxy.close();
			}
		}
	}

	/** To open sessions costs the same whatever is done in them later. */
	private static boolean takes(Shape shape, Contestant contestant) {
		return shape.command().kind() != Kind.HANDSHAKES || HOLDING.contains(contestant.base());
	}

	/** Until what is compiled at run time has been compiled. */
	private void warmUp(Lab lab, Lab.Running proxy, List<Shape> shapes) throws IOException {
		if (!proxy.contestant().isJava()) {
			return;
		}
		say("warming up " + proxy.contestant().title());
		long millis = this.options.warmUp().toMillis();
		for (Shape shape : shapes) {
			if (takes(shape, proxy.contestant())) {
				int times = (shape.command().kind() == Kind.HANDSHAKES) ? HANDSHAKE_WARM_UP : 1;
				check(proxy, shape, lab.run(proxy, shape.command().lasting(times * millis, 0)));
			}
		}
	}

	private void measureSeries(Lab lab, List<Lab.Running> running, int round) throws IOException {
		if (!this.options.series()) {
			return;
		}
		for (int live : Shape.LIVE) {
			for (Lab.Running proxy : running) {
				if (IN_SERIES.contains(proxy.contestant().name())) {
					measure(lab, proxy, Shape.spread(live), round);
				}
			}
		}
	}

	private void measure(Lab lab, Lab.Running proxy, Shape shape, int round) throws IOException {
		LoadCommand command = shape.command().lasting(SHORT_WARM_UP, this.options.duration().toMillis());
		LoadResult result = lab.run(proxy, command);
		check(proxy, shape, result);
		Sample sample = new Sample(shape.name(), proxy.contestant().name(), round, result.messages(), result.micros(),
				result.rate(), result.p50() / 1e3, result.p99() / 1e3, result.p999() / 1e3,
				(double) result.endsNanos() / result.nanos());
		this.samples.add(sample);
		String latency = (sample.p99Micros() > 0) ? ", p99 %.0f us".formatted(sample.p99Micros()) : "";
		say("round %d, %s, %s: %.2f us, %.0f/s%s, ends %.0f %% busy".formatted(round, shape.title(),
				proxy.contestant().title(), sample.micros(), sample.rate(), latency, sample.endsBusy() * 100));
	}

	private static void check(Lab.Running proxy, Shape shape, LoadResult result) throws IOException {
		if (result.failure() != null) {
			throw new IOException(proxy.contestant().name() + " under " + shape.name() + ": " + result.failure());
		}
	}

	// Memory

	private void measureIdle(Lab lab) throws IOException, InterruptedException {
		for (Contestant contestant : this.contestants) {
			if (HOLDING.contains(contestant.base())) {
				measureIdle(lab, contestant, contestant.name(), TOUCHED_HEAP);
			}
		}
		for (Contestant contestant : this.contestants) {
			if (contestant.name().equals("pass-through")) {
				measureIdle(lab, contestant, "pass-through-small", SMALL_HEAP);
			}
		}
	}

	private void measureIdle(Lab lab, Contestant contestant, String name, List<String> jvmArgs)
			throws IOException, InterruptedException {
		int sessions = this.options.idle();
		try (Lab.Running proxy = lab.start(contestant, jvmArgs(contestant, jvmArgs))) {
			// The code that opens and closes sessions is compiled, the pools are there.
			lab.run(proxy, LoadCommand.of(Kind.HANDSHAKES, 0).with(128, 16, 1).lasting(2000, 0));
			lab.run(proxy, LoadCommand.of(Kind.HOLD, 0).with(128, 200, 1));
			lab.run(proxy, LoadCommand.of(Kind.RELEASE, 0));
			Memory before = Memory.of(proxy);
			LoadResult result = lab.run(proxy, LoadCommand.of(Kind.HOLD, 0).with(128, sessions, 1));
			if (result.failure() != null) {
				note(contestant.title() + " with " + jvmArgs + " did not hold " + sessions + " sessions: "
						+ result.failure());
				return;
			}
			Memory after = Memory.of(proxy);
			lab.run(proxy, LoadCommand.of(Kind.RELEASE, 0));
			double heap = (after.heap() - before.heap()) / 1024.0 / sessions;
			double outside = (after.resident() - before.resident()) / 1024.0 / sessions;
			IdleSample sample = new IdleSample(name, sessions, heap, outside, after.heap() / 1048576.0);
			this.idle.add(sample);
			say("%,d idle sessions, %s: heap %.2f KiB, outside %.2f KiB each, heap %.1f MiB in all".formatted(sessions,
					name, heap, outside, sample.heapMiB()));
		}
	}

	private List<String> jvmArgs(Contestant contestant, List<String> heap) {
		List<String> chosen = this.options.jvmArgs();
		return Stream.concat(heap.stream(), ((chosen != null) ? chosen : contestant.jvmArgs()).stream()).toList();
	}

	private Results results() {
		List<Named> named = new ArrayList<>();
		this.contestants.forEach((contestant) -> named.add(new Named(contestant.name(), contestant.title())));
		List<Named> loads = new ArrayList<>();
		Shape.ALL.forEach((shape) -> loads.add(new Named(shape.name(), shape.title())));
		return new Results(Environment.describe(this.options), named, loads, List.copyOf(this.samples),
				List.copyOf(this.idle), List.copyOf(this.notes));
	}

	private void note(String note) {
		this.notes.add(note);
		say(note);
	}

	private static void say(String line) {
		System.out.println(line);
	}

}
