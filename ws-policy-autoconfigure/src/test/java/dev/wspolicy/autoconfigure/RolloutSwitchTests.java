package dev.wspolicy.autoconfigure;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.TimeUnit;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import reactor.test.scheduler.VirtualTimeScheduler;

import dev.wspolicy.frame.Direction;
import dev.wspolicy.frame.Frame;
import dev.wspolicy.netty.LiveSessions;
import dev.wspolicy.pipeline.PipelineCatalog;
import dev.wspolicy.pipeline.PipelineDefinition;
import dev.wspolicy.pipeline.PolicyBinding;
import dev.wspolicy.pipeline.SessionPipeline;
import dev.wspolicy.pipeline.SessionSettings;
import dev.wspolicy.policy.FrameContext;
import dev.wspolicy.policy.FramePolicy;
import dev.wspolicy.policy.PolicyMode;
import dev.wspolicy.policy.Verdict;
import dev.wspolicy.rollout.PolicyList;
import dev.wspolicy.rollout.PolicyTarget;
import dev.wspolicy.rollout.Rollout;
import dev.wspolicy.rollout.RolloutOverride;
import dev.wspolicy.rollout.UnknownPolicyException;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

/**
 * Tests for how long overrides of the rollout of policies are in force.
 */
@ExtendWith(OutputCaptureExtension.class)
class RolloutSwitchTests {

	private static final PolicyTarget TARGET = new PolicyTarget("default", "policy", null, null);

	private final VirtualTimeScheduler scheduler = VirtualTimeScheduler.create();

	private final PolicyBinding policy = PolicyBinding.of("policy", (frame, context) -> Verdict.forward());

	private final PipelineCatalog catalog = new PipelineCatalog(List.of(definition(this.policy)), List.of());

	private final RolloutSwitch rollouts = new RolloutSwitch(this.catalog, new LiveSessions(), this.scheduler);

	private static PipelineDefinition definition(PolicyBinding... inbound) {
		return new PipelineDefinition("default", List.of(inbound), List.of(), SessionSettings.DEFAULT);
	}

	private RolloutOverride override(PolicyMode mode, @Nullable Duration duration) {
		Instant now = Instant.ofEpochMilli(this.scheduler.now(TimeUnit.MILLISECONDS));
		return new RolloutOverride(TARGET, Rollout.of(mode, null, null), "ops", now,
				(duration != null) ? now.plus(duration) : null);
	}

	private PolicyMode mode() {
		PolicyMode shown = this.catalog.policies("default", Direction.INBOUND, "route").get(0).rollout().mode();
		assertThat(this.catalog.resolve("default", "route", null).inbound().bindings().get(0).rollout().mode())
			.isEqualTo(shown);
		return shown;
	}

	@Test
	void endsByItself() {
		this.rollouts.set(override(PolicyMode.OBSERVE, Duration.ofMinutes(15)));
		this.scheduler.advanceTimeBy(Duration.ofMinutes(15).minusMillis(1));
		assertThat(mode()).isEqualTo(PolicyMode.OBSERVE);
		this.scheduler.advanceTimeBy(Duration.ofMillis(1));
		assertThat(mode()).isEqualTo(PolicyMode.ENFORCE);
		assertThat(this.rollouts.overrides()).isEmpty();
	}

	@Test
	void laterOverrideHasItsOwnEnd() {
		this.rollouts.set(override(PolicyMode.OBSERVE, Duration.ofMinutes(1)));
		this.rollouts.set(override(PolicyMode.OFF, Duration.ofMinutes(10)));
		this.scheduler.advanceTimeBy(Duration.ofMinutes(9));
		assertThat(mode()).isEqualTo(PolicyMode.OFF);
		this.rollouts.set(override(PolicyMode.OBSERVE, null));
		this.scheduler.advanceTimeBy(Duration.ofDays(100));
		assertThat(mode()).isEqualTo(PolicyMode.OBSERVE);
	}

