package dev.wspolicy.benchmarks.report;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.function.ToDoubleFunction;

import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

import dev.wspolicy.benchmarks.report.BarChart.Bar;
import dev.wspolicy.benchmarks.report.BarChart.Group;
import dev.wspolicy.benchmarks.report.LineChart.Point;
import dev.wspolicy.benchmarks.report.LineChart.Series;
import dev.wspolicy.benchmarks.report.Results.Named;

/**
 * Results for readers: tables, charts, JSON.
 */
public final class Report {

	private static final String HANDSHAKES = "handshakes";

	private static final Map<String, Integer> READERS = Map.of("pass-through", 0, "one", 1, "three", 3, "ten", 10);

	private static final String NGINX = "nginx";

	private static final String LIVE = "live-";

	private final Results results;

	/**
	 * A report.
	 * @param results what it is about
	 */
	public Report(Results results) {
		this.results = results;
	}

	/**
	 * All tables, in Markdown.
	 * @return the text
	 */
	public String text() {
		StringBuilder text = new StringBuilder();
		section(text, "CPU time of the proxy, microseconds per message, and as a ratio to stock Gateway:", cpu());
		section(text, "The same as a ratio to nginx:", toNginx());
		section(text, "Time from a message to its answer, microseconds, 64 sessions:", latencies());
		section(text, "Messages per second, with the proxy on one core:", rates());
		section(text, "Opening and closing a session:", handshakes());
		section(text, "CPU time, microseconds per message of 128 B, 64 on their way at a time, by live sessions:",
				live());
		section(text, "Memory of an idle session, KiB:", idle());
		text.append("Medians. ");
		this.results.environment().forEach((name, value) -> text.append(name).append(": ").append(value).append(". "));
		text.append('\n');
		this.results.notes().forEach((note) -> text.append("\n- ").append(note).append('\n'));
		return text.toString();
	}

	private static void section(StringBuilder text, String title, Table table) {
		if (!table.isEmpty()) {
			text.append(title).append("\n\n").append(table).append('\n');
		}
	}

	private List<Named> loads() {
		return this.results.loads()
			.stream()
			.filter((load) -> !load.name().equals(HANDSHAKES) && this.results.has(load.name()))
			.toList();
	}

	private Table cpu() {
		return perLoad(loads(), (load, contestant) -> {
			OptionalDouble micros = this.results.median(load, contestant, Sample::micros);
			return micros.isPresent()
					? Figures.of(micros.getAsDouble()) + ratio(load, contestant, Sample::micros, micros.getAsDouble())
					: "";
		});
	}

	private String ratio(String load, String contestant, ToDoubleFunction<Sample> figure, double value) {
		OptionalDouble stock = this.results.median(load, Results.STOCK, figure);
		if (stock.isEmpty() || contestant.equals(Results.STOCK)) {
			return "";
		}
		return " (" + Figures.of(value / stock.getAsDouble()) + ")";
	}

	private Table toNginx() {
		List<Named> compared = loads().stream()
			.filter((load) -> this.results.median(load.name(), NGINX, Sample::micros).isPresent())
			.toList();
		return perLoad(compared, (load, contestant) -> {
			OptionalDouble micros = this.results.median(load, contestant, Sample::micros);
			double nginx = this.results.median(load, NGINX, Sample::micros).orElseThrow();
			return micros.isPresent() ? Figures.of(micros.getAsDouble() / nginx) : "";
		});
	}

	private Table latencies() {
		List<Named> answered = loads().stream().filter((load) -> !load.name().equals("fan-out")).toList();
		List<String> header = new ArrayList<>(List.of("proxy"));
		answered.forEach((load) -> {
			header.add(load.title() + ", p50");
			header.add("p99");
			header.add("p99.9");
		});
		Table table = new Table(header);
		if (answered.isEmpty()) {
			return table;
		}
		for (Named contestant : this.results.contestants()) {
			List<String> row = new ArrayList<>(List.of(contestant.title()));
			for (Named load : answered) {
				row.add(figure(load.name(), contestant.name(), Sample::p50Micros));
				row.add(figure(load.name(), contestant.name(), Sample::p99Micros));
				row.add(figure(load.name(), contestant.name(), Sample::p999Micros));
			}
			table.add(row);
		}
		return table;
	}

	private Table rates() {
		List<Named> unpaced = loads().stream().filter((load) -> !load.name().equals("fan-out")).toList();
		return perLoad(unpaced, (load, contestant) -> figure(load, contestant, Sample::rate));
	}

	private Table perLoad(List<Named> loads, Cell cell) {
		List<String> header = new ArrayList<>(List.of("proxy"));
		loads.forEach((load) -> header.add(load.title()));
		Table table = new Table(header);
		if (loads.isEmpty()) {
			return table;
		}
		for (Named contestant : this.results.contestants()) {
			List<String> row = new ArrayList<>(List.of(contestant.title()));
			loads.forEach((load) -> row.add(cell.of(load.name(), contestant.name())));
			table.add(row);
		}
		return table;
	}

