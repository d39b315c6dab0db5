package dev.wspolicy.actuate;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

import io.micrometer.core.instrument.MeterRegistry;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.actuate.audit.AuditEvent;
import org.springframework.http.MediaType;

import dev.wspolicy.testkit.RawSession;
import dev.wspolicy.testkit.WireFrame;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Tests for requests of taps: which are rejected, when a tap ends, and what is audited.
 */
class TapRequestsTests extends AbstractTapEndpointTests {

	@ParameterizedTest
	@CsvSource(delimiter = '|', textBlock = """
			sample=0       | sample: 0.0 (expected: more than 0, at most 1)
			sample=1.5     | sample: 1.5 (expected: more than 0, at most 1)
			sample=NaN     | sample: NaN (expected: more than 0, at most 1)
			duration=0s    | duration: PT0S (expected: more than 0, at most PT10M)
			duration=-1s   | duration: PT-1S (expected: more than 0, at most PT10M)
			duration=601s  | duration: PT10M1S (expected: more than 0, at most PT10M)
			rate=0         | rate: 0 (expected: 1 to 20000)
			rate=20001     | rate: 20001 (expected: 1 to 20000)
			bytes=-1       | bytes: -1 (expected: 0 to 65536)
			bytes=65537    | bytes: 65537 (expected: 0 to 65536)
			""")
	void rejectsValuesOutOfRange(String query, String message) {
		http.get()
			.uri("/websockettap?" + query)
			.exchange()
			.expectStatus()
			.isBadRequest()
			.expectBody()
			.jsonPath("$.message")
			.isEqualTo(message);
		assertThat(audited()).noneMatch((event) -> event.getType().equals(WebSocketTapEndpoint.STARTED));
	}

	@ParameterizedTest
	@ValueSource(strings = { "sample=few", "duration=long", "rate=many", "bytes=all", "pointers=email" })
	void rejectsInvalidValues(String query) {
		http.get().uri("/websockettap?" + query).exchange().expectStatus().isBadRequest();
		http.get()
			.uri("/websockettap?" + query)
			.accept(MediaType.TEXT_EVENT_STREAM)
			.exchange()
			.expectStatus()
			.isBadRequest();
	}

	@Test
	void unknownSessionsAreNotFound() {
		open("/chat/1", null);
		for (String query : List.of("session=none", "session=" + id("chat") + "&route=judged")) {
			http.get()
				.uri("/websockettap?" + query)
				.exchange()
				.expectStatus()
				.isNotFound()
				.expectBody()
				.jsonPath("$.message")
				.isEqualTo("no such session");
		}
		assertThat(audited()).noneMatch((event) -> event.getType().equals(WebSocketTapEndpoint.STARTED));
	}

	@Test
	void numberOfTapsIsLimited() {
		List<TapWatcher> taps = new ArrayList<>();
		try {
			for (int i = 0; i < WebSocketTapEndpoint.MAX_TAPS; i++) {
				taps.add(watch(""));
			}
			http.get().uri("/websockettap").exchange().expectStatus().isEqualTo(429);
			assertThat(gateway.bean(MeterRegistry.class).get("wspolicy.taps.active").gauge().value())
				.isEqualTo(WebSocketTapEndpoint.MAX_TAPS);
		}
		finally {
			taps.forEach(TapWatcher::close);
		}
	}

	@Test
	void numberOfTapsIsLimitedForConcurrentRequests() {
		int asked = 5 * WebSocketTapEndpoint.MAX_TAPS;
		List<Integer> statuses = TapWatcher.statuses(gateway.gateway(), "?duration=9m", asked);
		assertThat(statuses).filteredOn((status) -> status == 200).hasSize(WebSocketTapEndpoint.MAX_TAPS);
		assertThat(statuses).filteredOn((status) -> status != 200).containsOnly(429);
		assertThat(audited()).filteredOn((event) -> event.getType().equals(WebSocketTapEndpoint.STARTED))
			.hasSize(WebSocketTapEndpoint.MAX_TAPS);
	}

	@Test
	void headRequestStartsNoTap() {
		http.head().uri("/websockettap?duration=9m").exchange().expectStatus().isOk();
		watch("?duration=8m").close();
		audit(WebSocketTapEndpoint.ENDED, "PT8M");
		assertThat(audited()).extracting((event) -> event.getData().get("duration")).containsOnly("PT8M");
		assertThat(gateway.bean(FrameTaps.class).running()).isZero();
	}

	@Test
	void endsWhenTheClientDisconnects() {
		RawSession session = open("/chat/1", null);
		TapWatcher tap = watch("?duration=9m");
		tap.close();
		await().until(() -> gateway.bean(FrameTaps.class).running() == 0);
		AuditEvent end = audit(WebSocketTapEndpoint.ENDED, "PT9M");
		assertThat(end.getData()).containsEntry("reason", "client-gone");
		session.client().send(WireFrame.text("unseen").masked());
		assertThat(session.upstream().receiveFrame().payloadAsText()).isEqualTo("unseen");
	}

	@Test
	void endsAfterItsDuration() {
		try (TapWatcher tap = watch("?duration=1ns")) {
			tap.expectEnd("duration");
		}
		assertThat(audit(WebSocketTapEndpoint.ENDED, "PT0.000000001S").getData()).containsEntry("reason", "duration");
	}

	@Test
	void tapsAreAudited() {
		RawSession session = open("/chat/1", null);
		String id = id("chat");
		try (TapWatcher tap = TapWatcher.watch(gateway.gateway(),
				"?session=" + id + "&route=chat&address=127.0.0.1&sample=1&duration=7m&bytes=7", "ops")) {
			session.client().send(WireFrame.text("hello").masked());
			tap.frame();
		}
		AuditEvent start = audit(WebSocketTapEndpoint.STARTED, "PT7M");
		assertThat(start.getPrincipal()).isEqualTo("ops");
		assertThat(start.getData()).containsExactlyInAnyOrderEntriesOf(Map.of("session", id, "route", "chat", "address",
				"127.0.0.1", "sample", 1.0, "duration", "PT7M", "bytes", 7));
		AuditEvent end = audit(WebSocketTapEndpoint.ENDED, "PT7M");
		assertThat(end.getPrincipal()).isEqualTo("ops");
		assertThat(end.getData()).containsAllEntriesOf(start.getData())
			.containsEntry("reason", "client-gone")
			.containsEntry("records", 1L)
			.containsEntry("dropped", 0L);
	}

	@Test
	void noTapWithoutAudit() {
		gateway.bean(Application.class).failing = true;
		try {
			http.get().uri("/websockettap").exchange().expectStatus().is5xxServerError();
		}
		finally {
			gateway.bean(Application.class).failing = false;
		}
		assertThat(gateway.bean(FrameTaps.class).running()).isZero();
	}

}
