package dev.wspolicy.relay;

import java.nio.charset.StandardCharsets;
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
		assertFails(() -> this.script.send(Side.UPSTREAM, TextFrame.of("x")));
	}

	@Test
	void writingAMessageInsideAMessageFails() {
		this.script.receive(Side.CLIENT, AbstractRelayTests.first("a"))
			.expect(AbstractRelayTests.forward(Side.UPSTREAM, AbstractRelayTests.first("a")));
		assertFails(() -> this.script.send(Side.UPSTREAM, TextFrame.of("x")));
	}

	@Test
	void writingAfterACloseFrameFails() {
		this.script.close(CloseStatus.NORMAL, CloseStatus.NORMAL);
		assertFails(() -> this.script.send(Side.UPSTREAM, TextFrame.of("x")));
	}

	@Test
	void endingTwiceFails() {
		this.script.close(CloseStatus.NORMAL, CloseStatus.NORMAL);
		this.script.finish(Side.CLIENT);
		assertFails(() -> this.script.finish(Side.CLIENT));
		this.script.close(Side.CLIENT);
		assertFails(() -> this.script.close(Side.CLIENT));
		assertFails(() -> this.script.abort(Side.UPSTREAM));
	}

	@Test
	void suspendingTwiceFails() {
		this.script.policy(Side.CLIENT, (frame, context) -> Verdict.later(new CompletableFuture<>()));
		this.script.receive(Side.CLIENT, text("1")).expect(AbstractRelayTests.suspend(Side.CLIENT));
		assertFails(() -> this.script.suspend(Side.CLIENT.sends()));
		assertFails(() -> this.script.resume(Side.UPSTREAM.sends()));
	}

	@Test
	void readingFreedMemoryFails() {
		ScriptPayload payload = new ScriptPayload("x".getBytes(StandardCharsets.UTF_8));
		payload.free();
		assertFails(payload::bytes);
	}

	@Test
	void alarmsGoOffInOrderOfTime() {
		this.script.policy(Side.CLIENT, (frame, context) -> Verdict.later(new CompletableFuture<>()));
		this.script.receive(Side.CLIENT, text("1")).expect(AbstractRelayTests.suspend(Side.CLIENT));
		this.script.advance(Duration.ofSeconds(30));
		this.script.takeActions();
		assertThatExceptionOfType(AssertionError.class).isThrownBy(
				() -> this.script.advance(Duration.ofSeconds(1)).expect(AbstractRelayTests.hangUp(Side.CLIENT)));
	}

}