	private Table handshakes() {
		Table table = new Table(List.of("proxy", "CPU, microseconds", "per second and core", "to stock"));
		for (Named contestant : this.results.contestants()) {
			this.results.median(HANDSHAKES, contestant.name(), Sample::micros).ifPresent((micros) -> {
				OptionalDouble stock = this.results.median(HANDSHAKES, Results.STOCK, Sample::micros);
				table.add(List.of(contestant.title(), Figures.of(micros), Figures.whole(1e6 / micros),
						stock.isPresent() ? Figures.of(stock.getAsDouble() / micros) : ""));
			});
		}
		return table;
	}

	private List<Integer> liveCounts() {
		return this.results.samples()
			.stream()
			.map(Sample::load)
			.filter((load) -> load.startsWith(LIVE))
			.map((load) -> Integer.parseInt(load.substring(LIVE.length())))
			.distinct()
			.sorted()
			.toList();
	}

	private Table live() {
		List<Integer> counts = liveCounts();
		List<String> header = new ArrayList<>(List.of("proxy"));
		counts.forEach((count) -> header.add(Figures.whole(count)));
		Table table = new Table(header);
		for (Named contestant : this.results.contestants()) {
			if (!counts.isEmpty()
					&& this.results.median(LIVE + counts.get(0), contestant.name(), Sample::micros).isPresent()) {
				List<String> row = new ArrayList<>(List.of(contestant.title()));
				counts.forEach((count) -> row.add(figure(LIVE + count, contestant.name(), Sample::micros)));
				table.add(row);
			}
		}
		return table;
	}

	private Table idle() {
		Table table = new Table(List.of("proxy", "sessions", "resident", "heap", "heap in all, MiB"));
		for (IdleSample sample : this.results.idle()) {
			table.add(List.of(idleTitle(sample.contestant()), Figures.whole(sample.sessions()),
					Figures.of(sample.residentKiB()), Figures.of(sample.heapKiB()), Figures.of(sample.heapMiB())));
		}
		return table;
	}

	private String idleTitle(String name) {
		return this.results.contestants()
			.stream()
			.filter((contestant) -> contestant.name().equals(name))
			.map(Named::title)
			.findFirst()
			.orElse("pass-through, -Xmx96m");
	}

	private String figure(String load, String contestant, ToDoubleFunction<Sample> figure) {
		OptionalDouble median = this.results.median(load, contestant, figure);
		return median.isPresent() ? Figures.of(median.getAsDouble()) : "";
	}

	// Charts

	private String ratioChart() {
		BarChart chart = new BarChart("CPU time per message as a ratio to stock Gateway; less is better");
		for (Named load : loads()) {
			OptionalDouble stock = this.results.median(load.name(), Results.STOCK, Sample::micros);
			List<Bar> bars = new ArrayList<>();
			for (int i = 0; i < this.results.contestants().size() && stock.isPresent(); i++) {
				Named contestant = this.results.contestants().get(i);
				int colour = i;
				this.results.median(load.name(), contestant.name(), Sample::micros)
					.ifPresent((micros) -> bars.add(new Bar(contestant.title(), micros / stock.getAsDouble(), colour)));
			}
			chart.add(new Group(load.title(), bars));
		}
		return chart.toString();
	}

	private LineChart policiesChart() {
		LineChart chart = new LineChart("CPU microseconds per message", "policies that read each text");
		for (Named load : loads()) {
			List<Point> points = new ArrayList<>();
			for (Named contestant : this.results.contestants()) {
				Integer readers = READERS.get(contestant.name());
				if (readers != null) {
					this.results.median(load.name(), contestant.name(), Sample::micros)
						.ifPresent((micros) -> points.add(new Point(readers, micros)));
				}
			}
			chart.add(new Series(load.title(), points));
		}
		return chart;
	}

	private LineChart liveChart() {
		LineChart chart = new LineChart("CPU microseconds per message of 128 B, 64 on their way at a time",
				"live sessions");
		for (Named contestant : this.results.contestants()) {
			List<Point> points = new ArrayList<>();
			for (int count : liveCounts()) {
				this.results.median(LIVE + count, contestant.name(), Sample::micros)
					.ifPresent((micros) -> points.add(new Point(count, micros)));
			}
			chart.add(new Series(contestant.title(), points));
		}
		return chart;
	}

	/**
	 * Write JSON, charts and tables.
	 * @param directory where to
	 * @throws IOException if that cannot be written to
	 */
	public void writeTo(Path directory) throws IOException {
		Files.createDirectories(directory);
		JsonMapper json = JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();
		Files.writeString(directory.resolve("results.json"), json.writeValueAsString(this.results) + "\n");
		Files.writeString(directory.resolve("ratios.svg"), ratioChart());
		write(directory.resolve("policies.svg"), policiesChart());
		write(directory.resolve("sessions.svg"), liveChart());
	}

	private static void write(Path file, LineChart chart) throws IOException {
		if (!chart.isEmpty()) {
			Files.writeString(file, chart.toString());
		}
	}

	/**
	 * Put the figures into the documentation.
	 * @param docs its directory
	 * @throws IOException if that cannot be written to
	 */
	public void publish(Path docs) throws IOException {
		writeTo(docs.resolve("performance"));
		new Page(docs.resolve("performance.md")).replace("figures", text());
	}

	/**
	 * A cell of a table.
	 */
	private interface Cell {

		/**
		 * What stands in it.
		 * @param load the load
		 * @param contestant the contestant
		 * @return the text
		 */
		String of(String load, String contestant);

	}

}
