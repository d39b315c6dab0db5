package dev.wspolicy.benchmarks.report;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

import javax.xml.parsers.DocumentBuilderFactory;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import dev.wspolicy.benchmarks.report.Results.Named;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;

class ReportTests {

	@TempDir
	private Path docs;

	private static Report report() {
		List<Sample> samples = new ArrayList<>();
		for (int round = 1; round <= 3; round++) {
			samples.add(sample("window-16", "stock", round, 2.0 * round));
			samples.add(sample("window-16", "pass-through", round, 0.8 * round));
			samples.add(sample("window-16", "three", round, round));
			samples.add(sample("handshakes", "stock", round, 300.0 * round));
			samples.add(sample("handshakes", "pass-through", round, 100.0 * round));
			samples.add(sample("live-64", "pass-through", round, 5.0 * round));
			samples.add(sample("live-1000", "pass-through", round, 5.0 * round));
		}
		List<Named> contestants = List.of(new Named("stock", "stock Gateway"), new Named("pass-through", "ours <&>"),
				new Named("three", "3 policies read"));
		List<Named> loads = List.of(new Named("window-16", "128 B, window 16"), new Named("handshakes", "handshakes"));
		return new Report(new Results(Map.of("rounds", "3"), contestants, loads, samples,
				List.of(new IdleSample("stock", 9000, 18.5, 4.5, 200)), List.of("haproxy is not installed here")));
	}

	private static Sample sample(String load, String contestant, int round, double micros) {
		return new Sample(load, contestant, round, 1000, micros, 1e6 / micros, 10, 20, 30, 0.5);
	}

	@Test
	void comparesMediansWithStock() {
		assertThat(report().text()).contains("| stock Gateway   |             4.00 |")
			.contains("| ours <&>        |      1.60 (0.40) |")
			.contains("| 3 policies read |      2.00 (0.50) |");
	}

	@Test
	void countsHandshakesForACore() {
		assertThat(report().text()).contains("| ours <&>      |               200 |               5,000 |     3.00 |");
	}

	@Test
	void showsMemoryAndNotes() {
		assertThat(report().text()).contains("|    9,000 |     23.0 | 18.5 |")
			.contains("haproxy is not installed here");
	}

	@Test
	void publishesIntoThePage() throws Exception {
		Path page = this.docs.resolve("performance.md");
		Files.writeString(page, "# Performance\n<!-- figures -->\nold\n<!-- end of figures -->\nEnd.\n");
		report().publish(this.docs);
		assertThat(page).content()
			.startsWith("# Performance\n<!-- figures -->\n")
			.contains("1.60 (0.40)")
			.doesNotContain("old")
			.endsWith("<!-- end of figures -->\nEnd.\n");
		assertThat(this.docs.resolve("performance/results.json")).content().contains("\"contestant\" : \"three\"");
		for (String chart : List.of("ratios.svg", "policies.svg", "sessions.svg")) {
			Path file = this.docs.resolve("performance").resolve(chart);
			assertThat(DocumentBuilderFactory.newInstance()
				.newDocumentBuilder()
				.parse(file.toFile())
				.getDocumentElement()
				.getTagName()).isEqualTo("svg");
		}
	}

	@Test
	void aPageWithoutTheSectionIsLeftAlone() throws IOException {
		Path page = Files.writeString(this.docs.resolve("page.md"), "# Page\n");
		assertThatIOException().isThrownBy(() -> new Page(page).replace("figures", "text"))
			.withMessageEndingWith("page.md has no section 'figures'");
		assertThat(page).hasContent("# Page\n");
	}

}
