package dev.wspolicy.actuate;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import dev.wspolicy.frame.CloseStatus;
import dev.wspolicy.frame.TextFrame;
import dev.wspolicy.policy.Verdict;
import dev.wspolicy.session.Side;
import dev.wspolicy.testkit.RawSession;
import dev.wspolicy.testkit.WireFrame;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Tests for the frames that the tap endpoint of a running gateway shows.
 */
class WebSocketTapEndpointTests extends AbstractTapEndpointTests {

	@Test
	void passedFrames() {
		RawSession session = open("/chat/1", null);
		Instant before = Instant.now();
		try (TapWatcher tap = watch("")) {
			session.client().send(WireFrame.text("hello").mask(0x0A1B2C3D));
			session.upstream().receiveFrame();
			session.upstream().send(WireFrame.binary((byte) 0xFF, (byte) 0).fin(false), WireFrame.ping("?"));
			Map<String, Object> first = tap.frame();
			assertThat(Instant.parse(first.get("time").toString())).isBetween(before.minusMillis(1), Instant.now());
			assertThat(first).containsEntry("session", id("chat"))
				.containsEntry("direction", "inbound")
				.containsEntry("origin", "peer")
				.containsEntry("type", "text")
				.containsEntry("fin", true)
				.containsEntry("policyNanos", 0)
				.containsEntry("length", 5)
				.containsEntry("maskKey", "0a1b2c3d")
				.containsEntry("verdict", "none")
				.containsEntry("policy", null)
				.containsEntry("payload", "hello")
				.containsEntry("encoding", "text")
				.containsEntry("truncated", false);
			assertThat(tap.frame()).containsEntry("direction", "outbound")
				.containsEntry("type", "binary")
				.containsEntry("fin", false)
				.containsEntry("maskKey", null)
				.containsEntry("payload", "/wA=")
				.containsEntry("encoding", "base64");
			assertThat(tap.frame()).containsEntry("type", "ping").containsEntry("payload", "?");
		}
	}

	@Test
	void framesWithVerdicts() {
		RawSession session = open("/judged/1", null);
		try (TapWatcher tap = watch("?session=" + id("judged"))) {
			session.client()
				.send(WireFrame.text("fine").masked(), WireFrame.text("drop").masked(),
						WireFrame.text("replace").masked(), WireFrame.text("later").masked(),
						WireFrame.text("reply").masked(), WireFrame.text("close").masked());
			assertThat(tap.frames(10))
				.extracting((frame) -> frame.get("direction") + " " + frame.get("origin") + " " + frame.get("payload")
						+ " " + frame.get("verdict") + " " + frame.get("policy"))
				.containsExactly("inbound peer fine forward null", "inbound peer drop drop wording",
						"inbound peer replace replace wording", "inbound policy replaced forward null",
						"inbound peer later forward null", "inbound peer reply reply wording",
						"outbound policy answer none wording", "inbound peer close close wording",
						"outbound policy 4000 enough none wording", "inbound policy 4000 enough none wording");
		}
		assertThat(session.upstream().receiveFrames(3)).extracting(WireFrame::payloadAsText)
			.containsExactly("fine", "replaced", "later");
	}

	@Test
	void verdictsThatAreOnlyObserved() {
		RawSession session = open("/observed/1", null);
		try (TapWatcher tap = watch("?session=" + id("observed"))) {
			for (String text : List.of("fine", "drop", "close")) {
				session.client().send(WireFrame.text(text).masked());
				assertThat(session.upstream().receiveFrame().payloadAsText()).isEqualTo(text);
			}
			assertThat(tap.frames(3))
				.allSatisfy(
						(frame) -> assertThat(frame).containsEntry("verdict", "forward").containsEntry("policy", null))
				.extracting((frame) -> String.valueOf(frame.get("observed")))
				.containsExactly("[]", "[{policy=wording, verdict=drop, code=null, reason=null}]",
						"[{policy=wording, verdict=close, code=4000, reason=enough}]");
		}
	}

	@Test
	void verdictThatIsObservedWhenTheFrameHasPassed() {
		RawSession session = open("/observed/1", null);
		CompletableFuture<Verdict> promised = new CompletableFuture<>();
		gateway.bean(Application.class).promised = promised;
		try (TapWatcher tap = watch("")) {
			session.client().send(WireFrame.text("later drop").masked());
			assertThat(session.upstream().receiveFrame().payloadAsText()).isEqualTo("later drop");
			promised.complete(Verdict.drop());
			assertThat(tap.frame()).containsEntry("observed", List.of());
			Map<String, Object> observed = tap.next("observed");
			assertThat(Instant.parse(observed.remove("time").toString())).isBeforeOrEqualTo(Instant.now());
			assertThat(observed).containsEntry("session", id("observed"))
				.containsEntry("direction", "inbound")
				.containsEntry("policy", "wording")
				.containsEntry("verdict", "drop")
				.containsEntry("code", null)
				.containsEntry("reason", null)
				.containsEntry("record", "observed")
				.hasSize(7);
		}
	}

