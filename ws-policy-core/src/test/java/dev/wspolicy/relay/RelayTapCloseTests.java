package dev.wspolicy.relay;

import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import dev.wspolicy.frame.CloseStatus;
import dev.wspolicy.frame.FrameType;
import dev.wspolicy.frame.TextFrame;
import dev.wspolicy.pipeline.Compression;
import dev.wspolicy.pipeline.Masking;
import dev.wspolicy.pipeline.PolicyBinding;
import dev.wspolicy.pipeline.Timeouts;
import dev.wspolicy.pipeline.Utf8Validation;
import dev.wspolicy.pipeline.WireOptions;
import dev.wspolicy.policy.Granularity;
import dev.wspolicy.policy.OnError;
import dev.wspolicy.policy.Verdict;
import dev.wspolicy.session.Side;
import dev.wspolicy.session.Termination.Cause;
import dev.wspolicy.session.Termination.Initiator;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * A tap closes the session that it is told of.
 */
class RelayTapCloseTests extends AbstractRelayTests {

	private final RecordingTap tap = new RecordingTap();

	private void tapped() {
		this.script.relay().tap(this.tap);
	}

	private static String from(Side side) {
		return side.sends().name().toLowerCase(Locale.ROOT);
	}

	// A tap may close the session that it is told of

	private void closesWhenTold(String record) {
		tapped();
		this.tap.closeAt = record;
		this.tap.close = () -> this.script.session().close(CloseStatus.of(4000));
	}

	private RelayAction[] closed(Side from) {
		return closes(from, CloseStatus.of(4000), CloseStatus.of(4000));
	}

	@ParameterizedTest
	@EnumSource
	void messageIsNotWrittenBehindTheCloseOfATap(Side from) {
		this.script.policy(from, always(Verdict.forward()));
		closesWhenTold(from(from) + " peer text(hi) forward null");
		this.script.receive(from, text("hi"), text("late")).expect(closed(from));
	}

	@ParameterizedTest
	@EnumSource
	void fragmentIsNotWrittenBehindTheCloseOfATap(Side from) {
		this.script.framePolicy(from, always(Verdict.forward()));
		closesWhenTold(from(from) + " peer text...(a) forward null");
		this.script.receive(from, first("a"), last("b")).expect(closed(from));
	}

	@ParameterizedTest
	@EnumSource
	void endOfAMessageWithoutItsLastFragmentIsNotWrittenBehindTheCloseOfATap(Side from) {
		this.script.framePolicy(from, on("b", Verdict.drop()));
		closesWhenTold(from(from) + " peer continuation(b) drop policy-1");
		this.script.receive(from, first("a")).expect(forward(from.peer(), first("a")));
		this.script.receive(from, last("b")).expect(closed(from));
	}

	@ParameterizedTest
	@EnumSource
	void endOfAMessageWhosePolicyFailsIsNotWrittenBehindTheCloseOfATap(Side from) {
		this.script.bind(from, PolicyBinding.of("drops", (frame, context) -> {
			if (frame.fin()) {
				throw new IllegalStateException("failed");
			}
			return Verdict.forward();
		}).granularity(Granularity.FRAME).onError(OnError.DROP));
		closesWhenTold(from(from) + " peer continuation(b) drop drops");
		this.script.receive(from, first("a")).expect(forward(from.peer(), first("a")));
		RelayAction[] closed = closed(from);
		this.script.receive(from, last("b"))
			.expect(failure(from, "drops", IllegalStateException.class), closed[0], closed[1]);
	}

	@ParameterizedTest
	@EnumSource
	void whatAPolicyHasMadeIsNotWrittenBehindTheCloseOfATap(Side from) {
		this.script.policy(from, on("hi", Verdict.replace(TextFrame.of("ho"), TextFrame.of("hu"))));
		closesWhenTold(from(from) + " policy text(ho) forward null");
		this.script.receive(from, text("hi")).expect(closed(from));
	}

	@ParameterizedTest
	@EnumSource
	void replyIsNotWrittenBehindTheCloseOfATap(Side from) {
		this.script.policy(from, always(Verdict.replyText("no")));
		closesWhenTold(from(from) + " peer text(hi) reply policy-1");
		this.script.receive(from, text("hi")).expect(closed(from));
	}

	@ParameterizedTest
	@EnumSource
	void controlFramesAreNotWrittenBehindTheCloseOfATap(Side from) {
		this.script.bind(from, PolicyBinding.of("pings", always(Verdict.forward())).types(FrameType.PING));
		closesWhenTold(from(from) + " peer ping(?) forward null");
		this.script.receive(from, ping("?")).expect(closed(from));
	}

	@ParameterizedTest
	@EnumSource
	void closeFrameIsTheAnswerToTheCloseOfATap(Side from) {
		closesWhenTold(from(from) + " peer close(1000) none null");
		RelayAction[] closed = closed(from);
		this.script.receive(from, close(1000)).expect(closed[0], closed[1], finish(from));
		this.script.lose(from).expect();
		this.script.lose(from.peer())
			.expect(terminated(from, Initiator.GATEWAY, Cause.REQUESTED, CloseStatus.NORMAL, CloseStatus.of(4000), null,
					CloseStatus.of(4000)));
	}

	@ParameterizedTest
	@EnumSource
	void verdictThatCameLaterIsNotCarriedOutBehindTheCloseOfATap(Side from) {
		CompletableFuture<Verdict> promise = new CompletableFuture<>();
		this.script.policy(from, always(Verdict.later(promise)));
		closesWhenTold(from(from) + " peer text(hi) replace policy-1");
		this.script.receive(from, text("hi"), text("late")).expect(suspend(from));
		RelayAction[] closed = closed(from);
		this.script.answer(promise, Verdict.replaceText("ho")).expect(closed[0], closed[1], resume(from));
	}

	@Test
	void noHeartbeatIsMissedBehindTheCloseOfATap() {
		this.script.timeouts(new Timeouts(Timeouts.DEFAULT.handshake(), Duration.ofSeconds(60),
				Timeouts.DEFAULT.verdict(), Timeouts.DEFAULT.frame(), Duration.ZERO, Duration.ZERO, Duration.ZERO,
				Duration.ZERO, new Timeouts.Heartbeat(Duration.ofSeconds(10), Duration.ofSeconds(5))));
		closesWhenTold("ping");
		this.script.advance(Duration.ofSeconds(10)).expect(closed(Side.CLIENT));
		this.script.advance(Duration.ofSeconds(30)).expectNothing();
	}

	@ParameterizedTest
	@EnumSource
	void textThatIsOnlyValidatedIsNotWrittenBehindTheCloseOfATap(Side from) {
		this.script.framing(new WireOptions(Masking.PRESERVE, Utf8Validation.ALWAYS, Compression.OFF));
		closesWhenTold(from(from) + " peer text(hi) none null");
		this.script.receive(from, text("hi")).expect(closed(from));
	}

	@ParameterizedTest
	@EnumSource
	void messageIsNotShownToOtherPoliciesBehindTheCloseOfATap(Side from) {
		this.script.policy(from, always(Verdict.replyText("no")))
			.policy(from, seeing("second", always(Verdict.drop())));
		closesWhenTold(from(from) + " peer text(hi) reply policy-1");
		this.script.receive(from, text("hi")).expect(closed(from));
		assertThat(this.seen).isEmpty();
	}

}
