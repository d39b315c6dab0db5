package dev.wspolicy.test;

import java.io.BufferedWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;

import org.jspecify.annotations.Nullable;

import dev.wspolicy.frame.Direction;
import dev.wspolicy.frame.FrameType;
import dev.wspolicy.recording.RecordingEntry;
import dev.wspolicy.recording.RecordingFormat;
import dev.wspolicy.redaction.Excerpt;
import dev.wspolicy.redaction.Excerpt.Encoding;
import dev.wspolicy.session.TappedFrame.Origin;
import dev.wspolicy.session.Termination.Cause;
import dev.wspolicy.session.Termination.Initiator;

/**
 * Writes a recording, with the session {@code s} unless another one is named.
 */
final class RecordingScript implements AutoCloseable {

	private static final Instant BEGIN = Instant.parse("2026-03-01T09:00:00Z");

	private final Path file;

	private final BufferedWriter writer;

	private Instant time = BEGIN;

	private String session = "s";

	RecordingScript(Path file) {
		this.file = file;
		try {
			this.writer = Files.newBufferedWriter(file);
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
		begin();
	}

	/** Another recording begins, at the time of the first one. */
	RecordingScript begin() {
		this.time = BEGIN;
		return entry(new RecordingEntry.Begin(RecordingFormat.VERSION, "test", BEGIN, 1));
	}

	RecordingScript entry(RecordingEntry entry) {
		return line(RecordingFormat.line(entry));
	}

	RecordingScript line(String line) {
		try {
			this.writer.write(line + "\n");
			return this;
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	/** Writes the beginning of a line. */
	RecordingScript cut(String line) {
		try {
			this.writer.write(line);
			return this;
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	RecordingScript after(Duration duration) {
		this.time = this.time.plus(duration);
		return this;
	}

	RecordingScript in(String session) {
		this.session = session;
		return this;
	}

	RecordingScript open() {
		return open("/chat", "chat", "chat", null);
	}

	RecordingScript open(String path, String route, String pipeline, @Nullable String principal) {
		return entry(new RecordingEntry.Open(this.session, this.time, path, route, pipeline, null, principal));
	}

	RecordingScript client(String text) {
		return text(Direction.INBOUND, FrameType.TEXT, true, text);
	}

	RecordingScript upstream(String text) {
		return text(Direction.OUTBOUND, FrameType.TEXT, true, text);
	}

	RecordingScript text(Direction direction, FrameType type, boolean fin, String text) {
		return frame(direction, Origin.PEER, type, fin, text.getBytes(StandardCharsets.UTF_8).length,
				new Excerpt(text, Encoding.TEXT, false));
	}

	RecordingScript frame(Direction direction, Origin origin, FrameType type, boolean fin, long length,
			@Nullable Excerpt payload) {
		return entry(
				new RecordingEntry.Message(this.session, direction, origin, type, fin, this.time, length, payload));
	}

	RecordingScript close(Initiator initiator, Cause cause) {
		return entry(new RecordingEntry.Close(this.session, this.time, initiator, cause, null, null, null, null, null));
	}

	Path write() {
		close();
		return this.file;
	}

	@Override
	public void close() {
		try {
			this.writer.close();
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

}
