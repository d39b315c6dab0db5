package dev.wspolicy.pipeline;

import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;
import org.mockito.Mockito;
import reactor.core.publisher.Mono;

import dev.wspolicy.policy.FramePolicy;
import dev.wspolicy.policy.PolicyMode;
import dev.wspolicy.policy.UpgradePolicy;
import dev.wspolicy.policy.UpgradeVerdict;
import dev.wspolicy.policy.Verdict;
import dev.wspolicy.rollout.PolicyTarget;
import dev.wspolicy.rollout.Rollout;
import dev.wspolicy.rollout.RolloutOverride;
import dev.wspolicy.rollout.RolloutOverrides;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for what overrides make of the pipelines of many sessions. Policies log their
 * first failure only, and pipelines take memory, so each of them should exist once.
 */
class PipelineOverrideTests {

	private static final FramePolicy POLICY = (frame, context) -> Verdict.forward();

	private final PolicyBinding shared = PolicyBinding.of("shared", POLICY)
		.rolledOut(Rollout.of(PolicyMode.OBSERVE, null, null));

	private final PolicyBinding own = PolicyBinding.of("own", POLICY).perSession(() -> Mockito.mock(FramePolicy.class));

	private static PipelineCatalog catalog(PolicyBinding... inbound) {
		UpgradePolicy upgrade = (context) -> Mono.just(UpgradeVerdict.accept());
		return new PipelineCatalog(List.of(new PipelineDefinition("default", true,
				List.of(new UpgradeBinding("upgrade", upgrade,
						PolicyOrigin.of(PolicyOrigin.Kind.BEAN, POLICY.getClass()))),
				List.of(inbound), List.of(), SessionSettings.DEFAULT, ReloadBehavior.KEEP)), List.of());
	}

	private static RolloutOverrides override(String policy, PolicyMode mode) {
		return new RolloutOverrides(List.of(new RolloutOverride(new PolicyTarget("default", policy, null, null),
				Rollout.of(mode, null, null), "", Instant.EPOCH, null)));
	}

	/**
	 * The pipelines of sessions that have been served by a pipeline, and of a new one.
	 */
	private static List<SessionPipeline> latter(PipelineCatalog catalog, SessionPipeline... former) {
		return Stream
			.concat(Stream.of(former).map((current) -> catalog.overridden(current, "route")),
					Stream.of(catalog.resolve("default", "route", null)))
			.toList();
	}

	@Test
	void sessionsShareWhatFollows() {
		PipelineCatalog catalog = catalog(this.shared);
		SessionPipeline first = catalog.resolve("default", "route", null);
		catalog.override(override("shared", PolicyMode.OFF));
		List<SessionPipeline> second = latter(catalog, first, first);
		assertThat(second.get(0)).isSameAs(second.get(1));
		assertThat(second).extracting((pipeline) -> pipeline.policies().get(0))
			.containsOnly(second.get(0).policies().get(0));
		catalog.override(RolloutOverrides.NONE);
		List<SessionPipeline> third = latter(catalog, second.get(0), second.get(0));
		assertThat(third.get(0)).isSameAs(third.get(1));
		assertThat(third.get(0).inbound().bindings()).isEqualTo(first.inbound().bindings());
		assertThat(third).extracting((pipeline) -> pipeline.policies().get(0)).containsOnly(this.shared.policy());
	}

	@Test
	void sharedPoliciesExistOnceNextToThoseOfEachSession() {
		PipelineCatalog catalog = catalog(this.shared, this.own);
		SessionPipeline one = catalog.resolve("default", "route", null);
		SessionPipeline two = catalog.resolve("default", "route", null);
		catalog.override(override("shared", PolicyMode.OFF));
		List<SessionPipeline> latter = latter(catalog, one, two);
		assertThat(latter).extracting((pipeline) -> pipeline.policies().get(0))
			.containsOnly(latter.get(0).policies().get(0));
		assertThat(latter).extracting((pipeline) -> pipeline.policies().get(1)).doesNotHaveDuplicates();
		assertThat(latter.get(0).policies().get(1)).isSameAs(one.policies().get(1));
	}

	@Test
	void unchangedPipelineStays() {
		PipelineCatalog catalog = catalog(this.shared);
		SessionPipeline pipeline = catalog.resolve("default", "route", null);
		catalog.override(override("shared", PolicyMode.OBSERVE));
		assertThat(catalog.overridden(pipeline, "route")).isNull();
		assertThat(catalog.overridden(pipeline, "route")).isNull();
	}

	@Test
	void upgradesSharePolicies() {
		PipelineCatalog catalog = catalog();
		PipelineDefinition definition = catalog.definition("default");
		UpgradePolicy configured = catalog.upgradePolicies(definition, "route").get(0).policy();
		catalog.override(override("upgrade", PolicyMode.OBSERVE));
		UpgradePolicy observed = catalog.upgradePolicies(definition, "route").get(0).policy();
		assertThat(observed).isNotSameAs(configured);
		assertThat(catalog.upgradePolicies(definition, "other").get(0).policy()).isSameAs(observed);
		catalog.override(RolloutOverrides.NONE);
		assertThat(catalog.upgradePolicies(definition, "route").get(0).policy()).isSameAs(configured);
	}

}
