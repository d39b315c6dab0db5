package dev.wspolicy.policy;

import java.util.concurrent.CompletableFuture;

import org.junit.jupiter.api.Test;

import dev.wspolicy.frame.CloseStatus;
import dev.wspolicy.frame.Direction;
import dev.wspolicy.frame.PingFrame;
import dev.wspolicy.frame.TextFrame;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

/**
 * Verdicts on frames.
 */
class VerdictTests {

	@Test
	void verdictsCompareByValue() {
		assertThat(Verdict.forward()).isSameAs(Verdict.forward());
		assertThat(Verdict.drop()).isSameAs(Verdict.drop());
		assertThat(Verdict.replaceText("a")).isEqualTo(Verdict.replace(TextFrame.of("a")))
			.hasSameHashCodeAs(Verdict.replaceText("a"))
			.isNotEqualTo(Verdict.replaceText("b"))
			.isNotEqualTo(Verdict.replyText("a"));
		assertThat(Verdict.reply(PingFrame.of(new byte[] { 1 })))
			.isEqualTo(Verdict.reply(PingFrame.of(new byte[] { 1 })))
			.isNotEqualTo(Verdict.reply());
		assertThat(Verdict.close(CloseStatus.of(4000)))
			.isEqualTo(Verdict.close(CloseStatus.of(4000), CloseStatus.of(4000)))
			.isNotEqualTo(Verdict.closeSender(CloseStatus.of(4000)));
		assertThat(Verdict.closeSender(CloseStatus.of(4000, "no")))
			.isEqualTo(Verdict.closeSender(CloseStatus.of(4000, "no")));
	}

	@Test
	@SuppressWarnings("NullAway")
	void textThatIsNullIsNamed() {
		assertThatNullPointerException().isThrownBy(() -> Verdict.replyText(null)).withMessage("text");
		assertThatNullPointerException().isThrownBy(() -> Verdict.replaceText(null)).withMessage("text");
		assertThatNullPointerException().isThrownBy(() -> TextFrame.of(null)).withMessage("text");
	}

	@Test
	void verdictThatComesLaterIsThatOfItsStage() {
		CompletableFuture<Verdict> stage = new CompletableFuture<>();
		assertThat(Verdict.later(stage)).isEqualTo(Verdict.later(stage))
			.hasSameHashCodeAs(Verdict.later(stage))
			.isNotEqualTo(Verdict.later(new CompletableFuture<>()));
	}

	@Test
	void senderGetsTheStatusAndTheOtherSideGoingAway() {
		CloseStatus status = CloseStatus.of(4000, "no");
		Verdict.CloseSender verdict = (Verdict.CloseSender) Verdict.closeSender(status);
		assertThat(verdict.in(Direction.INBOUND)).isEqualTo(Verdict.close(status, CloseStatus.GOING_AWAY));
		assertThat(verdict.in(Direction.OUTBOUND)).isEqualTo(Verdict.close(CloseStatus.GOING_AWAY, status));
	}

}
