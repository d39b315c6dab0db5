package dev.wspolicy.relay;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

import dev.wspolicy.frame.Frame;
import dev.wspolicy.frame.FrameType;
import dev.wspolicy.pipeline.PolicyBinding;
import dev.wspolicy.policy.FrameContext;
import dev.wspolicy.policy.FramePolicy;
import dev.wspolicy.policy.Granularity;
import dev.wspolicy.policy.PolicyMode;
import dev.wspolicy.policy.Verdict;
import dev.wspolicy.relay.RolloutCase.Decision;
import dev.wspolicy.relay.RolloutCase.Stage;
import dev.wspolicy.relay.RolloutCase.Timing;
import dev.wspolicy.session.ObservedVerdict;
import dev.wspolicy.session.Side;
import dev.wspolicy.session.VerdictCounts;
import dev.wspolicy.session.VerdictCounts.Kind;
import dev.wspolicy.testkit.QuietLog;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Each mode of a policy with each verdict, on whole and fragmented messages, in both
 * directions. Where the policy is enforced, the relay does what it does with a policy
 * that knows no modes. Where it is observed, it does what it does with a policy that
 * forwards everything, and what would have happened is recorded. Where it is off, the
 * policy is not asked.
 */
@ExtendWith(QuietLog.class)
class RelayRolloutTests extends AbstractRelayTests {

	private static final String JUDGED = "judged";

	static Stream<RolloutCase> cases() {
		return Stream.of(Stage.values()).flatMap(RolloutCase::all);
	}

	@ParameterizedTest
	@MethodSource("cases")
	void mode(RolloutCase rolled) {
		Scene scene = new Scene(rolled, rolled.stage());
		Scene reference = new Scene(rolled, null);
		List<List<RelayAction>> actions = scene.run();
		assertThat(actions).isEqualTo(reference.run());
		assertThat(scene.behind).isEqualTo(reference.behind);
		ObservedVerdict record = rolled.record();
		boolean isRecorded = rolled.stage().mode == PolicyMode.OBSERVE && record != null;
		assertThat(scene.script.observed()).isEqualTo(isRecorded ? List.of(record) : List.of());
		switch (rolled.stage().mode) {
			case ENFORCE -> {
				assertThat(scene.asked).isEqualTo(reference.asked);
				assertThat(scene.counts()).isEqualTo(reference.counts());
			}
			case OBSERVE -> {
				assertThat(scene.asked).isEqualTo(scene.frames());
				assertThat(scene.counts()).allMatch((counts) -> counts.equals(forwarded(counts, scene.frames())));
				scene.assertPassed(actions);
			}
			case OFF -> {
				assertThat(scene.asked).isZero();
				scene.assertPassed(actions);
			}
		}
	}

	private static VerdictCounts forwarded(VerdictCounts counts, int frames) {
		return new VerdictCounts(counts.policy(), counts.direction(), frames, 0, 0, 0, 0, 0);
	}

	@ParameterizedTest
	@EnumSource
	void observedPolicyDoesNotHoldFragmentsBackMoreThanAnEnforcedOne(Granularity granularity) {
		this.script.bind(Side.CLIENT,
				PolicyBinding.of("observed", always(Verdict.drop()))
					.granularity(granularity)
					.rolledOut(Stage.OBSERVED.rollout));
		RelayAction first = forward(Side.UPSTREAM, first("a"));
		RelayAction last = forward(Side.UPSTREAM, last("b"));
		boolean whole = granularity == Granularity.MESSAGE;
		this.script.receive(Side.CLIENT, first("a")).expect(whole ? new RelayAction[0] : new RelayAction[] { first });
		this.script.receive(Side.CLIENT, last("b"))
			.expect(whole ? new RelayAction[] { first, last } : new RelayAction[] { last });
		assertThat(this.script.observed()).hasSize(whole ? 1 : 2);
	}

	@Test
	void closeFrameThatAnObservedPolicyWouldDropIsAFailure() {
		this.script.bind(Side.CLIENT,
				control(always(Verdict.drop()), FrameType.PING, FrameType.CLOSE).rolledOut(Stage.OBSERVED.rollout));
		this.script.receive(Side.CLIENT, ping("p")).expect(forward(Side.UPSTREAM, ping("p")));
		this.script.receive(Side.CLIENT, close(1000)).expect(forward(Side.UPSTREAM, close(1000)));
		assertThat(this.script.observed()).extracting(ObservedVerdict::kind).containsExactly(Kind.DROP, Kind.FAILED);
	}

