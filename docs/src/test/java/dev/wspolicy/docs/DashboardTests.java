package dev.wspolicy.docs;

import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;
import org.springframework.boot.json.JsonParserFactory;

import dev.wspolicy.observation.WsPolicyMeters;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The dashboard asks for meters that exist, by the names that Prometheus gives them.
 */
class DashboardTests {

	private static final Pattern SERIES = Pattern.compile("(wspolicy_[a-z_]+)(?:\\{([^}]*)})?");

	private static final Pattern LABEL = Pattern.compile("([a-z_]+)(?:!=|=~|=)");

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
	void itNamesMetersThatExist() {
		Map<String, WsPolicyMeters> series = series();
		assertThat(expressions()).isNotEmpty().allSatisfy((expression) -> {
			Matcher matcher = SERIES.matcher(expression);
			assertThat(matcher.find()).isTrue();
			Set<String> labels = new TreeSet<>(Set.of("instance"));
			do {
				assertThat(series).containsKey(matcher.group(1));
				Set<String> known = new TreeSet<>(series.get(matcher.group(1)).tags());
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
	void itHasAPanelForWhatThereIsToSee() {
		String all = String.join(" ", expressions());
		Stream
			.of(WsPolicyMeters.SESSIONS_ACTIVE, WsPolicyMeters.SESSION_DURATION, WsPolicyMeters.SESSIONS_CLOSED,
					WsPolicyMeters.UPGRADES, WsPolicyMeters.FRAMES, WsPolicyMeters.MESSAGES, WsPolicyMeters.BYTES,
					WsPolicyMeters.DRAIN_SESSIONS, WsPolicyMeters.DRAIN_LEFT, WsPolicyMeters.VERDICTS,
					WsPolicyMeters.BUFFERED, WsPolicyMeters.POLICY_TIME)
			.forEach((meter) -> assertThat(names(meter)).anyMatch(all::contains));
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

	private static Map<String, WsPolicyMeters> series() {
		Map<String, WsPolicyMeters> series = new HashMap<>();
		Arrays.stream(WsPolicyMeters.values())
			.forEach((meter) -> names(meter).forEach((name) -> series.put(name, meter)));
		return series;
	}

	/** As Micrometer names meters for Prometheus. */
	private static List<String> names(WsPolicyMeters meter) {
		String name = meter.meterName().replace('.', '_');
		return switch (meter.type()) {
			case COUNTER -> List.of(name + "_total");
			case TIMER -> List.of(name + "_seconds_count", name + "_seconds_sum", name + "_seconds_max");
			case DISTRIBUTION_SUMMARY -> List.of(name + "_count", name + "_sum", name + "_max");
			default -> List.of(name);
		};
	}

	private List<String> expressions() {
		List<String> expressions = new ArrayList<>();
		for (Map<String, Object> panel : panels()) {
			for (Object target : (List<?>) panel.get("targets")) {
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
