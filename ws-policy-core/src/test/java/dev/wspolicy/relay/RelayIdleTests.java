package dev.wspolicy.relay;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeoutException;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import dev.wspolicy.pipeline.PolicyBinding;
import dev.wspolicy.pipeline.Timeouts;
import dev.wspolicy.policy.OnError;
import dev.wspolicy.policy.Verdict;
import dev.wspolicy.session.Side;

/**
 * Sessions whose messages wait for verdicts for longer than a session may be idle.
 */
class RelayIdleTests extends AbstractPromiseTests {

	private static final Duration IDLE = Duration.ofSeconds(4);

	@BeforeEach
	void setIdleTimeout() {
		this.script.timeouts(Timeouts.builder().idle(IDLE).verdict(Duration.ofSeconds(10)).build());
	}

	@ParameterizedTest
	@EnumSource
	void aMessageThatWaitsForItsVerdictKeepsASessionFromBeingIdle(Side from) {
		this.script.policy(from, promising());
		this.script.receive(from, text("later")).expect(suspend(from));
		this.script.advance(Duration.ofSeconds(9)).expectNothing();
		this.script.answer(this.promise, Verdict.forward()).expect(forward(from.peer(), text("later")), resume(from));
		assertIdleFromNowOn();
	}

	@ParameterizedTest
	@EnumSource
	void messagesThatWaitForEarlierOnesKeepASessionFromBeingIdle(Side from) {
		CompletableFuture<Verdict> second = new CompletableFuture<>();
		this.script.policy(from, promising()).policy(from, on("second", Verdict.later(second)));
		this.script.receive(from, text("later"), text("second"), text("third")).expect(suspend(from));
		this.script.advance(IDLE.minusSeconds(1)).expectNothing();
		this.script.answer(this.promise, Verdict.forward())
			.expect(forward(from.peer(), text("later")), resume(from), suspend(from));
		this.script.advance(IDLE.minusSeconds(1)).expectNothing();
		this.script.answer(second, Verdict.forward())
			.expect(forward(from.peer(), text("second")), resume(from), forward(from.peer(), text("third")));
		assertIdleFromNowOn();
	}

	/** As long as the session lives, its verdicts are bounded by their own timeout. */
	@ParameterizedTest
	@EnumSource
	void aVerdictThatDoesNotComeIsNoActivityAfterItsTimeout(Side from) {
		this.script.bind(from, PolicyBinding.of("slow", promising()).onError(OnError.DROP));
		this.script.receive(from, text("later")).expect(suspend(from));
		this.script.advance(Duration.ofSeconds(10)).expect(failure(from, "slow", TimeoutException.class), resume(from));
		assertIdleFromNowOn();
	}

	private void assertIdleFromNowOn() {
		this.script.advance(IDLE.minusSeconds(1)).expectNothing();
		this.script.advance(Duration.ofSeconds(1))
			.expect(send(Side.CLIENT, close(1001, "idle")), send(Side.UPSTREAM, close(1001, "idle")));
	}

}
