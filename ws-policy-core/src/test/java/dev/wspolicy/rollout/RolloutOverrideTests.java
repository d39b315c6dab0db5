package dev.wspolicy.rollout;

import java.time.Instant;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import dev.wspolicy.policy.PolicyMode;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link RolloutOverride}.
 */
class RolloutOverrideTests {

	@ParameterizedTest
	@CsvSource({ "ops, (OFF by 'ops')", "'', (OFF)" })
	void namesTheOperatorIfKnown(String operator, String end) {
		RolloutOverride override = new RolloutOverride(new PolicyTarget("chat", "shouting", null, null),
				Rollout.of(PolicyMode.OFF, null, null), operator, Instant.EPOCH, null);
		assertThat(override).hasToString("policy 'shouting' of the pipeline 'chat' " + end);
	}

}
