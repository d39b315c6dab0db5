package dev.wspolicy.proving.fuzz;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

import dev.wspolicy.proving.Seed;
import dev.wspolicy.testkit.QuietLog;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Streams that Jazzer derives from a corpus, by what they make the relay do. The corpus
 * holds ordinary traffic and one stream for each rule.
 */
@ExtendWith(QuietLog.class)
class CoverageGuidedTests {

	private static final Path CORPUS = Path.of("src", "test", "corpus", "relay");

	@Test
	void relayAgreesOnTheCorpus() throws IOException {
		try (Stream<Path> files = Files.list(CORPUS)) {
			List<Path> inputs = files.toList();
			assertThat(inputs).hasSizeGreaterThan(20);
			for (Path input : inputs) {
				assertThat(RelayFuzzer.run(Files.readAllBytes(input))).as(input.toString()).isNull();
			}
		}
	}

	@Test
	@Tag("proving")
	void longRun() throws Exception {
		int seed = (int) (Seed.of("coverage-guided").value() & Integer.MAX_VALUE);
		Path findings = Files.createDirectories(Path.of("target", "jazzer"));
		Path log = findings.resolve("jazzer.txt");
		Process process = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "java").toString(),
				"-XX:+EnableDynamicAgentLoading", "-Xmx1g", "-cp", System.getProperty("java.class.path"),
				"com.code_intelligence.jazzer.Jazzer", "--target_class=" + RelayFuzzer.class.getName(),
				"--instrumentation_includes=dev.wspolicy.netty.**:dev.wspolicy.relay.**:dev.wspolicy.frame.**",
				"--reproducer_path=" + findings, "-artifact_prefix=" + findings + "/", "-max_len=4096",
				"-max_total_time=" + Integer.getInteger("proving.fuzz.seconds", 300), "-seed=" + seed,
				Files.createDirectories(findings.resolve("corpus")).toString(), CORPUS.toString())
			.redirectErrorStream(true)
			.redirectOutput(log.toFile())
			.start();
		boolean ended = process.waitFor(1, TimeUnit.HOURS);
		process.destroyForcibly();
		String output = Files.readString(log);
		assertThat(ended && process.exitValue() == 0).as(output).isTrue();
		assertThat(output).contains("DONE");
	}

}
