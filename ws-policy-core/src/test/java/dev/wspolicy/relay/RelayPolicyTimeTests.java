package dev.wspolicy.relay;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import dev.wspolicy.frame.CloseStatus;
import dev.wspolicy.frame.Direction;
import dev.wspolicy.frame.TextFrame;
import dev.wspolicy.pipeline.PolicyBinding;
import dev.wspolicy.pipeline.Timeouts;
import dev.wspolicy.policy.FramePolicy;
import dev.wspolicy.policy.OnError;
import dev.wspolicy.policy.Verdict;
import dev.wspolicy.session.PolicyTimingListener;
import dev.wspolicy.session.ProxiedSession;
import dev.wspolicy.session.Side;
import dev.wspolicy.session.VerdictCounts;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Of which frames the time of policies is taken, and what it is.
 */
class RelayPolicyTimeTests extends AbstractRelayTests {

	/** Among so many frames there is one that is timed. */
	private static final int ENOUGH = 2 * PolicyStopwatch.MEAN - 1;

	/** So many that whatever is asked about each of them is picked once, for sure. */
	private static final int MANY = 12 * ENOUGH;

	private final Recorder recorder = new Recorder();

	private void timed() {
		this.script.relay().timer(this.recorder);
	}

	private FramePolicy spending(Duration duration, FramePolicy policy) {
		return (frame, context) -> {
			this.script.spend(duration);
			return policy.apply(frame, context);
		};
	}

	private Took took(Side from, String policy, Duration duration) {
		return new Took(this.script.session(), from.sends(), policy, duration.toNanos());
	}

	@ParameterizedTest
	@EnumSource
	void someFramesAreTimedAndAllAreCounted(Side from) {
		int frames = 100 * PolicyStopwatch.MEAN;
		this.script.policy(from, spending(Duration.ofNanos(300), always(Verdict.forward())));
		timed();
		int clockReads = this.script.clockReads();
		for (int i = 0; i < frames; i++) {
			this.script.receive(from, text("hi")).expect(forward(from.peer(), text("hi")));
		}
		assertThat(this.recorder.told).hasSizeBetween(frames / ENOUGH, 200)
			.containsOnly(took(from, "policy-1", Duration.ofNanos(300)));
		assertThat(this.script.clockReads() - clockReads).as("reads of the clock")
			.isEqualTo(2 * this.recorder.told.size());
		assertThat(this.script.relay().status().verdicts(from.sends()))
			.containsExactly(new VerdictCounts("policy-1", from.sends(), frames, 0, 0, 0, 0, 0));
	}

	@Test
	void nobodyAsksForTheTimeWhereNobodyWantsToKnow() {
		this.script.policy(Side.CLIENT, always(Verdict.forward()));
		this.script.receive(Side.CLIENT, text("hi")).expect(forward(Side.UPSTREAM, text("hi")));
		int clockReads = this.script.clockReads();
		for (int i = 0; i < 1000; i++) {
			this.script.receive(Side.CLIENT, text("hi")).expect(forward(Side.UPSTREAM, text("hi")));
		}
		assertThat(this.script.clockReads()).isEqualTo(clockReads);
	}

	@Test
	void anyOfTheFirstFramesIsTheFirst() {
		Set<Byte> first = new HashSet<>();
		for (int i = 0; i < 10_000; i++) {
			first.add(PolicyStopwatch.first());
		}
		assertThat(first).hasSize(PolicyStopwatch.MEAN).contains((byte) 1, (byte) PolicyStopwatch.MEAN);
	}

	@ParameterizedTest
	@EnumSource
	void eachPolicyForItself(Side from) {
		this.script.policy(from, spending(Duration.ofMillis(1), on("hi", Verdict.replace(TextFrame.of("ho")))))
			.framePolicy(from, spending(Duration.ofMillis(2), always(Verdict.forward())))
			.policy(from, spending(Duration.ofMillis(3), always(Verdict.drop())))
			.policy(from, spending(Duration.ofMillis(4), always(Verdict.forward())));
		timed();
		for (int i = 0; i < MANY; i++) {
			this.script.receive(from, text("hi")).expectNothing();
		}
		// The policy on frames, that on the message, and that on what takes its place.
		assertThat(this.recorder.told).containsOnly(took(from, "policy-1", Duration.ofMillis(1)),
				took(from, "policy-2", Duration.ofMillis(2)), took(from, "policy-3", Duration.ofMillis(3)));
		assertThat(this.script.relay().status().verdicts(from.sends())).containsExactly(
				new VerdictCounts("policy-1", from.sends(), 0, MANY, 0, 0, 0, 0),
				new VerdictCounts("policy-2", from.sends(), MANY, 0, 0, 0, 0, 0),
				new VerdictCounts("policy-3", from.sends(), 0, 0, MANY, 0, 0, 0),
				new VerdictCounts("policy-4", from.sends(), 0, 0, 0, 0, 0, 0));
	}

