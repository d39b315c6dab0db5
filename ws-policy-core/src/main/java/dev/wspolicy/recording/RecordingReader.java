package dev.wspolicy.recording;

import java.io.IOException;
import java.io.InputStreamReader;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

import org.jspecify.annotations.Nullable;

/**
 * Reads a recording line by line, without keeping it in memory. Not thread-safe.
 */
public final class RecordingReader implements AutoCloseable {

	/** Longer than any line that is written: a payload of which all is escaped. */
	private static final int MAX_LINE = 64 * 1024 * 1024;

	private final Reader reader;

	private final String name;

	/** What has been read, from the position to the end. */
	private final char[] buffer = new char[64 * 1024];

	private int position;

	private int end;

	private long line;

	private boolean begun;

	/** Whether the last line that was read ends with a line break. */
	private boolean terminated;

	private boolean cut;

	/**
	 * Creates a reader.
	 * @param reader the recording
	 * @param name the name of the recording, for messages
	 */
	public RecordingReader(Reader reader, String name) {
		this.reader = reader;
		this.name = name;
	}

	/**
	 * Opens a file.
	 * @param file the file
	 * @return the reader
	 * @throws UncheckedIOException if the file cannot be opened
	 */
	public static RecordingReader open(Path file) {
		try {
			// Malformed UTF-8 is replaced, so that its line is found out by its number.
			return new RecordingReader(new InputStreamReader(Files.newInputStream(file), StandardCharsets.UTF_8),
					file.toString());
		}
		catch (IOException ex) {
			throw new UncheckedIOException("The recording " + file + " cannot be opened: " + ex, ex);
		}
	}

	/**
	 * Reads the next entry. Skips empty lines and lines of kinds that this version does
	 * not know, and the beginning of a line at the end of the file: whatever wrote or
	 * copied the file was interrupted.
	 * @return the entry, or {@code null} at the end
	 * @throws InvalidRecordingException if a line cannot be read
	 * @throws UncheckedIOException if the file cannot be read
	 */
	public @Nullable RecordingEntry next() {
		try {
			for (String text = readLine(); text != null; text = readLine()) {
				String json = (this.line == 1) ? withoutByteOrderMark(text) : text;
				RecordingEntry entry = json.isBlank() ? null : parse(json);
				if (entry != null) {
					return entry;
				}
			}
			return null;
		}
		catch (IOException ex) {
			throw new UncheckedIOException("Line " + (this.line + 1) + " of " + this.name + " cannot be read", ex);
		}
	}

	/** Some editors write one at the beginning of a file. */
	private static String withoutByteOrderMark(String text) {
		return text.startsWith("\uFEFF") ? text.substring(1) : text;
	}

	/** Returns {@code null} at the end of the file. */
	private @Nullable String readLine() throws IOException {
		StringBuilder begun = null;
		while (this.position < this.end || fill()) {
			int start = this.position;
			int lineBreak = lineBreak();
			this.terminated = lineBreak >= 0;
			int length = (this.terminated ? lineBreak : this.end) - start;
			this.position = this.terminated ? lineBreak + 1 : this.end;
			if (this.terminated && begun == null) {
				this.line++;
				return new String(this.buffer, start, length);
			}
			begun = (begun != null) ? begun : new StringBuilder();
			if (begun.length() + length > MAX_LINE) {
				this.line++;
				throw invalid("longer than " + MAX_LINE + " characters", null);
			}
			begun.append(this.buffer, start, length);
			if (this.terminated) {
				break;
			}
		}
		if (begun == null) {
			return null;
		}
		this.line++;
		return begun.toString();
	}

	private boolean fill() throws IOException {
		this.position = 0;
		this.end = Math.max(0, this.reader.read(this.buffer, 0, this.buffer.length));
		return this.end > 0;
	}

	private int lineBreak() {
		for (int i = this.position; i < this.end; i++) {
			if (this.buffer[i] == '\n') {
				return i;
			}
		}
		return -1;
	}

	private @Nullable RecordingEntry parse(String text) {
		RecordingEntry entry;
		try {
			entry = RecordingFormat.parse(text);
		}
		catch (IllegalArgumentException ex) {
			if (this.begun && !this.terminated && !RecordingFormat.isObject(text)) {
				this.cut = true;
				return null;
			}
			throw invalid(String.valueOf(ex.getMessage()), ex);
		}
		if (!this.begun && !(entry instanceof RecordingEntry.Begin)) {
			throw invalid("not the beginning of a recording", null);
		}
		this.begun = true;
		return entry;
	}

	/**
	 * Returns an exception for the last line that was read.
	 * @param why what is wrong with it; has nothing of a payload
	 * @param cause the cause, or {@code null} if there is none
	 * @return the exception
	 */
	public InvalidRecordingException invalid(String why, @Nullable Throwable cause) {
		return new InvalidRecordingException(this.line, "Line " + this.line + " of " + this.name + ": " + why, cause);
	}

	/**
	 * Returns the number of the last line that was read.
	 * @return the number, 1 for the first line
	 */
	public long line() {
		return this.line;
	}

	/**
	 * Returns whether the file ends within a line.
	 * @return {@code true} if the beginning of a line has been skipped
	 */
	public boolean isCut() {
		return this.cut;
	}

	/**
	 * Closes the file.
	 */
	@Override
	public void close() {
		try {
			this.reader.close();
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

}
