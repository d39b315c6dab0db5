package dev.wspolicy.gateway;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

import dev.wspolicy.policy.FrameContext;
import dev.wspolicy.policy.TextPolicy;
import dev.wspolicy.policy.Verdict;
import dev.wspolicy.session.ProxiedSession;
import dev.wspolicy.session.Side;
import dev.wspolicy.session.Termination;
import dev.wspolicy.testkit.RawSession;
import dev.wspolicy.testkit.WireFrame;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Tests that an observed policy leaves the traffic as it is without the policy.
 */
@ExtendWith(OutputCaptureExtension.class)
class ObservedTrafficTests {

	@RegisterExtension
	static final GatewayExtension gateway = GatewayExtension.with(Beans.class)
		.pipeline("limits.inbound-message", "2KB")
		.pipeline("limits.outbound-message", "2KB")
		.pipeline("limits.fragments", "8")
		.pipeline("off", "inbound[0].strict.mode", "off")
		.pipeline("off", "outbound[0].strict.mode", "off")
		.pipeline("observed", "inbound[0].strict.mode", "observe")
		.pipeline("observed", "outbound[0].strict.mode", "observe")
		.pipeline("broken", "inbound[0].broken.mode", "observe")
		.routesByName("off", "observed", "broken");

	private static WireFrame[] fragments(int count, int size) {
		return WireFrame.text("x".repeat(count * size)).fragments(size);
	}

	@ParameterizedTest
	@ValueSource(strings = { "off", "observed" })
	void frames(String route) {
		for (Side side : Side.values()) {
			try (RawSession session = gateway.open(route)) {
				List<WireFrame> sent = new ArrayList<>(List.of(fragments(4, 10)));
				sent.add(WireFrame.text(""));
				sent.add(WireFrame.text("").fin(false));
				sent.add(WireFrame.continuation("").fin(false));
				sent.add(WireFrame.continuation("é").fin(true));
				sent.add(WireFrame.text("y".repeat(2048)));
				sent.add(WireFrame.binary(new byte[2048]));
				sent.addAll(List.of(fragments(8, 256)));
				sent.add(WireFrame.ping("p"));
				session.peer(side).send(from(side, sent.toArray(WireFrame[]::new)));
				List<WireFrame> received = session.peer(side.peer()).receiveFrames(sent.size());
				assertThat(received.stream().map(WireFrame::unmasked)).containsExactlyElementsOf(sent);
			}
		}
	}

	/**
	 * To be read, a message has to be complete, as it has to be for an enforced policy.
	 */
	@Test
	void fragmentsWaitForTheLastOne() {
		WireFrame first = WireFrame.text("a").fin(false);
		WireFrame ping = WireFrame.ping("p");
		WireFrame last = WireFrame.continuation("b");
		try (RawSession session = gateway.open("off")) {
			send(session, first, ping, last);
			assertThat(receive(session, 3)).containsExactly(first, ping, last);
		}
		try (RawSession session = gateway.open("observed")) {
			send(session, first, ping, last);
			assertThat(receive(session, 3)).containsExactly(ping, first, last);
		}
	}

	private static void send(RawSession session, WireFrame... frames) {
		for (WireFrame frame : frames) {
			session.client().send(frame.masked());
		}
	}

	private static List<WireFrame> receive(RawSession session, int count) {
		return session.upstream().receiveFrames(count).stream().map(WireFrame::unmasked).toList();
	}

	@ParameterizedTest
	@ValueSource(strings = { "off", "observed" })
	void limits(String route) {
		for (Side side : Side.values()) {
			for (WireFrame[] tooMuch : List.of(new WireFrame[] { WireFrame.text("x".repeat(2049)) }, fragments(9, 1),
					fragments(3, 1000))) {
				try (RawSession session = gateway.open(route)) {
					// The gateway may stop reading before the end.
					session.peer(side).sendAsync(WireFrame.encodeAll(from(side, tooMuch)));
					assertThat(session.peer(side).receiveFrame().closeCode()).isEqualTo(1009);
				}
			}
		}
	}

	private static WireFrame[] from(Side side, WireFrame... frames) {
		return Arrays.stream(frames).map((frame) -> frame.from(side)).toArray(WireFrame[]::new);
	}

	@Test
	void policyThatFailsWhereverItCanEndsNothing(CapturedOutput output) {
		try (RawSession session = gateway.open("broken")) {
			session.client().send(WireFrame.text("a").masked());
			assertThat(session.upstream().receiveFrame().payloadAsText()).isEqualTo("a");
			Broken broken = gateway.bean(Broken.class);
			await().until(() -> broken.calls.contains("task"));
			session.roundTrip();
			session.client().send(WireFrame.text("b").masked());
			assertThat(session.upstream().receiveFrame().payloadAsText()).isEqualTo("b");
		}
		gateway.awaitNoSessions();
		await().untilAsserted(() -> assertThat(gateway.bean(Broken.class).calls).containsExactlyInAnyOrder("open",
				"task", "a", "b", "close"));
		// The log names the policy, not what observes it.
		assertThat(output).contains("onOpen of " + Broken.class.getName(), "onClose of " + Broken.class.getName());
	}

	@Configuration(proxyBeanMethods = false)
	static class Beans {

		@Bean
		TextPolicy strict() {
			return (text, context) -> Verdict.drop();
		}

		@Bean
		Broken broken() {
			return new Broken();
		}

	}

	/** Fails wherever it can. */
	static final class Broken implements TextPolicy {

		final Queue<String> calls = new ConcurrentLinkedQueue<>();

		@Override
		public void onOpen(ProxiedSession session) {
			this.calls.add("open");
			session.schedule(Duration.ofMillis(1), () -> {
				this.calls.add("task");
				throw new AssertionError("task");
			});
			throw new AssertionError("open");
		}

		@Override
		public Verdict apply(String text, FrameContext context) {
			this.calls.add(text);
			throw new StackOverflowError("apply");
		}

		@Override
		public void onClose(ProxiedSession session, Termination termination) {
			this.calls.add("close");
			throw new AssertionError("close");
		}

	}

}
