package dev.wspolicy.actuate;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.mockito.BDDMockito;
import org.mockito.Mockito;
import org.springframework.boot.actuate.endpoint.SecurityContext;
import org.springframework.boot.actuate.endpoint.Show;
import org.springframework.boot.actuate.endpoint.web.WebEndpointResponse;
import org.springframework.http.codec.ServerSentEvent;
import reactor.core.publisher.Flux;
import reactor.test.StepVerifier;

import dev.wspolicy.frame.Direction;
import dev.wspolicy.frame.FrameType;
import dev.wspolicy.session.FrameTap;
import dev.wspolicy.session.ProxiedSession;
import dev.wspolicy.session.TappedFrame;
import dev.wspolicy.session.TappedFrame.Origin;
import dev.wspolicy.session.TappedFrame.Outcome;
import dev.wspolicy.session.TestRegistry;
import dev.wspolicy.session.UpgradeContext;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Where a tap that is read slowly says that records are missing.
 */
class TapOrderTests {

	private final TestRegistry registry = new TestRegistry();

	private final ProxiedSession session = Mockito.mock();

	private FrameTap tap;

	private int waiting;

	private int seen;

	@BeforeEach
	void open() {
		UpgradeContext upgrade = Mockito.mock();
		BDDMockito.given(upgrade.path()).willReturn("/chat");
		BDDMockito.given(this.session.id()).willReturn("s");
		BDDMockito.given(this.session.upgrade()).willReturn(upgrade);
		BDDMockito.given(this.session.openedAt()).willReturn(Instant.EPOCH);
		BDDMockito.willAnswer((invocation) -> {
			this.tap = invocation.getArgument(0);
			return null;
		}).given(this.session).tap(Mockito.any());
		this.registry.add(this.session);
	}

	@Test
	void recordsAreMissingAfterThoseThatWaited() {
		StepVerifier.create(events(), 2)
			.expectNextMatches((event) -> "tapping".equals(event.comment()))
			.expectNextMatches((event) -> "recording".equals(event.event()))
			.then(() -> {
				while (this.tap.wantsNext()) {
					this.tap.onFrame(this.session, frame());
					this.waiting++;
				}
			})
			.thenRequest(Long.MAX_VALUE)
			.expectNextMatches((event) -> "open".equals(event.event()))
			.thenConsumeWhile((event) -> "frame".equals(event.event()), (event) -> this.seen++)
			.assertNext((event) -> {
				assertThat(event.event()).isEqualTo("dropped");
				assertThat(this.seen).isEqualTo(this.waiting).isPositive();
			})
			.thenCancel()
			.verify(Duration.ofSeconds(20));
	}

	@SuppressWarnings("unchecked")
	private Flux<ServerSentEvent<String>> events() {
		TapSettings settings = new TapSettings(Show.ALWAYS, Set.of(), Duration.ofMinutes(10), 100_000, 1024, List.of(),
				List.of());
		WebSocketTapEndpoint endpoint = new WebSocketTapEndpoint(this.registry, new FrameTaps(this.registry), settings,
				new KnownSubprotocols(List.of()), (event) -> {
				});
		WebEndpointResponse<Object> response = endpoint
			.tap(SecurityContext.NONE, null, null, null, null, null, null, null, null, 100_000, null, null)
			.block();
		assertThat(response).isNotNull();
		return (Flux<ServerSentEvent<String>>) response.getBody();
	}

	private static TappedFrame frame() {
		return new TappedFrame(Direction.INBOUND, Origin.PEER, FrameType.TEXT, true, Instant.EPOCH, 0, 0, null,
				Outcome.FORWARD, null, new byte[0]);
	}

}
