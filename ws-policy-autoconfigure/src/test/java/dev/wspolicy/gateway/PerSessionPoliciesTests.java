package dev.wspolicy.gateway;

import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.Stream;

import io.micrometer.core.instrument.MeterRegistry;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

import dev.wspolicy.frame.Frame;
import dev.wspolicy.frame.TextFrame;
import dev.wspolicy.policy.FrameContext;
import dev.wspolicy.policy.FramePolicy;
import dev.wspolicy.policy.FramePolicyFactory;
import dev.wspolicy.policy.Verdict;
import dev.wspolicy.policy.WsPolicy;
import dev.wspolicy.session.ProxiedSession;
import dev.wspolicy.session.Termination;
import dev.wspolicy.testkit.ClientHandshake;
import dev.wspolicy.testkit.RawPeer;
import dev.wspolicy.testkit.RawSession;
import dev.wspolicy.testkit.RawUpstream;
import dev.wspolicy.testkit.WireFrame;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Tests for policies that are created for each session.
 */
class PerSessionPoliciesTests {

	@AutoClose
	private final RawUpstream upstream = RawUpstream.start();

	private @Nullable TestGateway gateway;

	@BeforeEach
	void forget() {
		Counting.made.clear();
		Counting.fails = false;
		Counting.failsAt = -1;
	}

	@AfterEach
	void stop() {
		if (this.gateway != null) {
			this.gateway.close();
		}
	}

	@ParameterizedTest
	@ValueSource(booleans = { false, true })
	void eachSessionHasItsOwnPolicy(boolean blocking) {
		TestGateway gateway = start(blocking);
		assertThat(Counting.made).hasSize(1);
		try (RawSession one = open(gateway); RawSession other = open(gateway)) {
			one.client().send(WireFrame.text("a").masked(), WireFrame.text("b").masked());
			other.client().send(WireFrame.text("c").masked());
			assertThat(one.upstream().receiveFrame().payloadAsText()).isEqualTo("a 1");
			assertThat(one.upstream().receiveFrame().payloadAsText()).isEqualTo("b 2");
			assertThat(other.upstream().receiveFrame().payloadAsText()).isEqualTo("c 1");
		}
		gateway.awaitNoSessions();
		await().pollDelay(Duration.ZERO)
			.untilAsserted(() -> assertThat(Counting.made).extracting((policy) -> policy.heard)
				.containsExactly("", "open close", "open close"));
	}

	@Test
	void failingFactoryFailsTheUpgrade() {
		TestGateway gateway = start(false);
		Counting.fails = true;
		try (ClientHandshake handshake = gateway.client().path("/chat").start();
				RawPeer server = this.upstream.accept().acceptWebSocket()) {
			assertThat(handshake.response().status()).isEqualTo(500);
			server.expectClosed();
			assertThat(gateway.bean(MeterRegistry.class)
				.get("wspolicy.upgrades")
				.tags("route", "chat", "status", "500")
				.counter()
				.count()).isEqualTo(1);
		}
	}

	@Test
	void failureForOneLiveSessionDoesNotAffectTheOthers() {
		TestGateway gateway = start(false);
		try (RawSession one = open(gateway); RawSession other = open(gateway)) {
			List<String> before = answers("a", one, other);
			assertThat(before).containsExactly("a 1", "a 1");
			// After a policy that gets no frames.
			Counting.failsAt = Counting.made.size() + 1;
			gateway.refresh(Map.of("ws-policy.pipelines.chat.apply-to-live", "true"));
			one.roundTrip();
			other.roundTrip();
			assertThat(answers("b", one, other)).containsExactlyInAnyOrder("b 1", "b 2");
		}
	}

	private static List<String> answers(String text, RawSession... sessions) {
		return Stream.of(sessions).map((session) -> {
			session.client().send(WireFrame.text(text).masked());
			return session.upstream().receiveFrame().payloadAsText();
		}).toList();
	}

	private TestGateway start(boolean blocking) {
		TestGateway started = TestGateway.with(Beans.class)
			.complete()
			.set("ws-policy.pipelines.chat.inbound[0].counting.blocking", blocking)
			.route("chat", this.upstream.uri(), "WsPolicy=chat")
			.start();
		this.gateway = started;
		return started;
	}

	private RawSession open(TestGateway gateway) {
		return RawSession.open(gateway.client().path("/chat"), this.upstream);
	}

	record Settings(boolean blocking) {

	}

	private static class Counting implements FramePolicy {

		static final Collection<Counting> made = new ConcurrentLinkedQueue<>();

		static volatile boolean fails;

		/** The number of policies at which a single call of the factory fails. */
		static volatile int failsAt;

		private int count;

		private volatile String heard = "";

		@Override
		public void onOpen(ProxiedSession session) {
			this.heard = "open";
		}

		@Override
		public Verdict apply(Frame frame, FrameContext context) {
			this.count++;
			return Verdict.replaceText(((TextFrame) frame).text() + " " + this.count);
		}

		@Override
		public void onClose(ProxiedSession session, Termination termination) {
			this.heard += " close";
		}

	}

	@WsPolicy(blocking = true)
	private static final class CountingSlowly extends Counting {

	}

	@Configuration(proxyBeanMethods = false)
	static class Beans {

		@Bean
		FramePolicyFactory<Settings> counting() {
			return new FramePolicyFactory<>() {

				@Override
				public String name() {
					return "counting";
				}

				@Override
				public Class<Settings> settingsType() {
					return Settings.class;
				}

				@Override
				public boolean perSession(Settings settings) {
					return true;
				}

				@Override
				public FramePolicy create(Settings settings) {
					if (Counting.fails || Counting.made.size() == Counting.failsAt) {
						Counting.failsAt = -1;
						throw new IllegalStateException("no more of them");
					}
					Counting policy = settings.blocking() ? new CountingSlowly() : new Counting();
					Counting.made.add(policy);
					return policy;
				}

			};
		}

	}

}
