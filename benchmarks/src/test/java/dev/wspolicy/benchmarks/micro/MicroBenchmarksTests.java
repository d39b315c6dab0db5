package dev.wspolicy.benchmarks.micro;

import java.io.IOException;
import java.util.List;

import org.junit.jupiter.api.Test;

import dev.wspolicy.frame.FrameType;
import dev.wspolicy.pipeline.SessionPipeline;

import static org.assertj.core.api.Assertions.assertThat;

class MicroBenchmarksTests {

	@Test
	void eachPolicyOfTheFileIsRun() throws IOException {
		assertThat(MicroBenchmarks.shippedPolicies()).startsWith("none").contains("text-pattern", "rate-limit");
	}

	@Test
	void pipelinesComeFromTheFile() {
		SessionPipeline pipeline = Pipelines.of("text-pattern", List.of());
		assertThat(pipeline.inbound().messages().wants(FrameType.TEXT)).isTrue();
		assertThat(pipeline.outbound().messages().wants(FrameType.TEXT)).isFalse();
	}

}
