package dev.wspolicy.docs;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;
import org.springframework.boot.json.JsonParserFactory;

import dev.wspolicy.autoconfigure.WebSocketsEndpointProperties;
import dev.wspolicy.observation.DefaultUpgradeObservationConvention;
import dev.wspolicy.observation.SessionLog;
import dev.wspolicy.observation.WsPolicyMeters;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The documented meters match the code, and the documented keys exist.
 */
class ObservabilityPageTests {

	private static final Pattern METER = Pattern.compile("^\\| `(wspolicy[^`]+)` \\| (\\w+) \\| ([^|]*)\\|");

	private static final Pattern CODE = Pattern.compile("`([^`]+)`");

	private static final Pattern NAME = Pattern.compile("wspolicy(\\.[a-z]+)+");

	private static final Pattern PROMETHEUS_NAME = Pattern.compile("\\b(wspolicy_[a-z_]+?)(?:_total)?\\b");

	private final Page page = Page.of("docs/observability.md");

	@Test
	void metersWithTypesAndTags() {
		assertThat(this.page.section("Meters")).flatMap((line) -> METER.matcher(line).results().toList())
			.extracting((row) -> row.group(1) + " " + row.group(2) + " " + tags(row))
			.containsExactlyInAnyOrderElementsOf(Arrays.stream(WsPolicyMeters.values())
				.map((meter) -> meter.meterName() + " " + meter.type().name().toLowerCase(Locale.ROOT) + " "
						+ meter.tags())
				.toList());
	}

	private static List<String> tags(MatchResult row) {
		return CODE.matcher(row.group(3)).results().map((tag) -> tag.group(1)).toList();
	}

	@Test
	void pagesNameExistingMetersOnly() {
		Set<String> names = Arrays.stream(WsPolicyMeters.values())
			.map(WsPolicyMeters::meterName)
			.collect(Collectors.toSet());
		names.add(DefaultUpgradeObservationConvention.NAME);
		assertThat(Page.all()).allSatisfy((page) -> assertThat(page.prose())
			.flatMap((line) -> CODE.matcher(line).results().map((code) -> code.group(1)).toList())
			.filteredOn((code) -> NAME.matcher(code).matches() && !code.startsWith("dev."))
			// Those of the fleet are in a module that is not on this class path
			.filteredOn((code) -> !code.startsWith("wspolicy.fleet."))
			.isSubsetOf(names));
	}

	@Test
	void pagesUseThePrometheusNamesOfExistingMetersOnly() {
		Set<String> names = Arrays.stream(WsPolicyMeters.values())
			.map((meter) -> meter.meterName().replace('.', '_'))
			.collect(Collectors.toSet());
		assertThat(Page.all()
			.flatMap((page) -> Stream.concat(page.prose().stream(), page.blocks().stream().map(Page.Block::text)))
			.flatMap((text) -> PROMETHEUS_NAME.matcher(text).results())
			.map((name) -> name.group(1))).isNotEmpty().isSubsetOf(names);
	}

	@Test
	void keysOfTheActuatorExist() {
		assertThat(this.page.prose()).filteredOn((line) -> line.startsWith("| `management."))
			.hasSize(15)
			.flatMap((line) -> CODE.matcher(line).results().limit(1).map((key) -> key.group(1)).toList())
			.allSatisfy((key) -> assertThat(key).matches(KnownProperties::contains, "is a known property"));
		WebSocketsEndpointProperties defaults = new WebSocketsEndpointProperties();
		assertThat(this.page.prose())
			.anySatisfy((line) -> assertThat(line).startsWith("| `management.endpoint.websockets.show-values` | `"
					+ defaults.getShowValues().name().toLowerCase(Locale.ROOT) + "` |"));
	}

	@Test
	void examplesAreJson() {
		assertThat(this.page.blocks()).filteredOn((block) -> block.language().equals("json"))
			.isNotEmpty()
			.allSatisfy((block) -> assertThat(JsonParserFactory.getJsonParser().parseMap(block.text())).isNotEmpty());
	}

	@Test
	void theLoggerIsNamed() {
		assertThat(String.join("\n", this.page.prose())).contains("`" + SessionLog.LOGGER + "`");
	}

}
