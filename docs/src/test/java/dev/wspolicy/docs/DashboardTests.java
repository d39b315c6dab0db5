package dev.wspolicy.docs;

import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;
import org.springframework.boot.json.JsonParserFactory;

import dev.wspolicy.observation.WsPolicyMeters;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The dashboard queries existing meters, by their Prometheus names.
 */
class DashboardTests {

	private static final Pattern SERIES = Pattern.compile("(wspolicy_[a-z_]+)(?:\\{([^}]*)})?");

	private static final Pattern LABEL = Pattern.compile("([a-z_]+)(?:!=|=~|=)");

	/** A tag that such a row names. */
	private static final Pattern TAG = Pattern.compile("; by `(\\w+)`");

	/** A row of the meters of a fleet. */
	private static final Pattern FLEET = Pattern.compile("^\\| `(wspolicy\\.fleet[^`]+)` \\| (\\w+) \\| ([^|]*) \\|");

	private static final Pattern BY = Pattern.compile("by \\(([^)]*)\\)");

	private final Map<String, Object> dashboard = read();

	private static Map<String, Object> read() {
		try {
			return JsonParserFactory.getJsonParser()
				.parseMap(Files.readString(Page.ROOT.resolve("docs/grafana/ws-policy.json")));
		}
		catch (IOException ex) {
			throw new AssertionError(ex);
		}
	}

	@Test
	void queriesExistingMeters() {
		Map<String, List<String>> series = series();
		assertThat(expressions()).isNotEmpty().allSatisfy((expression) -> {
			Matcher matcher = SERIES.matcher(expression);
			assertThat(matcher.find()).isTrue();
			Set<String> labels = new TreeSet<>(Set.of("instance"));
			do {
				assertThat(series).containsKey(matcher.group(1));
				Set<String> known = new TreeSet<>(series.get(matcher.group(1)));
				known.add("instance");
				assertThat(known)
					.containsAll(LABEL.matcher(matcher.group(2)).results().map((label) -> label.group(1)).toList());
				labels.addAll(known);
			}
			while (matcher.find());
			BY.matcher(expression)
				.results()
				.forEach((by) -> assertThat(labels).containsAll(List.of(by.group(1).split(", "))));
		});
	}

	@Test
	void hasAPanelForEachAspect() {
		String all = String.join(" ", expressions());
		Stream
			.of(WsPolicyMeters.SESSIONS_ACTIVE, WsPolicyMeters.SESSION_DURATION, WsPolicyMeters.SESSIONS_CLOSED,
					WsPolicyMeters.UPGRADES, WsPolicyMeters.FRAMES, WsPolicyMeters.MESSAGES, WsPolicyMeters.BYTES,
					WsPolicyMeters.DRAIN_SESSIONS, WsPolicyMeters.DRAIN_LEFT, WsPolicyMeters.VERDICTS,
					WsPolicyMeters.VERDICTS_OBSERVED, WsPolicyMeters.UPGRADES_OBSERVED, WsPolicyMeters.BUFFERED,
					WsPolicyMeters.POLICY_TIME, WsPolicyMeters.POLICY_WAIT, WsPolicyMeters.LOOP_TURN_MAX)
			.forEach((meter) -> assertThat(names(meter)).anyMatch(all::contains));
		assertThat(fleet().keySet()).isNotEmpty().allMatch(all::contains);
	}

	@Test
	void whatWouldHaveBeenRefusedHasARow() {
		List<Map<String, Object>> panels = panels();
		List<String> titles = panels.stream().map((panel) -> String.valueOf(panel.get("title"))).toList();
		int row = titles.indexOf("Would have been refused");
		assertThat(row).isPositive();
		List<Map<String, Object>> rest = panels.subList(row, panels.size());
		assertThat(rest.get(0)).containsEntry("type", "row");
		List<Map<String, Object>> inRow = rest.stream()
			.skip(1)
			.takeWhile((panel) -> !"row".equals(panel.get("type")))
			.toList();
		assertThat(inRow).isNotEmpty()
			.allSatisfy((panel) -> assertThat(panel.toString()).contains("_observed_total", "by (route, policy"));
		// What has not happened must not be among what has.
		assertThat(panels).filteredOn((panel) -> !inRow.contains(panel))
			.noneMatch((panel) -> panel.toString().contains("_observed_total"));
	}

	@Test
	void panelsDoNotOverlap() {
		Set<String> cells = new TreeSet<>();
		for (Map<String, Object> panel : panels()) {
			Map<String, Object> position = map(panel.get("gridPos"));
			int x = number(position.get("x"));
			int y = number(position.get("y"));
			assertThat(x + number(position.get("w"))).isLessThanOrEqualTo(24);
			for (int i = 0; i < number(position.get("w")) * number(position.get("h")); i++) {
				int column = x + i % number(position.get("w"));
				assertThat(cells.add(column + "," + (y + i / number(position.get("w")))))
					.as("panel " + panel.get("title"))
					.isTrue();
			}
		}
	}

	/** Returns the tags of each series. */
	private static Map<String, List<String>> series() {
		Map<String, List<String>> series = new HashMap<>();
		Arrays.stream(WsPolicyMeters.values())
			.forEach((meter) -> names(meter).forEach((name) -> series.put(name, meter.tags())));
		series.putAll(fleet());
		return series;
	}

	/**
	 * The meters of a fleet are in a module that is not on this class path, whose tests
	 * compare them to their page.
	 */
	private static Map<String, List<String>> fleet() {
		Map<String, List<String>> series = new TreeMap<>();
		Page.of("docs/fleet.md")
			.section("Meters")
			.stream()
			.flatMap((line) -> FLEET.matcher(line).results())
			.forEach((row) -> series.put(row.group(1).replace('.', '_') + suffix(row.group(2), row.group(3)),
					TAG.matcher(row.group(3)).results().map((tag) -> tag.group(1)).toList()));
		return series;
	}

	private static String suffix(String type, String meaning) {
		return type.equals("counter") ? "_total" : meaning.endsWith(", in seconds") ? "_seconds" : "";
	}

	/** Returns the name that Micrometer gives a meter in Prometheus. */
	private static List<String> names(WsPolicyMeters meter) {
		String name = meter.meterName().replace('.', '_');
		return switch (meter.type()) {
			case COUNTER -> List.of(name + "_total");
			case TIMER -> List.of(name + "_seconds_count", name + "_seconds_sum", name + "_seconds_max");
			case GAUGE -> List.of((meter == WsPolicyMeters.LOOP_TURN_MAX) ? name + "_seconds" : name);
			case DISTRIBUTION_SUMMARY -> List.of(name + "_count", name + "_sum", name + "_max");
			default -> List.of(name);
		};
	}

	private List<String> expressions() {
		List<String> expressions = new ArrayList<>();
		for (Map<String, Object> panel : panels()) {
			for (Object target : (List<?>) panel.getOrDefault("targets", List.of())) {
				expressions.add(String.valueOf(map(target).get("expr")));
			}
		}
		return expressions;
	}

	private List<Map<String, Object>> panels() {
		return ((List<?>) this.dashboard.get("panels")).stream().map(DashboardTests::map).toList();
	}

	private static int number(Object value) {
		return ((Number) value).intValue();
	}

	@SuppressWarnings("unchecked")
	private static Map<String, Object> map(Object value) {
		return (Map<String, Object>) value;
	}

}
