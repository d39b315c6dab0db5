package dev.wspolicy.actuate;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

import io.micrometer.core.instrument.MeterRegistry;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import dev.wspolicy.testkit.RawSession;
import dev.wspolicy.testkit.WireFrame;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for the number of frames that a tap shows, and how much of their payloads.
 */
class TapLimitsTests extends AbstractTapEndpointTests {

	@Test
	void samples() {
		RawSession session = open("/chat/1", null);
		try (TapWatcher tap = watch("?sample=0.1&rate=20000&session=" + id("chat"))) {
			int sent = 5000;
			session.client()
				.sendAsync(IntStream.range(0, sent)
					.mapToObj((i) -> WireFrame.text("m").masked().encode())
					.toArray(byte[][]::new));
			session.upstream().receiveFrames(sent);
			session.close();
			int told = 0;
			for (TapWatcher.Event event = tap.nextEvent(); !event.name().equals("end"); event = tap.nextEvent()) {
				assertThat(event.name()).isEqualTo("frame");
				told++;
			}
			// A tenth, within limits that are practically never exceeded.
			assertThat(told).isBetween(300, 700);
		}
	}

	@Test
	void rateIsLimited() {
		RawSession session = open("/chat/1", null);
		double recordedBefore = counted("wspolicy.tap.records");
		double droppedBefore = counted("wspolicy.tap.dropped");
		try (TapWatcher tap = watch("?rate=3")) {
			long begin = System.nanoTime();
			session.client()
				.send(IntStream.range(0, 100)
					.mapToObj((i) -> WireFrame.text("m" + i).masked())
					.toArray(WireFrame[]::new));
			session.upstream().receiveFrames(100);
			int seconds = (int) Duration.ofNanos(System.nanoTime() - begin).toSeconds();
			int told = 0;
			int dropped = 0;
			while (told + dropped < 100) {
				TapWatcher.Event event = tap.nextEvent();
				if (event.name().equals("frame")) {
					told++;
				}
				else {
					assertThat(event.name()).isEqualTo("dropped");
					dropped += ((Number) event.data().get("count")).intValue();
				}
			}
			assertThat(told + dropped).isEqualTo(100);
			// The seconds of the tap may begin at any moment.
			assertThat(told).isBetween(3, 3 * (seconds + 2));
			assertThat(counted("wspolicy.tap.records") - recordedBefore).isEqualTo(told);
			assertThat(counted("wspolicy.tap.dropped") - droppedBefore).isEqualTo(dropped);
		}
	}

	private static double counted(String meter) {
		return gateway.bean(MeterRegistry.class).get(meter).functionCounter().count();
	}

	@ParameterizedTest
	@CsvSource({ "0, ''", "1, h", "3, hé", "5, héllo", "6, héllo", "7, héllo" })
	void bytesAreLimited(int bytes, String shown) {
		RawSession session = open("/chat/1", null);
		RawSession judged = open("/judged/1", null);
		String expected = (bytes == 5) ? "héll" : shown;
		try (TapWatcher tap = watch("?bytes=" + bytes)) {
			for (RawSession each : List.of(session, judged)) {
				each.client().send(WireFrame.text("héllo").masked());
				assertThat(tap.frame()).containsEntry("payload", expected)
					.containsEntry("length", 6)
					.containsEntry("truncated", bytes < 6);
			}
		}
	}

	@Test
	void truncatedCharacterIsOmitted() {
		RawSession session = open("/chat/1", null);
		try (TapWatcher tap = watch("?bytes=2")) {
			session.client().send(WireFrame.text("héllo").masked());
			assertThat(tap.frame()).containsEntry("payload", "h").containsEntry("truncated", true);
		}
	}

	@Test
	void payloadOfManyReads() {
		RawSession session = open("/chat/1", null);
		String text = "0123456789".repeat(30_000);
		try (TapWatcher tap = watch("?bytes=20000")) {
			session.client().sendAsync(WireFrame.text(text).masked().encode());
			assertThat(session.upstream().receiveFrame().payloadAsText()).isEqualTo(text);
			assertThat(tap.frame()).containsEntry("payload", text.substring(0, 20_000))
				.containsEntry("length", 300_000)
				.containsEntry("truncated", true);
		}
	}

	@Test
	void redactsPointers() {
		RawSession session = open("/chat/1", null);
		try (TapWatcher tap = watch("?pointers=/user/email,/card&bytes=100")) {
			session.client()
				.send(WireFrame.text("{\"user\":{\"email\":\"ann@x.org\",\"id\":1},\"card\":4111}").masked(),
						WireFrame.text("ann@x.org").masked(), WireFrame.text("\"ann@x.org\"").fin(false).masked());
			Map<String, Object> redacted = tap.frame();
			assertThat(redacted.get("payload").toString()).contains("\"id\":1")
				.doesNotContain("ann@x.org")
				.doesNotContain("4111");
			assertThat(tap.frames(2))
				.allSatisfy((frame) -> assertThat(frame.get("payload").toString()).doesNotContain("ann@x.org"));
		}
	}

	@Test
	void redactsPingsAndCloseReasons() {
		RawSession session = open("/chat/1", null);
		try (TapWatcher tap = watch("?pointers=/email&bytes=100")) {
			session.client()
				.send(WireFrame.ping("{\"email\":\"ann@x.org\",\"n\":1}").masked(),
						WireFrame.ping("ann@x.org").masked(), WireFrame.ping("").masked(),
						WireFrame.close(1000, "ann@x.org").masked());
			session.upstream().receiveFrames(4);
			session.upstream().send(WireFrame.close(1000));
			assertThat(tap.frames(5)).extracting((frame) -> frame.get("payload"))
				.containsExactly("{\"email\":\"***\",\"n\":1}", "***", "", "1000 ***", "1000");
		}
	}

}
