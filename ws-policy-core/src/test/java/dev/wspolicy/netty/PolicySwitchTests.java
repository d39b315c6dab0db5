package dev.wspolicy.netty;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

import dev.wspolicy.frame.Frame;
import dev.wspolicy.pipeline.PipelineCatalog;
import dev.wspolicy.pipeline.PipelineDefinition;
import dev.wspolicy.pipeline.PolicyBinding;
import dev.wspolicy.pipeline.SessionPipeline;
import dev.wspolicy.pipeline.SessionSettings;
import dev.wspolicy.policy.FrameContext;
import dev.wspolicy.policy.FramePolicy;
import dev.wspolicy.policy.Granularity;
import dev.wspolicy.policy.PolicyMode;
import dev.wspolicy.policy.Verdict;
import dev.wspolicy.rollout.PolicyTarget;
import dev.wspolicy.rollout.Rollout;
import dev.wspolicy.rollout.RolloutOverride;
import dev.wspolicy.rollout.RolloutOverrides;
import dev.wspolicy.session.ProxiedSession;
import dev.wspolicy.session.Side;
import dev.wspolicy.session.Termination;
import dev.wspolicy.testkit.WireFrame;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for policies that are rolled out otherwise while a session is open.
 */
class PolicySwitchTests {

	private final Shout shout = new Shout();

	private final Count count = new Count();

	private @Nullable PipelineCatalog catalog;

	private @Nullable EmbeddedSession session;

	@AfterEach
	void close() {
		this.session.close();
		// Whatever a callback throws is only logged.
		assertThat(this.shout.problems).isEmpty();
		assertThat(this.shout.serving).isEmpty();
		assertThat(this.count.opened).isOne();
	}

	/** The other policies have one object for each session, as a rate limit may have. */
	private void open(Stage stage, Granularity granularity) {
		PolicyBinding shouting = PolicyBinding.of("shout", this.shout)
			.granularity(granularity)
			.rolledOut(stage.rollout);
		PolicyBinding counting = PolicyBinding.of("count", this.count).perSession(() -> this.count);
		List<PolicyBinding> listed = List.of(counting, shouting);
		this.catalog = new PipelineCatalog(
				List.of(new PipelineDefinition("default", listed, listed, SessionSettings.DEFAULT)), List.of());
		SessionPipeline pipeline = this.catalog.resolve("default", "route", null);
		this.session = EmbeddedSession.builder().pipeline(pipeline).open();
	}

	private void switchTo(Stage stage) {
		override(overrides(stage));
	}

	private static RolloutOverrides overrides(Stage stage) {
		return new RolloutOverrides(List.of(new RolloutOverride(new PolicyTarget("default", "shout", null, null),
				stage.rollout, "", Instant.EPOCH, null)));
	}

	private void override(RolloutOverrides overrides) {
		overrideSoon(overrides);
		this.session.runTasks();
	}

	private void overrideSoon(RolloutOverrides overrides) {
		this.catalog.override(overrides);
		this.session.session().switchPipeline((current) -> this.catalog.overridden(current, "route"));
	}

	static Stream<Arguments> switches() {
		return Stream.of(Stage.values())
			.flatMap((from) -> Stream.of(Stage.values())
				.flatMap((to) -> Stream.of(Side.values()).map((side) -> Arguments.of(from, to, side))));
	}

	@ParameterizedTest
	@MethodSource("switches")
	void betweenMessages(Stage from, Stage to, Side sender) {
		open(from, Granularity.MESSAGE);
		assertPasses(sender, "a", from);
		switchTo(to);
		assertPasses(sender, "b", to);
		assertPasses(sender.peer(), "c", to);
		override(RolloutOverrides.NONE);
		assertPasses(sender, "d", from);
		assertThat(this.count.shown).isEqualTo(4);
	}

	@ParameterizedTest
	@MethodSource("switches")
	void withinMessage(Stage from, Stage to, Side sender) {
		open(from, Granularity.MESSAGE);
		this.session.read(sender, WireFrame.text("half ").fin(false));
		switchTo(to);
		assertPasses(sender.peer(), "b", to);
		int judged = this.shout.judged.size();
		this.session.read(sender, WireFrame.continuation("of it"));
		assertThat(received(sender)).isEqualTo(from.expected("half of it"));
		assertThat(this.shout.judged.subList(judged, this.shout.judged.size())).isEqualTo(from.judges("half of it"));
		assertPasses(sender, "c", to);
	}