	@ParameterizedTest
	@EnumSource
	void failureTakesTimeToo(Side from) {
		this.script.bind(from, PolicyBinding.of("fails", spending(Duration.ofMillis(5), (frame, context) -> {
			throw new IllegalStateException("failed");
		})).onError(OnError.FORWARD));
		timed();
		for (int i = 0; i < MANY; i++) {
			this.script.receive(from, text("hi"))
				.expect(failure(from, "fails", IllegalStateException.class), forward(from.peer(), text("hi")));
		}
		assertThat(this.recorder.told).isNotEmpty().containsOnly(took(from, "fails", Duration.ofMillis(5)));
	}

	@ParameterizedTest
	@EnumSource
	void verdictThatComesLaterTakesUntilItComes(Side from) {
		List<CompletableFuture<Verdict>> promises = new ArrayList<>();
		this.script.policy(from, spending(Duration.ofMillis(1), (frame, context) -> {
			promises.add(new CompletableFuture<>());
			return Verdict.later(promises.get(promises.size() - 1));
		})).policy(from, spending(Duration.ofMillis(2), always(Verdict.forward())));
		timed();
		for (int i = 0; i < MANY; i++) {
			this.script.receive(from, text("hi")).expect(suspend(from));
			int told = this.recorder.told.size();
			this.script.advance(Duration.ofSeconds(3)).expectNothing();
			assertThat(this.recorder.told).hasSize(told);
			this.script.answer(promises.get(i), Verdict.forward())
				.expect(forward(from.peer(), text("hi")), resume(from));
		}
		assertThat(this.recorder.told).containsOnly(took(from, "policy-1", Duration.ofMillis(3001)),
				took(from, "policy-2", Duration.ofMillis(2)));
	}

	@ParameterizedTest
	@EnumSource
	void verdictThatDoesNotComeTakesUntilItIsGivenUp(Side from) {
		this.script.bind(from, PolicyBinding.of("never", (frame, context) -> Verdict.later(new CompletableFuture<>()))
			.onError(OnError.DROP));
		timed();
		Duration timeout = Timeouts.DEFAULT.verdict();
		for (int i = 0; i < ENOUGH; i++) {
			this.script.receive(from, text("hi")).expect(suspend(from));
			this.script.advance(timeout).expect(failure(from, "never", TimeoutException.class), resume(from));
		}
		assertThat(this.recorder.told).isNotEmpty().containsOnly(took(from, "never", timeout));
	}

	@ParameterizedTest
	@EnumSource
	void verdictThatNobodyWaitsForTakesUntilTheEndOfTheSession(Side from) {
		Took took = tookInOneOfManySessions((script) -> {
			script.policy(from, (frame, context) -> Verdict.later(new CompletableFuture<>()));
			script.relay().timer(this.recorder);
			script.receive(from, text("hi")).expect(suspend(from)).advance(Duration.ofSeconds(3));
			script.close(CloseStatus.NORMAL, CloseStatus.NORMAL).takeActions();
		});
		assertThat(took.nanos()).isEqualTo(Duration.ofSeconds(3).toNanos());
	}

	@ParameterizedTest
	@EnumSource
	void promiseOfAPolicyThatHasClosedTheSessionTakesNoTime(Side from) {
		Took took = tookInOneOfManySessions((script) -> {
			script.policy(from, (frame, context) -> {
				script.spend(Duration.ofMillis(1));
				context.session().close(CloseStatus.NORMAL);
				return Verdict.later(new CompletableFuture<>());
			});
			script.relay().timer(this.recorder);
			script.receive(from, text("hi")).takeActions();
		});
		assertThat(took.nanos()).isEqualTo(Duration.ofMillis(1).toNanos());
	}

	/** The first frame is timed in one of {@link PolicyStopwatch#MEAN} sessions. */
	private Took tookInOneOfManySessions(Consumer<RelayScript> session) {
		for (int i = 0; i < 30 * PolicyStopwatch.MEAN && this.recorder.told.isEmpty(); i++) {
			session.accept(new RelayScript());
		}
		assertThat(this.recorder.told).hasSize(1);
		return this.recorder.told.get(0);
	}

	private record Took(ProxiedSession session, Direction direction, String policy, long nanos) {

	}

	private static final class Recorder implements PolicyTimingListener {

		private final List<Took> told = new ArrayList<>();

		@Override
		public void onTimed(ProxiedSession session, Direction direction, String policy, long nanos) {
			this.told.add(new Took(session, direction, policy, nanos));
		}

	}

}
