package dev.wspolicy.gateway;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

import org.assertj.core.api.Assertions;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import dev.wspolicy.frame.FrameType;
import dev.wspolicy.recording.RecordingEntry;
import dev.wspolicy.recording.RecordingEntry.Close;
import dev.wspolicy.recording.RecordingEntry.End;
import dev.wspolicy.recording.RecordingEntry.Message;
import dev.wspolicy.recording.RecordingEntry.Open;
import dev.wspolicy.recording.RecordingReader;
import dev.wspolicy.redaction.Excerpt;
import dev.wspolicy.session.Termination;
import dev.wspolicy.testkit.ClientHandshake;
import dev.wspolicy.testkit.RawPeer;
import dev.wspolicy.testkit.RawSession;
import dev.wspolicy.testkit.RawUpstream;
import dev.wspolicy.testkit.WireFrame;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Recordings of {@code frame-log} on a gateway with sockets.
 */
class FrameRecordingTests {

	@TempDir
	private Path directory;

	@Test
	void recordsBothDirectionsWithoutSecrets() throws IOException {
		try (RawUpstream upstream = RawUpstream.start();
				TestGateway gateway = gateway(upstream).set(entry("inbound", "payload"), "true")
					.set(entry("inbound", "pointers"), "/password")
					.set(entry("outbound", "payload"), "true")
					.set(entry("outbound", "max-length"), "4B")
					.start()) {
			try (RawSession session = RawSession.open(gateway.client()
				.path("/chat/1;key=secret1?token=secret2")
				.header("Authorization", "Bearer secret3")
				.header("Cookie", "id=secret4"), upstream)) {
				session.client().send(WireFrame.text("{\"password\":\"secret5\",\"a\":1}").masked().fragments(10));
				session.upstream().receiveFrames(3);
				session.client().send(WireFrame.text("secret6").masked());
				session.upstream().receiveFrame();
				session.upstream().send(WireFrame.text("welcome"), WireFrame.binary((byte) -1));
				session.client().receiveFrames(2);
				session.client().send(WireFrame.close(1000).masked());
				session.upstream().receiveFrame();
				session.upstream().send(WireFrame.close(1000));
				session.client().receiveFrame();
				session.endInOrder();
			}
			await().untilAsserted(() -> assertThat(entries()).last().isInstanceOf(Close.class));
		}
		List<RecordingEntry> entries = entries();
		assertThat(entries.remove(entries.size() - 1)).isEqualTo(new End("shutdown"));
		assertThat(Files.readString(file())).doesNotContain("secret");
		Open open = (Open) entries.get(1);
		assertThat(open.path()).isEqualTo("/chat/1");
		assertThat(open.route()).isEqualTo("chat");
		assertThat(open.principal()).isNull();
		assertThat(entries).filteredOn(Open.class::isInstance).hasSize(1);
		assertThat(entries).filteredOn(Message.class::isInstance)
			.map(Message.class::cast)
			.allMatch((message) -> message.session().equals(open.session()))
			.extracting((message) -> message.direction() + " " + message.type() + " " + message.length() + " "
					+ shown(message.payload()))
			.containsExactly("INBOUND TEXT 28 {\"password\":\"***\",\"a\":1} PART", "INBOUND TEXT 7 *** ALL",
					"OUTBOUND TEXT 7 welc NONE truncated", "OUTBOUND BINARY 1 /w== NONE");
		Close close = (Close) entries.get(entries.size() - 1);
		assertThat(close.cause()).isEqualTo(Termination.Cause.CLOSE_FRAME);
	}

	private static String shown(@Nullable Excerpt payload) {
		return (payload != null) ? payload.text() + " " + payload.redacted() + (payload.truncated() ? " truncated" : "")
				: "nothing";
	}

	@Test
	void hasNoPayloadsByDefault() {
		try (RawUpstream upstream = RawUpstream.start();
				TestGateway gateway = gateway(upstream).set(entry("inbound", "types"), "text,close").start();
				RawSession session = RawSession.open(gateway.client().path("/chat"), upstream)) {
			session.client().send(WireFrame.text("hello").masked(), WireFrame.close(4000, "secret").masked());
			session.upstream().receiveFrames(2);
			await().untilAsserted(() -> assertThat(entries()).filteredOn(Message.class::isInstance).hasSize(2));
			assertThat(entries()).filteredOn(Message.class::isInstance)
				.map(Message.class::cast)
				.extracting(Message::type, (message) -> shown(message.payload()))
				.containsExactly(Assertions.tuple(FrameType.TEXT, "nothing"),
						Assertions.tuple(FrameType.CLOSE, "4000 NONE"));
		}
	}

