package dev.wspolicy.gateway;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.stream.Stream;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.mockito.BDDMockito;
import org.mockito.Mockito;
import org.springframework.cloud.gateway.event.RefreshRoutesResultEvent;
import org.springframework.cloud.gateway.filter.FilterDefinition;
import org.springframework.cloud.gateway.route.RouteDefinition;
import reactor.core.publisher.Sinks;

import dev.wspolicy.frame.CloseStatus;
import dev.wspolicy.pipeline.PipelineCatalog;
import dev.wspolicy.pipeline.PipelineDefinition;
import dev.wspolicy.pipeline.ReloadBehavior;
import dev.wspolicy.session.ProxiedSession;
import dev.wspolicy.session.SessionRegistry;
import dev.wspolicy.session.UpgradeContext;

/**
 * Tests for {@link RouteChangeListener} with slow route definitions.
 */
class RouteChangeListenerTests {

	private final Deque<Sinks.Many<RouteDefinition>> asked = new ArrayDeque<>();

	private final ProxiedSession session = Mockito.mock(ProxiedSession.class);

	private RouteChangeListener changes;

	@BeforeEach
	void prepare() {
		UpgradeContext upgrade = Mockito.mock(UpgradeContext.class);
		BDDMockito.given(upgrade.routeId()).willReturn("route");
		BDDMockito.given(this.session.upgrade()).willReturn(upgrade);
		BDDMockito.given(this.session.pipeline()).willReturn("default");
		SessionRegistry sessions = Mockito.mock(SessionRegistry.class);
		BDDMockito.given(sessions.stream()).willAnswer((call) -> Stream.of(this.session));
		PipelineDefinition definition = Mockito.mock(PipelineDefinition.class);
		BDDMockito.given(definition.reload()).willReturn(new ReloadBehavior(false, true));
		PipelineCatalog catalog = Mockito.mock(PipelineCatalog.class);
		BDDMockito.given(catalog.definition("default")).willReturn(definition);
		this.changes = new RouteChangeListener(() -> {
			Sinks.Many<RouteDefinition> sink = Sinks.many().unicast().onBackpressureBuffer();
			this.asked.addLast(sink);
			return sink.asFlux();
		}, catalog, sessions);
	}

	@Test
	void outdatedResultIsIgnored() {
		answer(ask(), "first");
		Sinks.Many<RouteDefinition> slow = ask();
		Sinks.Many<RouteDefinition> quick = ask();
		answer(quick, "second");
		Mockito.verify(this.session).close(CloseStatus.GOING_AWAY.withReason("route changed"));
		Mockito.clearInvocations(this.session);
		answer(slow, "first");
		answer(ask(), "second");
		Mockito.verify(this.session, Mockito.never()).close(BDDMockito.any(CloseStatus.class));
		answer(ask(), "third");
		Mockito.verify(this.session).close(CloseStatus.GOING_AWAY.withReason("route changed"));
	}

	@Test
	void changeIsFoundInALaterResult() {
		answer(ask(), "first");
		Sinks.Many<RouteDefinition> slow = ask();
		answer(ask(), "second");
		answer(slow, "second");
		Mockito.verify(this.session).close(CloseStatus.GOING_AWAY.withReason("route changed"));
	}

	private Sinks.Many<RouteDefinition> ask() {
		this.changes.onApplicationEvent(new RefreshRoutesResultEvent(this));
		return this.asked.removeLast();
	}

	private static void answer(Sinks.Many<RouteDefinition> sink, String filter) {
		RouteDefinition route = new RouteDefinition();
		route.setId("route");
		route.setFilters(List.of(new FilterDefinition("AddRequestHeader=X-Version, " + filter)));
		sink.tryEmitNext(route).orThrow();
		sink.tryEmitComplete().orThrow();
	}

}
