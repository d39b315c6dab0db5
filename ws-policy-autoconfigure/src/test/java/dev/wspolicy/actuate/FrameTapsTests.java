package dev.wspolicy.actuate;

import java.time.Duration;

import org.junit.jupiter.api.Test;
import org.mockito.BDDMockito;
import org.mockito.InOrder;
import org.mockito.Mockito;
import reactor.core.publisher.FluxSink;

import dev.wspolicy.session.ProxiedSession;
import dev.wspolicy.session.TestRegistry;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Taps that end while they are put on.
 */
class FrameTapsTests {

	private final TestRegistry registry = new TestRegistry();

	private final ProxiedSession session = Mockito.mock();

	private final FrameTaps taps = new FrameTaps(this.registry);

	@Test
	void tapThatHasEndedBeforeItBeginsIsTakenOffAgain() {
		BDDMockito.given(this.session.id()).willReturn("s");
		this.registry.add(this.session);
		RunningTap tap = tap();
		tap.end("client-gone");
		this.taps.start(tap);
		assertThat(this.taps.running()).isZero();
		assertTakenOff(tap);
	}

	@Test
	void tapThatEndsWhileASessionOpensIsTakenOffThatToo() {
		RunningTap tap = tap();
		this.taps.start(tap);
		BDDMockito.willAnswer((invocation) -> {
			tap.end("client-gone");
			return null;
		}).given(this.session).tap(tap);
		this.taps.onOpen(this.session);
		assertTakenOff(tap);
	}

	private void assertTakenOff(RunningTap tap) {
		InOrder order = Mockito.inOrder(this.session);
		order.verify(this.session).tap(tap);
		order.verify(this.session).untap(tap);
	}

	private RunningTap tap() {
		@SuppressWarnings("unchecked")
		FluxSink<RunningTap.Signal> sink = Mockito.mock(FluxSink.class);
		TapLimits limits = new TapLimits(1, Duration.ofMinutes(1), 1, 0);
		return new RunningTap(null, (session) -> true, limits, 0, sink, this.taps::stop);
	}

}
