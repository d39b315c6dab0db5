package dev.wspolicy.recording;

import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import dev.wspolicy.frame.Direction;
import dev.wspolicy.frame.FrameType;
import dev.wspolicy.recording.RecordingEntry.End;
import dev.wspolicy.recording.RecordingEntry.Message;
import dev.wspolicy.redaction.Excerpt;
import dev.wspolicy.redaction.Excerpt.Encoding;
import dev.wspolicy.session.TappedFrame.Origin;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The recordings of an application, from its start to its end.
 */
class RecordingsTests {

	private static final RecordingLimits PLENTY = new RecordingLimits(1 << 24, Duration.ofMinutes(1));

	@TempDir
	private Path directory;

	@AutoClose
	private final Recordings recordings = new Recordings((subprotocol) -> true);

	@Test
	void thoseWhoNameTheSameFileShareARecording() {
		RecordingFile recording = in(this.recordings, PLENTY);
		assertThat(this.recordings.in(this.directory.resolve("./chat.jsonl"), PLENTY, "test", 1)).isSameAs(recording);
		RecordingFile other = in(this.recordings, new RecordingLimits(4096, Duration.ofMinutes(1)));
		assertThat(other).isNotSameAs(recording);
		assertThat(recording.isRecording()).isFalse();
		assertThat(other.isRecording()).isTrue();
	}

	@Test
	void closingWritesWhatWaits() {
		RecordingFile recording = in(this.recordings, PLENTY);
		for (int i = 0; i < 1000; i++) {
			recording.add(message("hello " + i));
		}
		this.recordings.close();
		assertThat(recording.isRecording()).isFalse();
		List<RecordingEntry> entries = entries();
		assertThat(entries).hasSize(1 + 1000 + 1).last().isEqualTo(new End("shutdown"));
		assertThat(entries).contains(message("hello 999"));
	}

	@Test
	void closingWithoutRecordedSessionsLeavesNoFile() {
		in(this.recordings, PLENTY);
		this.recordings.close();
		assertThat(file()).doesNotExist();
	}

	@Test
	void recordingThatHasEndedDoesNotBeginAgain() {
		RecordingFile recording = in(this.recordings, PLENTY);
		recording.end("duration");
		assertThat(recording.awaitEnd(Duration.ofSeconds(10))).isTrue();
		assertThat(in(this.recordings, PLENTY)).isSameAs(recording);
	}

	@Test
	void nothingIsRecordedOnceClosed() {
		this.recordings.close();
		assertThat(in(this.recordings, PLENTY).isRecording()).isFalse();
	}

	@Test
	void nextApplicationInTheSameProcessRecordsAgain() {
		in(this.recordings, PLENTY).add(message("first"));
		this.recordings.close();
		try (Recordings next = new Recordings((subprotocol) -> true)) {
			in(next, PLENTY).add(message("second"));
		}
		assertThat(entries()).contains(message("first"), message("second"))
			.filteredOn(new End("shutdown")::equals)
			.hasSize(2);
	}

	@Test
	void twoApplicationsDoNotWriteTheSameFile() {
		try (Recordings other = new Recordings((subprotocol) -> true)) {
			RecordingFile second = in(other, PLENTY);
			RecordingFile first = in(this.recordings, PLENTY);
			first.add(message("first"));
			second.add(message("second"));
			assertThat(second.awaitEnd(Duration.ofSeconds(10))).isTrue();
			first.add(message("first again"));
		}
		this.recordings.close();
		assertThat(entries()).filteredOn(Message.class::isInstance)
			.containsExactly(message("first"), message("first again"));
	}

	private RecordingFile in(Recordings recordings, RecordingLimits limits) {
		return recordings.in(file(), limits, "test", 1);
	}

	private Path file() {
		return this.directory.resolve("chat.jsonl");
	}

	private List<RecordingEntry> entries() {
		try (RecordingReader reader = RecordingReader.open(file())) {
			List<RecordingEntry> entries = new ArrayList<>();
			for (RecordingEntry entry = reader.next(); entry != null; entry = reader.next()) {
				entries.add(entry);
			}
			return entries;
		}
	}

	private static Message message(String text) {
		return new Message("s1", Direction.INBOUND, Origin.PEER, FrameType.TEXT, true, Instant.EPOCH, text.length(),
				new Excerpt(text, Encoding.TEXT, false));
	}

}
