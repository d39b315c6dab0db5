package dev.wspolicy.pipeline;

import java.time.Instant;
import java.util.List;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import reactor.core.publisher.Mono;

import dev.wspolicy.frame.Direction;
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
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

/**
 * Tests for which policies an override may concern: listed ones, and those that bind
 * themselves to routes and directions.
 */
class OverrideCandidatesTests {

	private static final List<NamePattern> CHATS = List.of(NamePattern.of("chat*"));

	private static final UpgradePolicy UPGRADE = (context) -> Mono.just(UpgradeVerdict.accept());

	private final PolicyBinding bound = on(binding("bound").in(Direction.INBOUND), CHATS);

	private final PolicyBinding listed = binding("listed");

	private final UpgradeBinding boundUpgrade = upgrade("bound-upgrade", UPGRADE, CHATS);

	private final UpgradeBinding listedUpgrade = upgrade("listed-upgrade",
			(context) -> Mono.just(UpgradeVerdict.accept()), List.of());

	private PipelineDefinition definition = definition(this.listedUpgrade);

	private PipelineCatalog catalog = catalog();

	private static PolicyBinding binding(String name) {
		FramePolicy policy = (frame, context) -> Verdict.forward();
		return PolicyBinding.of(name, policy);
	}

	private static PolicyBinding on(PolicyBinding binding, List<NamePattern> routes) {
		return new PolicyBinding(binding.name(), binding.policy(), binding.directions(), binding.types(),
				binding.granularity(), binding.onError(), routes, List.of());
	}

	private static UpgradeBinding upgrade(String name, UpgradePolicy policy, List<NamePattern> routes) {
		return new UpgradeBinding(name, policy, routes,
				PolicyOrigin.of(PolicyOrigin.Kind.ANNOTATION, UpgradePolicy.class));
	}

	private PipelineDefinition definition(UpgradeBinding... upgrade) {
		return new PipelineDefinition("default", true, List.of(upgrade), List.of(this.listed), List.of(this.listed),
				SessionSettings.DEFAULT, ReloadBehavior.KEEP);
	}

	private PipelineCatalog catalog() {
		return new PipelineCatalog(List.of(this.definition), List.of(this.bound), List.of(this.boundUpgrade));
	}

	@ParameterizedTest
	@CsvSource({ "INBOUND, , bound listed", "INBOUND, chat-1, bound listed", "INBOUND, news, listed",
			"OUTBOUND, chat-1, listed" })
	void framePolicies(PolicyList list, @Nullable String route, String names) {
		assertThat(this.catalog.candidates(this.definition, list, route)).extracting(PolicyBinding::name)
			.containsExactly(names.split(" "));
	}

	@ParameterizedTest
	@CsvSource({ ", bound-upgrade listed-upgrade", "chat-1, bound-upgrade listed-upgrade", "news, listed-upgrade" })
	void upgradePolicies(@Nullable String route, String names) {
		assertThat(this.catalog.upgradeCandidates(this.definition, route)).extracting(UpgradeBinding::name)
			.containsExactly(names.split(" "));
	}

	@Test
	void upgradePolicyThatBindsItselfServesItsRoutes() {
		assertThat(this.catalog.upgradePolicies(this.definition, "chat-1")).containsExactly(this.boundUpgrade,
				this.listedUpgrade);
		assertThat(this.catalog.upgradePolicies(this.definition, "news")).containsExactly(this.listedUpgrade);
	}

	@Test
	void upgradePolicyThatIsListedTooRunsWhereItIsListed() {
		UpgradeBinding again = upgrade("again", UPGRADE, List.of());
		this.definition = definition(this.listedUpgrade, again);
		assertThat(catalog().upgradePolicies(this.definition, "chat-1")).containsExactly(this.listedUpgrade, again);
	}

	@Test
	void unknownPipeline() {
		assertThatIllegalArgumentException().isThrownBy(() -> this.catalog.definition("chta"))
			.withMessage("pipeline: 'chta' (expected: one of [default])");
	}

	@Test
	void overriddenUpgradePolicyKnowsWhatIsConfigured() {
		this.catalog.override(override("listed-upgrade", PolicyMode.OBSERVE));
		UpgradeBinding overridden = this.catalog.upgradePolicies(this.definition, "news").get(0);
		assertThat(overridden.rollout().mode()).isEqualTo(PolicyMode.OBSERVE);
		assertThat(overridden.configured()).isEqualTo(Rollout.COMPLETE);
		this.catalog.override(override("listed-upgrade", PolicyMode.ENFORCE));
		UpgradeBinding same = this.catalog.upgradePolicies(this.definition, "news").get(0);
		assertThat(same).isSameAs(this.listedUpgrade);
		assertThat(same.configured()).isEqualTo(Rollout.COMPLETE);
	}

	@Test
	void overriddenPolicyKnowsWhatIsConfigured() {
		this.catalog.override(override("listed", PolicyMode.OFF));
		PolicyBinding overridden = this.catalog.policies("default", Direction.OUTBOUND, "news").get(0);
		assertThat(overridden.shown()).isEmpty();
		assertThat(overridden.configured()).isEqualTo(Rollout.COMPLETE);
		assertThat(this.listed.shown()).isNotEmpty();
		assertThat(this.listed.configured()).isEqualTo(Rollout.COMPLETE);
	}

	@Test
	void refreshKeepsOverrides() {
		SessionPipeline current = this.catalog.resolve("default", "news", null);
		assertThat(this.catalog.successor(this.definition, current, "news", null)).isNull();
		this.catalog.replace(List.of(this.definition), override("listed", PolicyMode.OFF));
		assertThat(this.catalog.overrides().find("default", "listed", PolicyList.INBOUND, "news")).isNotNull();
		SessionPipeline successor = this.catalog.successor(this.definition, current, "news", null);
		assertThat(successor).isNotNull();
		assertThat(successor.inbound().bindings().get(0).rollout().isOff()).isTrue();
	}

	private static RolloutOverrides override(String policy, PolicyMode mode) {
		return new RolloutOverrides(List.of(new RolloutOverride(new PolicyTarget("default", policy, null, null),
				Rollout.of(mode, null, null), "", Instant.EPOCH, null)));
	}

}
