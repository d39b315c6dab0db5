package dev.wspolicy.relay;

import java.util.List;
import java.util.concurrent.CompletableFuture;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import dev.wspolicy.frame.CloseStatus;
import dev.wspolicy.frame.TextFrame;
import dev.wspolicy.pipeline.PolicyBinding;
import dev.wspolicy.policy.FramePolicy;
import dev.wspolicy.policy.Granularity;
import dev.wspolicy.policy.PolicyMode;
import dev.wspolicy.policy.Verdict;
import dev.wspolicy.rollout.Rollout;
import dev.wspolicy.session.Side;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for how a tap reports the verdicts of observed policies: together with the frame
 * while its policies run, and on their own afterwards.
 */
class RelayObservedTapTests extends AbstractRelayTests {

	private final RecordingTap tap = new RecordingTap();

	private void observe(String name, Granularity granularity, FramePolicy policy) {
		this.script.bind(Side.CLIENT,
				PolicyBinding.of(name, policy)
					.granularity(granularity)
					.rolledOut(Rollout.of(PolicyMode.OBSERVE, null, null)));
	}

	private void assertTold(String... records) {
		assertThat(this.tap.taken()).containsExactly(records);
	}

	@ParameterizedTest
	@EnumSource
	void withTheFrame(Granularity granularity) {
		observe("a", granularity, on("x", Verdict.drop()));
		observe("b", Granularity.MESSAGE, on("x", Verdict.replyText("no")));
		this.script.tap(this.tap);
		this.script.receive(Side.CLIENT, text("x"), text("y"))
			.expect(forward(Side.UPSTREAM, text("x")), forward(Side.UPSTREAM, text("y")));
		assertTold("inbound peer text(x) forward null, would drop a, would reply b",
				"inbound peer text(y) forward null");
	}

	@Test
	void apartFromWhatIsEnforced() {
		observe("a", Granularity.MESSAGE, on("x", Verdict.drop()));
		this.script.policy(Side.CLIENT, on("x", Verdict.replace(TextFrame.of("1"), TextFrame.of("2"))));
		observe("b", Granularity.MESSAGE, on("2", Verdict.replyText("no")));
		this.script.tap(this.tap);
		this.script.receive(Side.CLIENT, text("x"))
			.expect(send(Side.UPSTREAM, text("1")), send(Side.UPSTREAM, text("2")));
		assertTold("inbound peer text(x) replace policy-2, would drop a", "inbound policy text(1) forward null",
				"inbound policy text(2) forward null, would reply b");
	}

	@Test
	void fragmentOfAMessageThatIsToldOfAsAWhole() {
		observe("a", Granularity.FRAME, on("2", Verdict.drop()));
		observe("b", Granularity.MESSAGE, on("123", Verdict.drop()));
		this.script.tap(this.tap);
		this.script.receive(Side.CLIENT, first("1"), next("2"), ping("p")).expect(forward(Side.UPSTREAM, ping("p")));
		assertTold("would drop a");
		this.script.receive(Side.CLIENT, last("3"))
			.expect(forward(Side.UPSTREAM, first("1")), forward(Side.UPSTREAM, next("2")),
					forward(Side.UPSTREAM, last("3")));
		assertTold("inbound peer text(123) forward null, would drop b");
	}

	@Test
	void tapClosesTheSession() {
		observe("a", Granularity.FRAME, on("2", Verdict.drop()));
		observe("b", Granularity.MESSAGE, always(Verdict.forward()));
		this.script.tap(this.tap);
		this.tap.closeAt = "would drop a";
		this.tap.close = () -> this.script.session().close(CloseStatus.of(4000));
		this.script.receive(Side.CLIENT, first("1"), next("2"), last("3"))
			.expect(closes(Side.CLIENT, CloseStatus.of(4000), CloseStatus.of(4000)));
	}

