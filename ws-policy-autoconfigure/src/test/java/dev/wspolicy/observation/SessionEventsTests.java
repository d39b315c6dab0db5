package dev.wspolicy.observation;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.slf4j.MDC;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.event.EventListener;

import dev.wspolicy.frame.CloseStatus;
import dev.wspolicy.frame.Direction;
import dev.wspolicy.frame.Frame;
import dev.wspolicy.gateway.TestGateway;
import dev.wspolicy.policy.FrameContext;
import dev.wspolicy.policy.FramePolicy;
import dev.wspolicy.policy.Verdict;
import dev.wspolicy.policy.WsPolicy;
import dev.wspolicy.session.ProxiedSession;
import dev.wspolicy.session.SessionClosedEvent;
import dev.wspolicy.session.SessionEvent;
import dev.wspolicy.session.SessionOpenedEvent;
import dev.wspolicy.session.Termination;
import dev.wspolicy.session.UpgradeRefusedEvent;
import dev.wspolicy.testkit.RawSession;
import dev.wspolicy.testkit.RawUpstream;
import dev.wspolicy.testkit.WireFrame;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Tests for application events and the MDC, which are both optional.
 */
class SessionEventsTests {

	@AutoClose
	private final RawUpstream upstream = RawUpstream.start();

	private TestGateway.Builder gateway() {
		return TestGateway.with(Listening.class)
			.complete()
			.route("ws", this.upstream.uri())
			// Nothing waits for it
			.set("ws-policy.pipelines.default.session.close-timeout", "1m");
	}

	@Test
	void eventsArePublishedForOpeningClosingAndRefusal() {
		try (TestGateway gateway = gateway().set("ws-policy.publish-events", true).start()) {
			Heard heard = gateway.bean(Heard.class);
			oneSession(gateway);
			await().until(() -> heard.events.size() == 2);
			assertThat(gateway.client().path("/ws/a").without("Sec-WebSocket-Key").exchange().status()).isEqualTo(400);
			await().until(() -> heard.events.size() == 3);
			assertThat(heard.events).extracting((event) -> (Object) event.getClass())
				.containsExactly(SessionOpenedEvent.class, SessionClosedEvent.class, UpgradeRefusedEvent.class);
			assertThat(heard.events).extracting((event) -> event.upgrade().routeId()).containsOnly("ws");
			SessionClosedEvent closed = (SessionClosedEvent) heard.events.get(1);
			assertThat(closed.termination().cause()).isEqualTo(Termination.Cause.CLOSE_FRAME);
			assertThat(closed.session()).isSameAs(((SessionOpenedEvent) heard.events.get(0)).session());
			assertThat(((UpgradeRefusedEvent) heard.events.get(2)).status().value()).isEqualTo(400);
		}
	}

	@Test
	void closedEventContainsAnInvalidCodeFromTheUpstream() {
		try (TestGateway gateway = gateway().set("ws-policy.publish-events", true).start()) {
			Heard heard = gateway.bean(Heard.class);
			try (RawSession session = RawSession.open(gateway.client().path("/ws/a"), this.upstream)) {
				session.upstream().send(WireFrame.close(2000));
				assertThat(session.client().receiveFrame().closeCode()).isEqualTo(1011);
				assertThat(session.upstream().receiveFrame().closeCode()).isEqualTo(1002);
			}
			await().until(() -> heard.events.size() == 2);
			Termination termination = ((SessionClosedEvent) heard.events.get(1)).termination();
			assertThat(termination.cause()).isEqualTo(Termination.Cause.PROTOCOL_VIOLATION);
			assertThat(termination.fromUpstream()).extracting(CloseStatus::code).isEqualTo(2000);
			assertThat(termination.toClient()).extracting(CloseStatus::code).isEqualTo(1011);
			assertThat(termination.toUpstream()).extracting(CloseStatus::code).isEqualTo(1002);
		}
	}

	@Test
	void noEventsAndNoMdcByDefault() {
		try (TestGateway gateway = gateway().start()) {
			oneSession(gateway);
			assertThat(gateway.bean(Heard.class).events).isEmpty();
			assertThat(gateway.bean(Logging.class).ids).containsExactly("null", "null", "null");
		}
	}

	@Test
	void mdcContainsTheSessionIdDuringPolicyCalls() {
		try (TestGateway gateway = gateway().set("ws-policy.mdc", true).start()) {
			String id = oneSession(gateway);
			assertThat(gateway.bean(Logging.class).ids).containsExactly(id, id, id);
			assertThat(gateway.bean(Blocking.class).ids).containsExactly(id);
		}
	}

	/** Open a session, send a text, close the session, and return its id. */
	private String oneSession(TestGateway gateway) {
		String id;
		try (RawSession session = RawSession.open(gateway.client().path("/ws/a"), this.upstream)) {
			id = gateway.onlySession().id();
			session.client().send(WireFrame.text("hello").masked());
			assertThat(session.upstream().receiveFrame().payloadAsText()).isEqualTo("hello");
			session.client().send(WireFrame.close(1000).masked());
			session.upstream().receiveFrame();
			session.upstream().send(WireFrame.close(1000));
			session.client().receiveFrame();
		}
		gateway.awaitNoSessions();
		await().until(() -> gateway.bean(Logging.class).ids.size() == 3);
		return id;
	}

	@Configuration(proxyBeanMethods = false)
	static class Listening {

		@Bean
		Heard heard() {
			return new Heard();
		}

		@Bean
		@WsPolicy(direction = Direction.INBOUND)
		Logging logging() {
			return new Logging();
		}

		@Bean
		@WsPolicy(direction = Direction.INBOUND, blocking = true)
		Blocking blocking() {
			return new Blocking();
		}

	}

	static class Heard {

		private final List<SessionEvent> events = new CopyOnWriteArrayList<>();

		@EventListener
		void on(SessionEvent event) {
			this.events.add(event);
		}

	}

	/** Records what a log line would contain. */
	static class Logging implements FramePolicy {

		private final List<String> ids = new CopyOnWriteArrayList<>();

		@Override
		public void onOpen(ProxiedSession session) {
			note();
		}

		@Override
		public Verdict apply(Frame frame, FrameContext context) {
			note();
			return Verdict.forward();
		}

		@Override
		public void onClose(ProxiedSession session, Termination termination) {
			note();
		}

		void note() {
			this.ids.add(String.valueOf(MDC.get("wsSessionId")));
		}

	}

	static class Blocking implements FramePolicy {

		private final List<String> ids = new CopyOnWriteArrayList<>();

		@Override
		public Verdict apply(Frame frame, FrameContext context) {
			this.ids.add(String.valueOf(MDC.get("wsSessionId")));
			return Verdict.forward();
		}

	}

}
