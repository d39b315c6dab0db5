package dev.wspolicy.benchmarks.micro;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

import org.junit.jupiter.api.Test;
import org.springframework.context.ConfigurableApplicationContext;

import dev.wspolicy.frame.FrameType;
import dev.wspolicy.pipeline.PipelineCatalog;
import dev.wspolicy.pipeline.SessionPipeline;
import dev.wspolicy.policy.FramePolicyFactory;

import static org.assertj.core.api.Assertions.assertThat;

class MicroBenchmarksTests {

	/** A row of the list of built-in policies: its name, and where pipelines list it. */
	private static final Pattern ROW = Pattern.compile("\\| \\[`([a-z-]+)`]\\([^)]+\\) \\| ([^|]+) \\|");

	@Test
	void eachBuiltInPolicyOfTheDocumentationHasALine() throws IOException {
		String index = Files.readString(Path.of("../docs/policies/index.md"));
		List<String> documented = ROW.matcher(index)
			.results()
			.filter((row) -> row.group(2).contains("bound"))
			.map((MatchResult row) -> row.group(1))
			.toList();
		assertThat(documented).contains("rate-limit", "frame-log");
		assertThat(PolicyLine.all().keySet()).startsWith("none").containsAll(documented);
	}

	@Test
	void eachFactoryHasALineAndEachLineAPipeline() {
		Set<String> lines = PolicyLine.all().keySet();
		try (ConfigurableApplicationContext context = Pipelines.start(List.of())) {
			assertThat(context.getBeanNamesForType(FramePolicyFactory.class)).hasSizeGreaterThan(10)
				.allSatisfy(
						(bean) -> assertThat(lines).contains(((FramePolicyFactory<?>) context.getBean(bean)).name()));
			PipelineCatalog pipelines = context.getBean(PipelineCatalog.class);
			assertThat(lines).allSatisfy(
					(line) -> assertThat(pipelines.resolve(line, "route", null).policies()).hasSize(policies(line)));
		}
	}

	private static int policies(String line) {
		return switch (line) {
			case "none" -> 0;
			// It waits for another one
			case "authenticated-only" -> 2;
			default -> line.endsWith("-ten") ? 10 : 1;
		};
	}

	@Test
	void pipelinesComeFromTheFile() {
		SessionPipeline pipeline = Pipelines.of("text-pattern", List.of());
		assertThat(pipeline.inbound().messages().wants(FrameType.TEXT)).isTrue();
		assertThat(pipeline.outbound().messages().wants(FrameType.TEXT)).isFalse();
	}

}