	@Test
	void trafficGoesOnWhenTheFileIsFull() throws IOException {
		try (RawUpstream upstream = RawUpstream.start();
				TestGateway gateway = gateway(upstream).set(entry("inbound", "payload"), "true").start();
				RawSession session = RawSession.open(gateway.client().path("/chat"), upstream)) {
			for (int i = 0; i < 100; i++) {
				session.client().send(WireFrame.text("message " + i).masked());
				assertThat(session.upstream().receiveFrame().payloadAsText()).isEqualTo("message " + i);
			}
			await().untilAsserted(() -> assertThat(entries()).last().isEqualTo(new End("size")));
			assertThat(Files.size(file())).isBetween(3000L, 4096L);
		}
	}

	@Test
	void endsWhenItsTimeIsOver() {
		try (RawUpstream upstream = RawUpstream.start();
				TestGateway gateway = gateway(upstream).set(entry("inbound", "record.max-duration"), "50ms")
					.set(entry("outbound", "record.max-duration"), "50ms")
					.start();
				RawSession session = RawSession.open(gateway.client().path("/chat"), upstream)) {
			await().untilAsserted(() -> assertThat(entries()).last().isEqualTo(new End("duration")));
			session.roundTrip();
			assertThat(entries()).noneMatch(Message.class::isInstance);
		}
	}

	@Test
	void endsWithTheApplication() {
		int messages = 5;
		try (RawUpstream upstream = RawUpstream.start()) {
			TestGateway gateway = gateway(upstream).set(entry("inbound", "payload"), "true").start();
			try (RawSession session = RawSession.open(gateway.client().path("/chat"), upstream)) {
				for (int i = 0; i < messages; i++) {
					session.client().send(WireFrame.text("message " + i).masked());
					session.upstream().receiveFrame();
				}
				gateway.close();
			}
		}
		assertThat(entries()).last().isEqualTo(new End("shutdown"));
		assertThat(entries()).filteredOn(Message.class::isInstance).hasSize(messages);
		assertThat(entries()).filteredOn(Close.class::isInstance).hasSize(1);
	}

	@Test
	void restartedApplicationRecordsAgain() {
		try (RawUpstream upstream = RawUpstream.start()) {
			for (int i = 0; i < 2; i++) {
				try (TestGateway gateway = gateway(upstream).start();
						RawSession session = RawSession.open(gateway.client().path("/chat"), upstream)) {
					session.client().send(WireFrame.text("hello").masked());
					session.upstream().receiveFrame();
				}
			}
		}
		assertThat(entries()).filteredOn(new End("shutdown")::equals).hasSize(2);
		assertThat(entries()).filteredOn(Message.class::isInstance).hasSize(2);
	}

	@Test
	void subprotocolThatMayBeATokenIsWithheld() throws IOException {
		try (RawUpstream upstream = RawUpstream.start();
				// The endpoint is not exposed
				TestGateway gateway = gateway(upstream).set("management.endpoint.websockets.subprotocols", "chat.v*")
					.start()) {
			for (String subprotocol : List.of("bearer.secret", "chat.v2", "v12.stomp")) {
				ClientHandshake handshake = gateway.client().path("/chat").subprotocol(subprotocol).start();
				RawPeer server = upstream.accept().subprotocol(subprotocol).acceptWebSocket();
				try (RawSession session = new RawSession(handshake.connected(), server)) {
					session.roundTrip();
				}
				gateway.awaitNoSessions();
			}
		}
		assertThat(entries()).filteredOn(Open.class::isInstance)
			.map(Open.class::cast)
			.extracting(Open::subprotocol)
			.containsExactly("******", "chat.v2", "v12.stomp");
		assertThat(Files.readString(file())).doesNotContain("secret");
	}

	private TestGateway.Builder gateway(RawUpstream upstream) {
		TestGateway.Builder gateway = TestGateway.with().route("chat", upstream.uri());
		for (String direction : List.of("inbound", "outbound")) {
			gateway.set(entry(direction, "record.file"), file()).set(entry(direction, "record.max-size"), "4KB");
		}
		return gateway;
	}

	private static String entry(String direction, String setting) {
		return "ws-policy.pipelines.default." + direction + "[0].frame-log." + setting;
	}

	private Path file() {
		return this.directory.resolve("chat.jsonl");
	}

	private List<RecordingEntry> entries() {
		assertThat(file()).exists();
		try (RecordingReader reader = RecordingReader.open(file())) {
			List<RecordingEntry> entries = new ArrayList<>();
			for (RecordingEntry entry = reader.next(); entry != null; entry = reader.next()) {
				entries.add(entry);
			}
			return entries;
		}
	}

}