	@Test
	void durationOfPolicies() {
		RawSession session = open("/judged/1", null);
		try (TapWatcher tap = watch("")) {
			session.client().send(WireFrame.text("fine").masked());
			assertThat(((Number) tap.frame().get("policyNanos")).longValue()).isPositive();
		}
	}

	@Test
	void framesOfTheGateway() {
		RawSession session = open("/chat/1", null);
		try (TapWatcher tap = watch("")) {
			only().send(Side.CLIENT, TextFrame.of("news"));
			only().close(CloseStatus.of(4001, "bye"), CloseStatus.GOING_AWAY);
			assertThat(tap.frames(3))
				.extracting((frame) -> frame.get("direction") + " " + frame.get("origin") + " " + frame.get("type")
						+ " " + frame.get("payload"))
				.containsExactly("outbound gateway text news", "outbound gateway close 4001 bye",
						"inbound gateway close 1001");
		}
		assertThat(session.client().receiveFrame().payloadAsText()).isEqualTo("news");
	}

	@Test
	void maskOfTheClientIsShown() {
		RawSession session = open("/remasked/1", null);
		try (TapWatcher tap = watch("")) {
			session.client().send(WireFrame.text("hello").mask(0x01020304));
			assertThat(session.upstream().receiveFrame().mask()).isNotEqualTo(new byte[] { 1, 2, 3, 4 });
			assertThat(tap.frame()).containsEntry("maskKey", "01020304").containsEntry("payload", "hello");
		}
	}

	@ParameterizedTest
	@CsvSource({ "route=chat", "path=/chat*", "principal=ann", "pipeline=default&route=chat",
			"address=127.0.0.1&route=chat", "route=chat&principal=ann" })
	void filters(String query) {
		RawSession wanted = open("/chat/1", "ann");
		RawSession other = open("/judged/2", "bob");
		try (TapWatcher tap = watch("?" + query)) {
			RawSession later = open("/chat/3", "ann");
			RawSession laterOther = open("/judged/4", null);
			for (RawSession session : List.of(other, laterOther, wanted, later)) {
				session.client().send(WireFrame.text("from " + session.client().localAddress().getPort()).masked());
				session.upstream().receiveFrame();
			}
			assertThat(tap.frames(2)).extracting((frame) -> frame.get("payload"))
				.containsExactly("from " + wanted.client().localAddress().getPort(),
						"from " + later.client().localAddress().getPort());
		}
	}

	@Test
	void allFiltersMustMatch() {
		List<RawSession> others = List.of(open("/chat/1", "ann"), open("/chat/2", "bob"));
		try (TapWatcher tap = watch("?principal=bob&address=127.0.0.2")) {
			for (RawSession other : others) {
				other.client().send(WireFrame.text("unseen").masked());
				other.upstream().receiveFrame();
			}
			RawSession bob = gateway
				.register(gateway.client().path("/chat/3").from("127.0.0.2").header("X-User", "bob"));
			bob.client().send(WireFrame.text("seen").masked());
			assertThat(tap.frame()).containsEntry("payload", "seen");
		}
	}

	@Test
	void oneSessionUntilItEnds() {
		RawSession session = open("/chat/1", null);
		String id = id("chat");
		RawSession other = open("/chat/2", null);
		try (TapWatcher tap = watch("?session=" + id)) {
			other.client().send(WireFrame.text("other").masked());
			other.upstream().receiveFrame();
			session.client().send(WireFrame.close(1000).masked());
			session.upstream().receiveFrame();
			session.upstream().send(WireFrame.close(1000));
			assertThat(tap.frames(2)).extracting((frame) -> frame.get("direction") + " " + frame.get("payload"))
				.containsExactly("inbound 1000", "outbound 1000");
			session.close();
			tap.expectEnd("session-closed");
		}
	}

	@Test
	void severalTapsOnOneSession() {
		RawSession session = open("/chat/1", null);
		try (TapWatcher two = watch("?bytes=4")) {
			try (TapWatcher one = watch("?bytes=2")) {
				session.client().send(WireFrame.text("hello").masked());
				assertThat(one.frame()).containsEntry("payload", "he");
				assertThat(two.frame()).containsEntry("payload", "hell");
			}
			await().until(() -> gateway.bean(FrameTaps.class).running() == 1);
			session.client().send(WireFrame.text("again").masked());
			assertThat(two.frame()).containsEntry("payload", "agai");
		}
	}

}
