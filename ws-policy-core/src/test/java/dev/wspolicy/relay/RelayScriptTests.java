package dev.wspolicy.relay;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.mockito.Mockito;

import dev.wspolicy.frame.CloseStatus;
import dev.wspolicy.frame.TextFrame;
import dev.wspolicy.policy.Verdict;
import dev.wspolicy.session.Side;

import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

/**
 * The fixture itself: what tests rely on it to notice.
 */
class RelayScriptTests {

	private final RelayScript script = new RelayScript();

	private static ScriptFrame text(String text) {
		return AbstractRelayTests.text(text);
	}

	private static void assertFails(Runnable step) {
		assertThatExceptionOfType(AssertionError.class).isThrownBy(step::run);
	}

	@Test
	void actionThatNobodyAssertedFailsTheNextStep() {
		this.script.receive(Side.CLIENT, text("1"));
		assertFails(() -> this.script.receive(Side.CLIENT, text("2")));
	}

	@Test
	void actionThatNobodyAssertedFailsTheEndOfTheTest() {
		ExtensionContext context = Mockito.mock(ExtensionContext.class);
		Mockito.when(context.getExecutionException()).thenReturn(Optional.empty());
		this.script.receive(Side.CLIENT, text("1"));
		assertFails(() -> this.script.afterEach(context));
		this.script.afterEach(context);
	}

	@Test
	void otherActionsFailTheExpectation() {
		assertFails(() -> this.script.receive(Side.CLIENT, text("1")).expectNothing());
		assertFails(() -> this.script.receive(Side.CLIENT, text("1"))
			.expect(AbstractRelayTests.send(Side.UPSTREAM, text("1"))));
		assertFails(() -> this.script.receive(Side.CLIENT, text("1"), text("2"))
			.expect(AbstractRelayTests.forward(Side.UPSTREAM, text("2")),
					AbstractRelayTests.forward(Side.UPSTREAM, text("1"))));
	}

	@Test
	void writingInsideAFrameFails() {
		this.script.header(Side.CLIENT, text("long"))
			.expect(AbstractRelayTests.forwardBegins(Side.UPSTREAM, text("long")));
		assertFails(() -> this.script.driver().send(Side.UPSTREAM, TextFrame.of("x")));
	}

	@Test
	void writingAMessageInsideAMessageFails() {
		this.script.receive(Side.CLIENT, AbstractRelayTests.first("a"))
			.expect(AbstractRelayTests.forward(Side.UPSTREAM, AbstractRelayTests.first("a")));
		assertFails(() -> this.script.driver().send(Side.UPSTREAM, TextFrame.of("x")));
	}

	@Test
	void writingAfterACloseFrameFails() {
		this.script.close(CloseStatus.NORMAL, CloseStatus.NORMAL);
		assertFails(() -> this.script.driver().send(Side.UPSTREAM, TextFrame.of("x")));
	}

	@Test
	void endingTwiceFails() {
		this.script.close(CloseStatus.NORMAL, CloseStatus.NORMAL);
		this.script.driver().finish(Side.CLIENT);
		assertFails(() -> this.script.driver().finish(Side.CLIENT));
		this.script.driver().close(Side.CLIENT);
		assertFails(() -> this.script.driver().close(Side.CLIENT));
		assertFails(() -> this.script.driver().abort(Side.UPSTREAM));
	}

	@Test
	void suspendingTwiceFails() {
		this.script.policy(Side.CLIENT, (frame, context) -> Verdict.later(new CompletableFuture<>()));
		this.script.receive(Side.CLIENT, text("1")).expect(AbstractRelayTests.suspend(Side.CLIENT));
		assertFails(() -> this.script.driver().suspend(Side.CLIENT.sends()));
		assertFails(() -> this.script.driver().resume(Side.UPSTREAM.sends()));
	}

	@Test
	void settlingTwiceFails() {
		CollectedFrame frame = unsettled();
		frame.drop();
		assertFails(frame::drop);
		assertFails(frame::forward);
	}

	@Test
	void missingSettlementFails() {
		unsettled();
		this.script.driver().resume(Side.CLIENT.sends());
		this.script.takeActions();
		assertFails(this.script::turn);
	}

	@Test
	void readingASettledFrameFails() {
		CollectedFrame frame = unsettled();
		frame.drop();
		assertThatIllegalStateException().isThrownBy(frame::bytes);
	}

	private CollectedFrame unsettled() {
		this.script.policy(Side.CLIENT, (frame, context) -> Verdict.later(new CompletableFuture<>()));
		this.script.receive(Side.CLIENT, text("1")).expect(AbstractRelayTests.suspend(Side.CLIENT));
		return this.script.unsettled(Side.CLIENT);
	}

	@Test
	void alarmsGoOffInOrderOfTime() {
		this.script.policy(Side.CLIENT, (frame, context) -> Verdict.later(new CompletableFuture<>()));
		this.script.receive(Side.CLIENT, text("1")).expect(AbstractRelayTests.suspend(Side.CLIENT));
		this.script.advance(Duration.ofSeconds(30));
		this.script.takeActions();
		assertThatExceptionOfType(AssertionError.class).isThrownBy(
				() -> this.script.advance(Duration.ofSeconds(1)).expect(AbstractRelayTests.closeSocket(Side.CLIENT)));
	}

}
