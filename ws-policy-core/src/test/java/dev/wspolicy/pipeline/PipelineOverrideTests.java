package dev.wspolicy.pipeline;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.mockito.Mockito;
import reactor.core.publisher.Mono;

import dev.wspolicy.policy.FramePolicy;
import dev.wspolicy.policy.PolicyMode;
import dev.wspolicy.policy.UpgradePolicy;
import dev.wspolicy.policy.UpgradeVerdict;
import dev.wspolicy.policy.Verdict;
import dev.wspolicy.rollout.PolicyList;
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

	private static final FramePolicy REMOVED = (frame, context) -> Verdict.drop();

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
		return override(policy, null, mode);
	}

	private static RolloutOverrides override(String policy, @Nullable PolicyList list, PolicyMode mode) {
		return new RolloutOverrides(List.of(new RolloutOverride(new PolicyTarget("default", policy, list, null),
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

	@Test
	void numberOfOverriddenPipelinesThatAreKeptIsLimited() {
		PipelineCatalog catalog = catalog(this.shared);
		List<SessionPipeline> former = new ArrayList<>();
		for (int i = 0; i < 1024; i++) {
			former.add(catalog.resolve("default", "route", "v" + i));
		}
		catalog.override(override("shared", PolicyMode.OFF));
		former.forEach((current) -> catalog.overridden(current, "route"));
		SessionPipeline last = former.get(1023);
		assertThat(catalog.overridden(last, "route")).isNotNull().isSameAs(catalog.overridden(last, "route"));
		SessionPipeline other = SessionPipeline.of("default", SessionSettings.DEFAULT, List.of(this.shared), List.of());
		assertThat(catalog.overridden(other, "route")).isNotSameAs(catalog.overridden(other, "route"));
	}

	@Test
	void pipelinesWithPoliciesOfASessionAreNotKept() {
		PipelineCatalog catalog = catalog(this.shared, this.own);
		List<SessionPipeline> former = Stream.generate(() -> catalog.resolve("default", "route", null))
			.limit(1024)
			.toList();
		catalog.override(override("shared", PolicyMode.OFF));
		former.forEach((current) -> catalog.overridden(current, "route"));
		SessionPipeline other = SessionPipeline.of("default", SessionSettings.DEFAULT, List.of(this.shared), List.of());
		assertThat(catalog.overridden(other, "route")).isNotNull().isSameAs(catalog.overridden(other, "route"));
	}

	@Test
	void removedPolicyIsTheSameInBothDirections() {
		PipelineCatalog catalog = catalog(this.shared);
		SessionPipeline former = SessionPipeline.of("default", SessionSettings.DEFAULT,
				List.of(PolicyBinding.of("removed", REMOVED)), List.of(PolicyBinding.of("removed", REMOVED)));
		catalog.override(override("removed", PolicyList.INBOUND, PolicyMode.OBSERVE));
		SessionPipeline one = Objects.requireNonNull(catalog.overridden(former, "route"));
		assertThat(one.policies()).hasSize(2);
		catalog.override(override("removed", PolicyMode.OBSERVE));
		SessionPipeline both = Objects.requireNonNull(catalog.overridden(one, "route"));
		assertThat(both.policies()).containsExactly(one.inbound().bindings().get(0).policy());
	}

	@ParameterizedTest
	@CsvSource({ "true,true,true", "true,false,false", "false,true,false", "false,false,false" })
	void liveSessionFollowsAnotherDefinitionThatIsMeantForIt(boolean changed, boolean applyToLive, boolean follows) {
		PipelineCatalog catalog = catalog(this.shared);
		PipelineDefinition former = catalog.definition("default");
		SessionPipeline current = catalog.resolve("default", "route", null);
		PipelineDefinition latter = new PipelineDefinition("default", true, former.upgrade(), former.inbound(),
				changed ? List.of(this.shared) : List.of(), SessionSettings.DEFAULT,
				new ReloadBehavior(applyToLive, false));
		PipelineDefinition served = changed ? former : latter;
		catalog.replace(List.of(latter), RolloutOverrides.NONE);
		SessionPipeline successor = catalog.successor(served, current, "route", null);
		assertThat(successor).isSameAs(follows ? catalog.resolve("default", "route", null) : null);
	}

}