	@ParameterizedTest
	@MethodSource("switches")
	void withinMessageOfWhichThePolicySeesFragments(Stage from, Stage to, Side sender) {
		open(from, Granularity.FRAME);
		this.shout.replaces = false;
		this.session.read(sender, WireFrame.text("one ").fin(false));
		switchTo(to);
		this.session.read(sender, WireFrame.continuation("two ").fin(false));
		switchTo(from);
		switchTo(to);
		this.session.read(sender, WireFrame.continuation("three"));
		assertThat(received(sender)).isEqualTo("one two three");
		assertThat(this.shout.judged)
			.isEqualTo(Stream.of("one ", "two ", "three").flatMap((part) -> from.judges(part).stream()).toList());
		this.shout.judged.clear();
		assertPasses(sender, "b", to);
		assertThat(this.shout.judged).isEqualTo(to.judges("b"));
	}

	@ParameterizedTest
	@MethodSource("switches")
	void whileVerdictIsPending(Stage from, Stage to, Side sender) {
		open(from, Granularity.MESSAGE);
		CompletableFuture<Verdict> later = new CompletableFuture<>();
		this.shout.later = later;
		this.session.read(sender, WireFrame.text("later"));
		this.shout.later = null;
		boolean waits = from.mode == PolicyMode.ENFORCE;
		assertThat(this.session.isSuspended(sender)).isEqualTo(waits);
		switchTo(to);
		this.session.read(sender, WireFrame.text("b"));
		this.session.read(sender, WireFrame.text("c").fin(false));
		later.complete(Verdict.replaceText("in time"));
		this.session.runTasks();
		this.session.read(sender, WireFrame.continuation("d"));
		assertThat(this.session.frames(sender.peer())).extracting(WireFrame::payloadAsText)
			.filteredOn((text) -> !text.isEmpty())
			.satisfies((texts) -> assertThat(String.join(",", texts)).isIn(
					(waits ? "in time" : "later") + "," + to.expected("b") + "," + to.expected("cd"),
					(waits ? "in time" : "later") + "," + to.expected("b") + ",c,d"));
		assertPasses(sender, "e", to);
	}

	@ParameterizedTest
	@EnumSource
	void sameStageChangesNothing(Stage stage) {
		open(stage, Granularity.MESSAGE);
		SessionPipeline before = this.session.session().served();
		switchTo(stage);
		assertThat(this.session.session().served()).isSameAs(before);
		assertPasses(Side.CLIENT, "a", stage);
	}

	@Test
	void stateIsKeptInTheSameMode() {
		open(Stage.ENFORCED, Granularity.MESSAGE);
		switchTo(Stage.SHARED);
		switchTo(Stage.ENFORCED);
		assertThat(this.shout.calls).containsExactly("open");
		switchTo(Stage.OBSERVED);
		assertThat(this.shout.calls).containsExactly("open", "detach", "open");
		switchTo(Stage.OFF);
		assertThat(this.shout.calls).containsExactly("open", "detach", "open", "detach");
		switchTo(Stage.SHARED);
		assertThat(this.shout.calls).endsWith("detach", "open").hasSize(5);
	}

	@Test
	void manySwitchesWithinOneMessage() {
		open(Stage.ENFORCED, Granularity.MESSAGE);
		this.session.read(Side.CLIENT, WireFrame.text("a").fin(false));
		for (int i = 0; i < 100; i++) {
			switchTo(Stage.values()[i % Stage.values().length]);
		}
		assertThat(this.shout.serving).hasSizeLessThanOrEqualTo(1);
		this.session.read(Side.CLIENT, WireFrame.continuation("b"));
		assertThat(received(Side.CLIENT)).isEqualTo("AB");
		assertPasses(Side.CLIENT, "c", Stage.values()[99 % Stage.values().length]);
	}

