package dev.wspolicy.relay;

import java.time.Duration;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CompletableFuture;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import dev.wspolicy.frame.CloseStatus;
import dev.wspolicy.frame.TextFrame;
import dev.wspolicy.pipeline.PolicyBinding;
import dev.wspolicy.pipeline.Timeouts;
import dev.wspolicy.policy.FramePolicy;
import dev.wspolicy.policy.OnError;
import dev.wspolicy.policy.Verdict;
import dev.wspolicy.session.Side;
import dev.wspolicy.session.VerdictCounts;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What is counted of the verdicts of policies.
 */
class RelayVerdictCountTests extends AbstractRelayTests {

	private static VerdictCounts counts(Side from, String policy, long... counts) {
		return new VerdictCounts(policy, from.sends(), counts[0], counts[1], counts[2], counts[3], counts[4],
				counts[5]);
	}

	private static VerdictCounts waited(VerdictCounts counts, long waits, Duration waited) {
		return counts.plus(new VerdictCounts(counts.policy(), counts.direction(), 0, 0, 0, 0, 0, 0, waits, waited));
	}

	private void assertCounts(Side from, VerdictCounts... counts) {
		assertThat(this.script.relay().status().verdicts(from.sends())).containsExactly(counts);
		assertThat(this.script.relay().status().verdicts(from.peer().sends())).isEmpty();
	}

	@ParameterizedTest
	@EnumSource
	void forwardAndReplace(Side from) {
		this.script.policy(from, on("hi", Verdict.replace(TextFrame.of("ho"), TextFrame.of("hu"))))
			.framePolicy(from, always(Verdict.forward()))
			.policy(from, on("ho", Verdict.drop()));
		this.script.receive(from, text("hi")).expect(send(from.peer(), text("hu")));
		this.script.receive(from, text("x")).expect(forward(from.peer(), text("x")));
		assertCounts(from, counts(from, "policy-1", 1, 1, 0, 0, 0, 0), counts(from, "policy-2", 2, 0, 0, 0, 0, 0),
				counts(from, "policy-3", 2, 0, 1, 0, 0, 0));
	}

	@ParameterizedTest
	@EnumSource
	void replyAndClose(Side from) {
		this.script.policy(from, on("hi", Verdict.reply(TextFrame.of("no"))))
			.policy(from, always(Verdict.close(CloseStatus.of(4000))));
		this.script.receive(from, text("hi")).expect(send(from, text("no")));
		this.script.receive(from, text("x")).expect(closes(from, CloseStatus.of(4000), CloseStatus.of(4000)));
		assertCounts(from, counts(from, "policy-1", 1, 0, 0, 1, 0, 0), counts(from, "policy-2", 0, 0, 0, 0, 1, 0));
	}

	@ParameterizedTest
	@EnumSource
	void failuresAreNoVerdicts(Side from) {
		FramePolicy failing = (frame, context) -> {
			throw new IllegalStateException("failed");
		};
		this.script.bind(from, PolicyBinding.of("lets-pass", failing).onError(OnError.FORWARD))
			.bind(from, PolicyBinding.of("drops", failing).onError(OnError.DROP));
		this.script.receive(from, text("hi"))
			.expect(failure(from, "lets-pass", IllegalStateException.class),
					failure(from, "drops", IllegalStateException.class));
		assertCounts(from, counts(from, "lets-pass", 0, 0, 0, 0, 0, 1), counts(from, "drops", 0, 0, 0, 0, 0, 1));
	}

	@ParameterizedTest
	@EnumSource
	void countsSurviveAnotherPipeline(Side from) {
		this.script.bind(from, PolicyBinding.of("stays", on("stop", Verdict.drop())))
			.bind(from, PolicyBinding.of("goes", on("ho", Verdict.replace(TextFrame.of("hu")))));
		this.script.receive(from, text("stop")).expectNothing();
		this.script.receive(from, text("ho")).expect(send(from.peer(), text("hu")));
		this.script.unbind(from, "goes").bind(from, PolicyBinding.of("comes", on("ha", Verdict.drop())));
		this.script.switchPipeline().expect(switched(Side.CLIENT), switched(Side.UPSTREAM));
		this.script.receive(from, text("ho")).expect(forward(from.peer(), text("ho")));
		this.script.receive(from, text("ha"), text("stop")).expectNothing();
		assertCounts(from, counts(from, "stays", 3, 0, 2, 0, 0, 0), counts(from, "goes", 0, 1, 0, 0, 0, 0),
				counts(from, "comes", 1, 0, 1, 0, 0, 0));
		this.script.switchPipeline().expect(switched(Side.CLIENT), switched(Side.UPSTREAM));
		this.script.receive(from, text("ho")).expect(forward(from.peer(), text("ho")));
		assertCounts(from, counts(from, "stays", 4, 0, 2, 0, 0, 0), counts(from, "goes", 0, 1, 0, 0, 0, 0),
				counts(from, "comes", 2, 0, 1, 0, 0, 0));
	}

	@ParameterizedTest
	@EnumSource
	void verdictOfAReplacedPipelineIsCountedForIt(Side from) {
		CompletableFuture<Verdict> promise = new CompletableFuture<>();
		this.script.bind(from, PolicyBinding.of("slow", on("slow", Verdict.later(promise))));
		this.script.receive(from, text("slow")).expect(suspend(from));
		this.script.unbind(from, "slow").switchPipeline().expect(switched(from.peer()));
		this.script.answer(promise, Verdict.drop()).expect(switched(from), resume(from));
		this.script.receive(from, text("hi")).expect(forward(from.peer(), text("hi")));
		assertCounts(from, waited(counts(from, "slow", 0, 0, 1, 0, 0, 0), 1, Duration.ZERO));
	}

	@ParameterizedTest
	@EnumSource
	void verdictThatComesLaterCountsWhenItComes(Side from) {
		CompletableFuture<Verdict> promise = new CompletableFuture<>();
		this.script.policy(from, always(Verdict.later(promise)));
		this.script.receive(from, text("hi")).expect(suspend(from));
		assertCounts(from, counts(from, "policy-1", 0, 0, 0, 0, 0, 0));
		this.script.answer(promise, Verdict.forward()).expect(forward(from.peer(), text("hi")), resume(from));
		assertCounts(from, waited(counts(from, "policy-1", 1, 0, 0, 0, 0, 0), 1, Duration.ZERO));
	}

	@ParameterizedTest
	@EnumSource
	void waitingIsCountedHoweverItEnds(Side from) {
		CompletableFuture<Verdict> first = new CompletableFuture<>();
		Iterator<Verdict> verdicts = List
			.of(Verdict.later(first), Verdict.later(new CompletableFuture<>()),
					Verdict.later(new CompletableFuture<>()))
			.iterator();
		this.script.bind(from, PolicyBinding.of("slow", (frame, context) -> verdicts.next()).onError(OnError.FORWARD));
		this.script.receive(from, text("a")).expect(suspend(from));
		this.script.spend(Duration.ofMillis(300));
		this.script.answer(first, Verdict.drop()).expect(resume(from));
		this.script.receive(from, text("b")).expect(suspend(from));
		this.script.advance(Timeouts.DEFAULT.verdict());
		this.script.takeActions();
		this.script.receive(from, text("c")).expect(suspend(from));
		this.script.spend(Duration.ofMillis(200));
		this.script.close(CloseStatus.GOING_AWAY, CloseStatus.GOING_AWAY);
		this.script.takeActions();
		assertCounts(from,
				waited(counts(from, "slow", 0, 0, 1, 0, 0, 1), 3, Timeouts.DEFAULT.verdict().plusMillis(500)));
	}

}
