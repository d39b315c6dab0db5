package dev.wspolicy.recording;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.TimeUnit;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mockito.BDDMockito;
import org.springframework.http.HttpHeaders;
import reactor.core.Disposable;
import reactor.core.Disposables;
import reactor.core.scheduler.Scheduler;

import dev.wspolicy.frame.Direction;
import dev.wspolicy.frame.FrameType;
import dev.wspolicy.policy.Contexts;
import dev.wspolicy.recording.RecordingEntry.Begin;
import dev.wspolicy.recording.RecordingEntry.Dropped;
import dev.wspolicy.recording.RecordingEntry.End;
import dev.wspolicy.recording.RecordingEntry.Message;
import dev.wspolicy.recording.RecordingEntry.Open;
import dev.wspolicy.redaction.Excerpt;
import dev.wspolicy.redaction.Excerpt.Encoding;
import dev.wspolicy.session.ProxiedSession;
import dev.wspolicy.session.TappedFrame.Origin;
import dev.wspolicy.session.Termination;
import dev.wspolicy.session.UpgradeContext;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Recordings in files: limits, the bounded queue, and what is there already.
 */
class RecordingFileTests {

	private static final RecordingLimits PLENTY = new RecordingLimits(1 << 24, Duration.ofMinutes(1));

	private final HeldScheduler writer = new HeldScheduler();

	private final List<RecordingFile> recordings = new ArrayList<>();

	@TempDir
	private Path directory;

	@Test
	void recordsSessionsFromTheirOpeningToTheirEnd() {
		RecordingFile recording = recording(PLENTY);
		ProxiedSession session = session();
		recording.opened(session, false);
		recording.opened(session, false);
		recording.add(message("hello"));
		recording.closed(session,
				new Termination(Termination.Initiator.CLIENT, Termination.Cause.CLOSE_FRAME, null, null, null, null));
		recording.closed(session,
				new Termination(Termination.Initiator.CLIENT, Termination.Cause.CLOSE_FRAME, null, null, null, null));
		this.writer.run();
		assertThat(entries()).extracting((entry) -> entry.getClass().getSimpleName())
			.containsExactly("Begin", "Open", "Message", "Close");
	}

	@Test
	void whatDoesNotFitIntoTheQueueIsCounted() {
		RecordingFile recording = recording(PLENTY);
		for (int i = 0; i < RecordingFile.MAX_WAITING + 3; i++) {
			recording.add(message(""));
		}
		this.writer.run();
		recording.add(message("later"));
		this.writer.run();
		List<RecordingEntry> entries = entries();
		assertThat(entries).hasSize(1 + RecordingFile.MAX_WAITING + 2).contains(new Dropped(3));
		assertThat(entries.get(entries.size() - 1)).isEqualTo(message("later"));
	}

	@Test
	void longPayloadsAreBoundedTogether() {
		RecordingFile recording = recording(new RecordingLimits(1 << 30, Duration.ofMinutes(1)));
		String half = "x".repeat(RecordingFile.MAX_WAITING_CHARS / 2);
		for (int i = 0; i < 3; i++) {
			recording.add(message(half));
		}
		this.writer.run();
		assertThat(entries()).hasSize(4).filteredOn(Dropped.class::isInstance).containsExactly(new Dropped(1));
	}

	@Test
	void openingThatDidNotFitIsRecordedLater() {
		RecordingFile recording = recording(PLENTY);
		for (int i = 0; i < RecordingFile.MAX_WAITING; i++) {
			recording.add(message(""));
		}
		recording.opened(session(), false);
		this.writer.run();
		recording.opened(session(), false);
		this.writer.run();
		assertThat(entries()).filteredOn(Open.class::isInstance).hasSize(1);
	}

