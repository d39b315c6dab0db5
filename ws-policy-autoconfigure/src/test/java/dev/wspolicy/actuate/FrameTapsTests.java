package dev.wspolicy.actuate;

import java.security.Principal;
import java.time.Duration;
import java.time.Instant;
import java.util.function.Predicate;

import org.junit.jupiter.api.Test;
import org.mockito.BDDMockito;
import org.mockito.InOrder;
import org.mockito.Mockito;
import reactor.core.publisher.FluxSink;

import dev.wspolicy.fleet.SessionSelector;
import dev.wspolicy.session.ProxiedSession;
import dev.wspolicy.session.TestRegistry;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for taps that end while they are being attached.
 */
class FrameTapsTests {

	private final TestRegistry registry = new TestRegistry();

	private final ProxiedSession session = Mockito.mock();

	private final FrameTaps taps = new FrameTaps(this.registry);

	@Test
	void tapThatEndsBeforeItStartsIsDetached() {
		BDDMockito.given(this.session.id()).willReturn("s");
		this.registry.add(this.session);
		RunningTap tap = tap();
		tap.end("client-gone");
		this.taps.start(tap);
		assertThat(this.taps.running()).isZero();
		assertTakenOff(tap);
	}

	@Test
	void tapThatEndsWhileASessionOpensIsDetachedFromIt() {
		RunningTap tap = tap();
		this.taps.start(tap);
		BDDMockito.willAnswer((invocation) -> {
			tap.end("client-gone");
			return null;
		}).given(this.session).tap(tap);
		this.taps.onOpen(this.session);
		assertTakenOff(tap);
	}

	@Test
	void tapIsDetachedFromASessionThatNoLongerMatches() {
		Principal ann = () -> "ann";
		Principal bob = () -> "bob";
		BDDMockito.given(this.session.id()).willReturn("s");
		BDDMockito.given(this.session.principal()).willReturn(ann);
		this.registry.add(this.session);
		RunningTap tap = tap(SessionSelector.principal("ann").at(Instant.now()));
		this.taps.start(tap);
		BDDMockito.given(this.session.principal()).willReturn(bob);
		tap.end("duration");
		assertTakenOff(tap);
	}

	private void assertTakenOff(RunningTap tap) {
		InOrder order = Mockito.inOrder(this.session);
		order.verify(this.session).tap(tap);
		order.verify(this.session).untap(tap);
	}

	private RunningTap tap() {
		return tap((session) -> true);
	}

	private RunningTap tap(Predicate<ProxiedSession> filter) {
		@SuppressWarnings("unchecked")
		FluxSink<RunningTap.Signal> sink = Mockito.mock(FluxSink.class);
		TapLimits limits = new TapLimits(1, Duration.ofMinutes(1), 1, 0);
		return new RunningTap(null, filter, limits, 0, sink, this.taps::stop);
	}

}