	@Test
	void verdictsAreBoundedAndCancelled() {
		List<CompletableFuture<Verdict>> promises = new ArrayList<>();
		FramePolicy policy = (frame, context) -> {
			CompletableFuture<Verdict> promise = new CompletableFuture<>();
			promises.add(promise);
			return Verdict.later(promise);
		};
		this.script.bind(Side.CLIENT, PolicyBinding.of("slow", policy).rolledOut(Stage.OBSERVED.rollout));
		for (int i = 0; i < 18; i++) {
			this.script.receive(Side.CLIENT, text("x")).expect(forward(Side.UPSTREAM, text("x")));
		}
		assertThat(this.script.observed()).extracting(ObservedVerdict::kind).containsExactly(Kind.FAILED, Kind.FAILED);
		this.script.answer(promises.get(0), Verdict.drop()).expectNothing();
		this.script.receive(Side.CLIENT, text("y")).expect(forward(Side.UPSTREAM, text("y")));
		assertThat(this.script.observed()).hasSize(3);
		promises.forEach((promise) -> promise.complete(Verdict.drop()));
		// Those that were too many count no more.
		assertThat(this.script.observed()).hasSize(2 + 17);
	}

	/**
	 * A message that the policy judges between two others.
	 */
	private static final class Scene {

		final RelayScript script = new RelayScript();

		private final RolloutCase rolled;

		private final List<CompletableFuture<Verdict>> promises = new ArrayList<>();

		/** What the policy behind it is shown. */
		final List<String> behind = new ArrayList<>();

		/** The frame that the policy has promised a verdict on. */
		private @Nullable Frame promised;

		int asked;

		/** Without a stage, the policy does not know of modes. */
		Scene(RolloutCase rolled, @Nullable Stage stage) {
			this.rolled = rolled;
			PolicyBinding binding = PolicyBinding
				.of(RolloutCase.POLICY, (stage != null || rolled.stage().mode == PolicyMode.ENFORCE) ? this::judge
						: always(Verdict.forward()))
				.granularity(rolled.granularity());
			this.script.bind(rolled.from(), (stage != null) ? binding.rolledOut(stage.rollout) : binding);
			this.script.bind(rolled.from(), PolicyBinding.of("behind", (frame, context) -> {
				this.behind.add(ScriptFrame.of(frame).toString());
				return Verdict.forward();
			}).granularity(rolled.granularity()));
			this.script.client(rolled.stage().client());
		}

		private @Nullable Verdict judge(Frame frame, FrameContext context) {
			this.asked++;
			if (!payload(frame).contains(JUDGED)) {
				return Verdict.forward();
			}
			Decision decision = this.rolled.decision();
			decision.act(context.session());
			if (this.rolled.timing() == Timing.NOW) {
				Throwable failure = decision.failure();
				if (failure instanceof Error error) {
					throw error;
				}
				if (failure instanceof RuntimeException exception) {
					throw exception;
				}
				return decision.verdict();
			}
			if (this.rolled.timing() == Timing.PROMISED) {
				return Verdict.later(Timing.completed(decision));
			}
			this.promised = frame;
			return promise();
		}

		private Verdict promise() {
			CompletableFuture<Verdict> promise = new CompletableFuture<>();
			this.promises.add(promise);
			return Verdict.later(promise);
		}

		ScriptFrame[] judged() {
			return this.rolled.fragmented() ? new ScriptFrame[] { first("a"), next(JUDGED), last("b") }
					: new ScriptFrame[] { text(JUDGED) };
		}

		ScriptFrame[][] sent() {
			return new ScriptFrame[][] { { text("before") }, judged(), { text("after") } };
		}

		/** Returns how many frames a policy is shown. */
		int frames() {
			boolean each = this.rolled.granularity() == Granularity.FRAME && this.rolled.fragmented();
			return each ? 5 : 3;
		}

		/** What the peers get, step by step. */
		List<List<RelayAction>> run() {
			List<List<RelayAction>> actions = new ArrayList<>();
			for (ScriptFrame[] frames : sent()) {
				this.script.receive(this.rolled.from(), frames);
				actions.add(this.script.takeActions());
			}
			for (int i = 0; i < this.rolled.timing().promises(); i++) {
				if (!this.promises.isEmpty()) {
					boolean last = i + 1 == this.rolled.timing().promises();
					keepPromise(last);
					this.script.turn();
				}
				actions.add(this.script.takeActions());
			}
			return actions;
		}

		private void keepPromise(boolean last) {
			CompletableFuture<Verdict> promise = this.promises.remove(0);
			if (!last) {
				promise.complete(promise());
				return;
			}
			if (this.rolled.stage().mode == PolicyMode.OBSERVE) {
				// It has passed, but can still be read.
				assertThat(payload(Objects.requireNonNull(this.promised))).contains(JUDGED);
			}
			Timing.complete(promise, this.rolled.decision());
		}

		void assertPassed(List<List<RelayAction>> actions) {
			Side to = this.rolled.from().peer();
			Stream<RelayAction> passed = Stream.of(sent()).flatMap(Stream::of).map((frame) -> forward(to, frame));
			assertThat(actions.stream().flatMap(List::stream)).containsExactlyElementsOf(passed.toList());
		}

		List<VerdictCounts> counts() {
			return this.script.relay().status().verdicts(this.rolled.from().sends());
		}

	}

}