	@Test
	void endsAtItsSize() throws IOException {
		RecordingFile recording = recording(new RecordingLimits(2000, Duration.ofMinutes(1)));
		for (int i = 0; i < 100; i++) {
			recording.add(message("hello"));
		}
		this.writer.run();
		assertThat(recording.isRecording()).isFalse();
		recording.add(message("too late"));
		this.writer.run();
		List<RecordingEntry> entries = entries();
		assertThat(Files.size(file())).isBetween(1500L, 2000L);
		assertThat(entries.get(entries.size() - 1)).isEqualTo(new End("size"));
		assertThat(entries).doesNotContain(message("too late"));
	}

	@Test
	void endsWhenItsTimeIsOver() {
		RecordingFile recording = recording(PLENTY);
		assertThat(this.writer.timers).isEmpty();
		recording.add(message("hello"));
		assertThat(this.writer.delays).containsExactly(Duration.ofMinutes(1));
		this.writer.timers.forEach(Runnable::run);
		assertThat(recording.isRecording()).isFalse();
		this.writer.run();
		assertThat(entries()).last().isEqualTo(new End("duration"));
		assertThat(entries()).contains(message("hello"));
	}

	@Test
	void isAddedToAFileWithinTheLimitOfBoth() throws IOException {
		recording(PLENTY).add(message("first"));
		this.writer.run();
		end();
		long size = Files.size(file());
		// As if the gateway had been killed while it wrote
		Files.writeString(file(), Files.readString(file()) + "{\"record\":\"fra");
		RecordingFile second = recording(new RecordingLimits(size + 1000, Duration.ofMinutes(1)));
		for (int i = 0; i < 100; i++) {
			second.add(message("second"));
		}
		this.writer.run();
		assertThat(Files.size(file())).isLessThanOrEqualTo(size + 1000);
		assertThat(entries()).filteredOn(Begin.class::isInstance).hasSize(2);
		assertThat(entries()).contains(message("first"), message("second"));
	}

	@Test
	void doesNotTouchAnotherFile() throws IOException {
		Files.writeString(file(), "precious");
		RecordingFile recording = recording(PLENTY);
		recording.add(message("hello"));
		this.writer.run();
		assertThat(recording.isRecording()).isFalse();
		assertThat(file()).hasContent("precious");
	}

	@Test
	void isForTheOwnerOnly() throws IOException {
		recording(PLENTY).add(message("hello"));
		this.writer.run();
		if (file().getFileSystem().supportedFileAttributeViews().contains("posix")) {
			assertThat(Files.getPosixFilePermissions(file())).containsExactlyInAnyOrder(PosixFilePermission.OWNER_READ,
					PosixFilePermission.OWNER_WRITE);
		}
		assertThat(entries()).hasSize(2);
	}

	@Test
	void endsIfItCannotBeWritten() {
		RecordingFile recording = new RecordingFile(this.directory.resolve("missing/chat.jsonl"), PLENTY, "test", 1,
				(subprotocol) -> true, this.writer);
		recording.add(message("hello"));
		this.writer.run();
		assertThat(recording.isRecording()).isFalse();
	}

	@Test
	void doesNotBeginInAFileThatIsFull() throws IOException {
		recording(PLENTY).add(message("first"));
		end();
		String content = Files.readString(file());
		RecordingFile recording = recording(new RecordingLimits(content.length() + 200, Duration.ofMinutes(1)));
		recording.add(message("second"));
		this.writer.run();
		assertThat(recording.isRecording()).isFalse();
		assertThat(file()).hasContent(content);
	}

	@Test
	void missingLinesAreReportedWhereTheyAreMissing() {
		RecordingFile recording = recording(new RecordingLimits(1 << 30, Duration.ofMinutes(1)));
		String half = "x".repeat(RecordingFile.MAX_WAITING_CHARS / 2);
		recording.add(message(half));
		recording.add(message(half));
		recording.add(message("does not fit"));
		recording.add(message(""));
		this.writer.run();
		assertThat(entries().subList(1, 5)).containsExactly(message(half), message(half), new Dropped(1), message(""));
	}

