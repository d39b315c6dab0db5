package dev.wspolicy.gateway;

import java.util.Arrays;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

import org.junit.jupiter.api.Test;

import dev.wspolicy.frame.CloseFrame;
import dev.wspolicy.frame.CloseStatus;
import dev.wspolicy.frame.Direction;
import dev.wspolicy.frame.PingFrame;
import dev.wspolicy.frame.TextFrame;
import dev.wspolicy.policy.Verdict;
import dev.wspolicy.session.ProxiedSession;
import dev.wspolicy.session.Side;
import dev.wspolicy.testkit.RawSession;
import dev.wspolicy.testkit.WireFrame;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

/**
 * Tests for what policies, listeners and other threads learn of a session and do with it.
 */
class SessionAccessTests extends AbstractUserPoliciesTests {

	@Test
	void sessionSendsFromAnyThreadBetweenFrames() {
		try (RawSession session = open("annotated")) {
			ProxiedSession live = session();
			byte[] frame = WireFrame.binary(new byte[1000]).encode();
			session.upstream().send(Arrays.copyOf(frame, 400));
			session.client().receiveBytes(400);
			live.send(Side.CLIENT, TextFrame.of("waits for the frame's end"));
			live.send(Side.UPSTREAM, TextFrame.of("need not wait"));
			assertThat(session.upstream().receiveFrame().payloadAsText()).isEqualTo("need not wait");
			session.upstream().send(Arrays.copyOfRange(frame, 400, frame.length));
			session.client().receiveBytes(frame.length - 400);
			assertThat(session.client().receiveFrame().payloadAsText()).isEqualTo("waits for the frame's end");
			session.upstream().send(WireFrame.text("a").fin(false));
			session.client().receiveFrame();
			live.send(Side.CLIENT, TextFrame.of("waits for the message's end"));
			live.send(Side.CLIENT, PingFrame.of(new byte[0]));
			assertThat(session.client().receiveFrame()).isEqualTo(WireFrame.ping());
			session.upstream().send(WireFrame.continuation("b"));
			session.client().receiveFrame();
			assertThat(session.client().receiveFrame().payloadAsText()).isEqualTo("waits for the message's end");
			assertThat(catchThrowable(() -> live.send(Side.CLIENT, CloseFrame.of(CloseStatus.NORMAL))))
				.isInstanceOf(IllegalArgumentException.class);
		}
	}

	@Test
	void manyThreadsSendWithoutLoss() {
		try (RawSession session = open("annotated")) {
			ProxiedSession live = session();
			int threads = 4;
			int each = 250;
			for (int t = 0; t < threads; t++) {
				int thread = t;
				CompletableFuture.runAsync(() -> {
					for (int i = 0; i < each; i++) {
						live.send(Side.CLIENT, TextFrame.of(thread + ":" + i));
					}
				});
			}
			int[] next = new int[threads];
			for (WireFrame frame : session.client().receiveFrames(threads * each)) {
				String[] parts = frame.payloadAsText().split(":");
				assertThat(Integer.parseInt(parts[1])).isEqualTo(next[Integer.parseInt(parts[0])]++);
			}
		}
	}

	@Test
	void attributesAndCountsOfTheSession() {
		script((frame, context) -> {
			int seen = (int) context.session().attributes().merge("seen", 1, (a, b) -> (int) a + (int) b);
			return Verdict.replaceText(context.direction() + " " + seen);
		});
		try (RawSession session = open("scripted")) {
			session.client().send(WireFrame.text("a").masked());
			assertThat(session.upstream().receiveFrame().payloadAsText()).isEqualTo("INBOUND 1");
			session.upstream().send(WireFrame.text("bcd"), WireFrame.ping("x"));
			assertThat(session.client().receiveFrame().payloadAsText()).isEqualTo("OUTBOUND 2");
			session.client().receiveFrame();
			ProxiedSession live = session();
			assertThat(live.attributes()).isEqualTo(Map.of("seen", 2));
			assertThat(live.counts(Direction.INBOUND).messages()).isEqualTo(1);
			assertThat(live.counts(Direction.OUTBOUND).frames()).isEqualTo(2);
			assertThat(live.counts(Direction.OUTBOUND).bytes()).isEqualTo(4);
			assertThat(live.pipeline()).isEqualTo("scripted");
			assertThat(live.isOpen()).isTrue();
			assertThat(gateway.sessions().find(live.id())).containsSame(live);
		}
	}

	@Test
	void listenersAndPoliciesAreNotifiedOnce() throws Exception {
		String id;
		try (RawSession session = open("annotated")) {
			id = session().id();
			assertThat(event(id)).startsWith("policy open ");
			assertThat(event(id)).startsWith("listener open ");
			session.client().send(WireFrame.close(1000, "bye").masked());
			session.upstream().receiveFrame();
			session.upstream().send(WireFrame.close(1000, "bye bye"));
			session.client().receiveFrame();
		}
		assertThat(event(id)).startsWith("policy close ");
		assertThat(event(id)).startsWith("listener close ").contains("initiator=CLIENT", "cause=CLOSE_FRAME");
		gateway.awaitNoSessions();
		assertThat(beans().events).noneMatch((event) -> event.contains(id));
	}

	/**
	 * Returns the next call for this session, because listeners may be notified of the
	 * end of another one at any time.
	 */
	private static String event(String id) throws InterruptedException {
		while (true) {
			String event = Objects.requireNonNull(beans().events.poll(5, TimeUnit.SECONDS));
			if (event.contains(id)) {
				return event;
			}
		}
	}

}