	@Test
	void fragmentThatIsToldOfByItself() {
		observe("a", Granularity.FRAME, on("2", Verdict.drop()));
		this.script.tap(this.tap);
		this.script.receive(Side.CLIENT, first("1"), last("2"))
			.expect(forward(Side.UPSTREAM, first("1")), forward(Side.UPSTREAM, last("2")));
		assertTold("inbound peer text...(1) forward null", "inbound peer continuation(2) forward null, would drop a");
	}

	@Test
	void frameThatWaitsForAnotherPolicy() {
		CompletableFuture<Verdict> promise = new CompletableFuture<>();
		observe("a", Granularity.MESSAGE, on("x", Verdict.drop()));
		this.script.policy(Side.CLIENT, always(Verdict.later(promise)))
			.policy(Side.UPSTREAM, always(Verdict.forward()));
		this.script.tap(this.tap);
		this.script.receive(Side.CLIENT, text("x")).expect(suspend(Side.CLIENT));
		this.script.receive(Side.UPSTREAM, text("y")).expect(forward(Side.CLIENT, text("y")));
		assertTold("outbound peer text(y) forward null");
		this.script.answer(promise, Verdict.drop()).expect(resume(Side.CLIENT));
		assertTold("inbound peer text(x) drop policy-2, would drop a");
	}

	@Test
	void frameThatHasPassed() {
		CompletableFuture<Verdict> promise = new CompletableFuture<>();
		observe("a", Granularity.MESSAGE, on("x", Verdict.later(promise)));
		this.script.tap(this.tap);
		this.script.receive(Side.CLIENT, text("x"), text("y"))
			.expect(forward(Side.UPSTREAM, text("x")), forward(Side.UPSTREAM, text("y")));
		assertTold("inbound peer text(x) forward null", "inbound peer text(y) forward null");
		this.script.answer(promise, Verdict.drop()).expectNothing();
		assertTold("would drop a");
	}

	@Test
	void verdictThatComesWhileAnotherFrameIsShown() {
		CompletableFuture<Verdict> promise = new CompletableFuture<>();
		observe("a", Granularity.MESSAGE, (frame, context) -> {
			if (payload(frame).equals("x")) {
				return Verdict.later(promise);
			}
			promise.complete(Verdict.drop());
			return Verdict.forward();
		});
		this.script.tap(this.tap);
		this.script.receive(Side.CLIENT, text("x"), text("y"))
			.expect(forward(Side.UPSTREAM, text("x")), forward(Side.UPSTREAM, text("y")));
		assertTold("inbound peer text(x) forward null", "would drop a", "inbound peer text(y) forward null");
	}

	@Test
	void withoutATap() {
		observe("a", Granularity.MESSAGE, on("x", Verdict.drop()));
		this.script.receive(Side.CLIENT, text("x")).expect(forward(Side.UPSTREAM, text("x")));
		this.script.tap(this.tap);
		this.script.receive(Side.CLIENT, text("y")).expect(forward(Side.UPSTREAM, text("y")));
		assertThat(this.script.observed()).hasSize(1);
		assertThat(this.tap.taken()).isEqualTo(List.of("inbound peer text(y) forward null"));
	}

	@Test
	void frameThatWaitedWhileTheTapWasTakenOff() {
		CompletableFuture<Verdict> promise = new CompletableFuture<>();
		observe("a", Granularity.MESSAGE, on("x", Verdict.drop()));
		this.script.policy(Side.CLIENT, on("x", Verdict.later(promise)));
		this.script.tap(this.tap);
		this.script.receive(Side.CLIENT, text("x")).expect(suspend(Side.CLIENT));
		this.script.relay().tap(null);
		this.script.answer(promise, Verdict.forward()).expect(forward(Side.UPSTREAM, text("x")), resume(Side.CLIENT));
		this.script.relay().tap(this.tap);
		this.script.receive(Side.CLIENT, text("y")).expect(forward(Side.UPSTREAM, text("y")));
		assertTold("inbound peer text(y) forward null");
	}

}
