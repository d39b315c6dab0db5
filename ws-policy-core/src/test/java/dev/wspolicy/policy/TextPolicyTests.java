package dev.wspolicy.policy;

import org.junit.jupiter.api.Test;

import dev.wspolicy.frame.BinaryFrame;
import dev.wspolicy.frame.ContinuationFrame;
import dev.wspolicy.frame.Frame;
import dev.wspolicy.frame.FrameAccess;
import dev.wspolicy.frame.FrameType;
import dev.wspolicy.frame.InvalidUtf8Exception;
import dev.wspolicy.frame.PingFrame;
import dev.wspolicy.frame.TextFrame;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

/**
 * Policies on the text of messages.
 */
class TextPolicyTests {

	private final TextPolicy shout = (text, context) -> Verdict.replaceText(text + context.contentType());

	@Test
	void isGivenTheTextAndTheContext() {
		assertThat(this.shout.apply(TextFrame.of("a: "), Contexts.inbound()))
			.isEqualTo(Verdict.replaceText("a: application/json"));
	}

	@Test
	void forwardsWhatIsNoText() {
		assertThat(this.shout.apply(BinaryFrame.of(new byte[] { 'a' }), Contexts.inbound()))
			.isEqualTo(Verdict.forward());
		assertThat(this.shout.apply(PingFrame.of(new byte[0]), Contexts.inbound())).isEqualTo(Verdict.forward());
		assertThat(this.shout.apply(ContinuationFrame.of(new byte[0], true), Contexts.inbound()))
			.isEqualTo(Verdict.forward());
	}

	@Test
	void readsNoFragments() {
		Frame fragment = FrameAccess.frame(FrameType.TEXT, false, FrameAccess.payload(TextFrame.of("a")));
		assertThatIllegalStateException().isThrownBy(() -> this.shout.apply(fragment, Contexts.inbound()))
			.withMessageContaining("MESSAGE");
	}

	@Test
	void textThatIsNotUtf8IsNotShown() {
		Frame frame = FrameAccess.frame(FrameType.TEXT, true, FrameAccess.payload(BinaryFrame.of(new byte[] { -1 })));
		assertThatExceptionOfType(InvalidUtf8Exception.class)
			.isThrownBy(() -> this.shout.apply(frame, Contexts.inbound()));
	}

}
