package dev.wspolicy.docs;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.springframework.core.env.EnumerablePropertySource;

import dev.wspolicy.pipeline.PipelineCatalog;
import dev.wspolicy.pipeline.PipelineDefinition;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The documented keys and their defaults match the code.
 */
class ConfigurationPageTests {

	private static final Pattern ROW = Pattern.compile("^\\| `(ws-policy[^`]+)` \\| .+? \\| `?([^`|]*)`? ?\\|");

	/** Also matches a row without a default. */
	private static final Pattern ROW_KEY = Pattern.compile("^\\| `(ws-policy[^`]+)` \\|");

	private static final Pattern KEY = Pattern.compile("`((?:ws-policy|spring|server)\\.[a-z0-9.<>\\[\\]-]+)");

	private final Page page = Page.of("docs/configuration.md");

	static Stream<Page> pages() {
		return Page.all();
	}

	@Test
	void theTableHasAllKeysAndNoOthers() {
		List<String> keys = this.page.prose()
			.stream()
			.flatMap((line) -> ROW_KEY.matcher(line).results())
			.map((row) -> row.group(1))
			.toList();
		assertThat(keys).containsExactlyInAnyOrderElementsOf(KnownProperties.ofWsPolicy());
	}

	@Test
	void allKeysOfTheMetadataAreMentioned() {
		assertThat(KnownProperties.ofWsPolicyInMetadata()).isNotEmpty()
			.allSatisfy((key) -> assertThat(String.join("\n", this.page.prose())).contains("`" + key));
	}

	@ParameterizedTest
	@MethodSource("pages")
	void allKeysInTheTextExist(Page page) {
		assertThat(page.prose()).flatMap((line) -> KEY.matcher(line).results().map((key) -> key.group(1)).toList())
			.allSatisfy((key) -> assertThat(key).matches(KnownProperties::contains, "is a known property"));
	}

	@Test
	void theKeysOfGatewaysClientExist() {
		Page stock = Page.of("docs/coming-from-stock-gateway.md");
		assertThat(stock.firstColumn("Settings of Gateway's HTTP client")).isNotEmpty()
			.allSatisfy((key) -> assertThat("spring.cloud.gateway.server.webflux.httpclient." + key)
				.matches(KnownProperties::contains, "is a known property"));
	}

	@Test
	void theDefaultsWrittenOutAreThoseOfTheTable() {
		EnumerablePropertySource<?> written = DocumentedGateway.properties(defaults()).get(0);
		Map<String, String> values = new LinkedHashMap<>();
		for (String name : written.getPropertyNames()) {
			String value = String.valueOf(written.getProperty(name));
			values.put(name.replace(".default.", "." + KnownProperties.NAME + "."),
					value.isEmpty() ? empty(name) : value);
		}
		Map<String, String> table = table();
		// A key without a default of its own cannot be written out
		table.values().removeIf(String::isEmpty);
		assertThat(values).containsExactlyInAnyOrderEntriesOf(table);
	}

	private static String empty(String name) {
		return name.endsWith(".reason") ? "\"\"" : "[]";
	}

	@Test
	void theDefaultsWrittenOutChangeNothing() {
		DocumentedGateway.runner()
			.run((plain) -> DocumentedGateway.runner(defaults())
				.run((configured) -> assertThat(definition(configured.getBean(PipelineCatalog.class)))
					.isEqualTo(definition(plain.getBean(PipelineCatalog.class)))));
	}

	private static PipelineDefinition definition(PipelineCatalog catalog) {
		return catalog.definition(PipelineDefinition.DEFAULT_NAME);
	}

	private Page.Block defaults() {
		List<Page.Block> blocks = this.page.blocks()
			.stream()
			.filter((block) -> block.language().equals("yaml") && block.text().contains("masking:"))
			.toList();
		assertThat(blocks).as("blocks with all defaults").hasSize(1);
		return blocks.get(0);
	}

	private Map<String, String> table() {
		return defaultsOf(this.page);
	}

	/** Returns the documented defaults by key. */
	static Map<String, String> defaultsOfTheTable() {
		return defaultsOf(Page.of("docs/configuration.md"));
	}

	private static Map<String, String> defaultsOf(Page page) {
		return page.prose()
			.stream()
			.flatMap((line) -> ROW.matcher(line).results())
			.collect(Collectors.toMap((MatchResult row) -> row.group(1), (row) -> row.group(2)));
	}

}