	@Test
	void switchFromCallbackOfAnotherSwitch() {
		open(Stage.ENFORCED, Granularity.MESSAGE);
		this.shout.onDetached = () -> overrideSoon(overrides(Stage.OFF));
		switchTo(Stage.OBSERVED);
		assertPasses(Side.CLIENT, "a", Stage.OFF);
		assertThat(this.session.session().served().inbound().bindings().get(1).rollout()).isEqualTo(Stage.OFF.rollout);
	}

	private void assertPasses(Side sender, String text, Stage stage) {
		long observed = observed();
		this.session.read(sender, WireFrame.text(text));
		assertThat(received(sender)).isEqualTo(this.shout.replaces ? stage.expected(text) : text);
		this.session.runTasks();
		boolean recorded = this.shout.replaces && stage.mode == PolicyMode.OBSERVE;
		assertThat(observed() - observed).isEqualTo(recorded ? 1 : 0);
	}

	private long observed() {
		return this.session.session()
			.observedVerdicts()
			.stream()
			.mapToLong((counts) -> counts.counts().replaced())
			.sum();
	}

	private String received(Side sender) {
		StringBuilder text = new StringBuilder();
		this.session.frames(sender.peer()).forEach((frame) -> text.append(frame.payloadAsText()));
		return text.toString();
	}

	enum Stage {

		ENFORCED(PolicyMode.ENFORCE, null), SHARED(PolicyMode.ENFORCE, "99.9999%"), OBSERVED(PolicyMode.OBSERVE, null),
		OFF(PolicyMode.OFF, null);

		private final PolicyMode mode;

		private final Rollout rollout;

		Stage(PolicyMode mode, @Nullable String share) {
			this.mode = mode;
			this.rollout = Rollout.of(mode, share, null);
		}

		String expected(String text) {
			return (this.mode == PolicyMode.ENFORCE) ? text.toUpperCase(Locale.ROOT) : text;
		}

		List<String> judges(String text) {
			return switch (this.mode) {
				case ENFORCE -> List.of("enforced " + text);
				case OBSERVE -> List.of("observed " + text);
				case OFF -> List.of();
			};
		}

	}

	/** Answers with the message in capital letters. */
	private static final class Shout implements FramePolicy {

		private final List<String> calls = new ArrayList<>();

		private final List<String> judged = new ArrayList<>();

		private final List<String> problems = new ArrayList<>();

		private final Set<String> serving = new HashSet<>();

		private boolean replaces = true;

		private @Nullable CompletableFuture<Verdict> later;

		private @Nullable Runnable onDetached;

		@Override
		public void onOpen(ProxiedSession session) {
			this.calls.add("open");
			check(this.serving.add(session.id()));
		}

		private void check(boolean balanced) {
			if (!balanced) {
				this.problems.add("after " + this.calls);
			}
		}

		@Override
		public Verdict apply(Frame frame, FrameContext context) {
			boolean enforced = context.session() instanceof NettySession;
			String text = new String(frame.toByteArray(), StandardCharsets.UTF_8);
			this.judged.add((enforced ? "enforced " : "observed ") + text);
			if (this.later != null) {
				return Verdict.later(this.later);
			}
			return this.replaces ? Verdict.replaceText(text.toUpperCase(Locale.ROOT)) : Verdict.forward();
		}

		@Override
		public void onDetached(ProxiedSession session) {
			this.calls.add("detach");
			check(this.serving.remove(session.id()));
			Runnable onDetached = this.onDetached;
			this.onDetached = null;
			if (onDetached != null) {
				onDetached.run();
			}
		}

		@Override
		public void onClose(ProxiedSession session, Termination termination) {
			this.calls.add("close");
			check(this.serving.remove(session.id()));
		}

	}

	/** Is never switched, so it must neither be opened again nor miss a message. */
	private static final class Count implements FramePolicy {

		private int opened;

		private int shown;

		@Override
		public void onOpen(ProxiedSession session) {
			this.opened++;
		}

		@Override
		public Verdict apply(Frame frame, FrameContext context) {
			this.shown++;
			return Verdict.forward();
		}

		@Override
		public void onDetached(ProxiedSession session) {
			throw new IllegalStateException("detached");
		}

	}

}