	@Test
	void sameOverrideChangesNothing() {
		RolloutOverride override = override(PolicyMode.OBSERVE, Duration.ofMinutes(1));
		this.rollouts.set(override);
		SessionPipeline resolved = this.catalog.resolve("default", "route", null);
		this.rollouts.set(override);
		assertThat(this.catalog.resolve("default", "route", null)).isSameAs(resolved);
		this.scheduler.advanceTimeBy(Duration.ofMinutes(1));
		assertThat(mode()).isEqualTo(PolicyMode.ENFORCE);
	}

	@Test
	void narrowerOverrideEndsBeforeTheOther() {
		this.rollouts.set(override(PolicyMode.OBSERVE, null));
		this.rollouts.set(new RolloutOverride(new PolicyTarget("default", "policy", PolicyList.INBOUND, "route"),
				Rollout.of(PolicyMode.OFF, null, null), "ops", Instant.EPOCH, Instant.EPOCH.plusSeconds(60)));
		assertThat(mode()).isEqualTo(PolicyMode.OFF);
		this.scheduler.advanceTimeBy(Duration.ofMinutes(1));
		assertThat(mode()).isEqualTo(PolicyMode.OBSERVE);
	}

	@Test
	void isNotSetIfItIsOver() {
		this.scheduler.advanceTimeBy(Duration.ofHours(1));
		RolloutOverride over = new RolloutOverride(TARGET, Rollout.COMPLETE, "", Instant.EPOCH,
				Instant.EPOCH.plusSeconds(60));
		assertThatIllegalArgumentException().isThrownBy(() -> this.rollouts.set(over)).withMessageContaining("until");
	}

	@Test
	void undoneOverrideDoesNotEndAgain() {
		this.rollouts.set(override(PolicyMode.OBSERVE, Duration.ofMinutes(1)));
		this.rollouts.undo(TARGET);
		assertThat(mode()).isEqualTo(PolicyMode.ENFORCE);
		assertThatExceptionOfType(UnknownPolicyException.class).isThrownBy(() -> this.rollouts.undo(TARGET));
		this.rollouts.set(override(PolicyMode.OFF, null));
		this.scheduler.advanceTimeBy(Duration.ofMinutes(2));
		assertThat(mode()).isEqualTo(PolicyMode.OFF);
	}

	@Test
	void refreshKeepsTheOverride(CapturedOutput output) {
		this.rollouts.set(override(PolicyMode.OBSERVE, Duration.ofMinutes(1)));
		this.rollouts.replace(List.of(definition(PolicyBinding.of("first", (frame, context) -> Verdict.drop()),
				PolicyBinding.of("policy", (frame, context) -> Verdict.drop()))));
		assertThat(this.catalog.policies("default", Direction.INBOUND, "route"))
			.extracting((binding) -> binding.rollout().mode())
			.containsExactly(PolicyMode.ENFORCE, PolicyMode.OBSERVE);
		assertThat(output).doesNotContain("has been dropped");
		this.scheduler.advanceTimeBy(Duration.ofMinutes(1));
		assertThat(this.rollouts.overrides()).isEmpty();
	}

	@Test
	void refreshDropsTheOverrideOfPolicyThatIsGone(CapturedOutput output) {
		this.rollouts.set(override(PolicyMode.OBSERVE, Duration.ofMinutes(1)));
		this.rollouts.replace(List.of(definition(PolicyBinding.of("other", (frame, context) -> Verdict.drop()))));
		assertThat(mode()).isEqualTo(PolicyMode.ENFORCE);
		assertThat(this.rollouts.overrides()).isEmpty();
		assertThat(output).contains("The override of the policy 'policy' of the pipeline 'default'",
				"has been dropped, because its pipeline has changed.", "(expected: other)");
	}

	@Test
	void refreshDropsTheOverrideOfPolicyThatCannotBeObservedAnyMore(CapturedOutput output) {
		this.rollouts.set(override(PolicyMode.OBSERVE, null));
		this.rollouts.replace(List.of(definition(PolicyBinding.of("policy", new FramePolicy() {

			@Override
			public Verdict apply(Frame frame, FrameContext context) {
				return Verdict.forward();
			}

			@Override
			public boolean isObservable() {
				return false;
			}

		}))));
		assertThat(mode()).isEqualTo(PolicyMode.ENFORCE);
		assertThat(output).contains("cannot be observed");
	}

}