	@Test
	void messagesOfASessionThatHasEndedAreNotRecorded() {
		RecordingFile recording = recording(PLENTY);
		ProxiedSession session = session();
		recording.add(session, false, message("hello"));
		recording.closed(session,
				new Termination(Termination.Initiator.CLIENT, Termination.Cause.CLOSE_FRAME, null, null, null, null));
		BDDMockito.given(session.isOpen()).willReturn(false);
		// As of a policy that redacts a long message on another thread
		recording.add(session, false, message("too late"));
		this.writer.run();
		assertThat(entries()).extracting((entry) -> entry.getClass().getSimpleName())
			.containsExactly("Begin", "Open", "Message", "Close");
	}

	@Test
	void timerIsCancelledAtTheEnd() {
		RecordingFile recording = recording(new RecordingLimits(1024, Duration.ofDays(30)));
		for (int i = 0; i < 10; i++) {
			recording.add(message("hello"));
		}
		assertThat(this.writer.cancelled()).containsExactly(false);
		this.writer.run();
		assertThat(recording.isRecording()).isFalse();
		assertThat(this.writer.cancelled()).containsExactly(true);
	}

	@Test
	void durationCanBeOfAnyLength() {
		recording(new RecordingLimits(1 << 24, Duration.ofSeconds(Long.MAX_VALUE))).add(message("hello"));
		this.writer.run();
		assertThat(entries()).contains(message("hello"));
		assertThat(this.writer.delays).containsExactly(Duration.ofNanos(Long.MAX_VALUE));
	}

	@Test
	void recordingWithoutEntriesHasNoFile() {
		recording(PLENTY).end("shutdown");
		this.writer.run();
		assertThat(file()).doesNotExist();
	}

	private RecordingFile recording(RecordingLimits limits) {
		RecordingFile recording = new RecordingFile(file(), limits, "test", 1, (subprotocol) -> true, this.writer);
		this.recordings.add(recording);
		return recording;
	}

	/** Ends what has been begun, as the end of an application does. */
	@AfterEach
	void end() {
		this.recordings.forEach((recording) -> recording.end("shutdown"));
		this.recordings.clear();
		this.writer.run();
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

	private static ProxiedSession session() {
		UpgradeContext upgrade = Contexts.upgrade(new HttpHeaders(), List.of(), null);
		BDDMockito.given(upgrade.path()).willReturn("/chat");
		ProxiedSession session = Contexts.session(upgrade);
		BDDMockito.given(session.id()).willReturn("s1");
		BDDMockito.given(session.isOpen()).willReturn(true);
		BDDMockito.given(session.openedAt()).willReturn(Instant.EPOCH);
		BDDMockito.given(session.pipeline()).willReturn("chat");
		return session;
	}

	/**
	 * Runs tasks when the test says so.
	 */
	private static final class HeldScheduler implements Scheduler {

		private final Queue<Runnable> tasks = new ArrayDeque<>();

		private final List<Runnable> timers = new ArrayList<>();

		private final List<Duration> delays = new ArrayList<>();

		private final List<Disposable> handles = new ArrayList<>();

		void run() {
			for (Runnable task = this.tasks.poll(); task != null; task = this.tasks.poll()) {
				task.run();
			}
		}

		List<Boolean> cancelled() {
			return this.handles.stream().map(Disposable::isDisposed).toList();
		}

		@Override
		public Disposable schedule(Runnable task) {
			this.tasks.add(task);
			return Disposables.disposed();
		}

		@Override
		public Disposable schedule(Runnable task, long delay, TimeUnit unit) {
			this.timers.add(task);
			this.delays.add(Duration.of(delay, unit.toChronoUnit()));
			Disposable handle = Disposables.single();
			this.handles.add(handle);
			return handle;
		}

		@Override
		public Worker createWorker() {
			throw new UnsupportedOperationException();
		}

		@Override
		public @Nullable String toString() {
			return "held";
		}

	}

}
