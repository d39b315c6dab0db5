package dev.wspolicy.recording;

import java.io.BufferedReader;
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

	private final BufferedReader reader;

	private final String name;

	private long line;

	private boolean begun;

	/**
	 * Creates a reader.
	 * @param reader the recording
	 * @param name the name of the recording, for messages
	 */
	public RecordingReader(Reader reader, String name) {
		this.reader = new BufferedReader(reader, 64 * 1024);
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
			throw new UncheckedIOException("The recording " + file + " cannot be opened", ex);
		}
	}

	/**
	 * Reads the next entry. Skips empty lines and lines of kinds that this version does
	 * not know.
	 * @return the entry, or {@code null} at the end
	 * @throws InvalidRecordingException if a line cannot be read
	 * @throws UncheckedIOException if the file cannot be read
	 */
	public @Nullable RecordingEntry next() {
		try {
			for (String text = readLine(); text != null; text = readLine()) {
				RecordingEntry entry = text.isBlank() ? null : parse(text);
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

	private @Nullable String readLine() throws IOException {
		String text = this.reader.readLine();
		if (text != null) {
			this.line++;
		}
		return text;
	}

	private @Nullable RecordingEntry parse(String text) {
		RecordingEntry entry;
		try {
			entry = RecordingFormat.parse(text);
		}
		catch (IllegalArgumentException ex) {
			throw invalid(String.valueOf(ex.getMessage()), ex);
		}
		if (!this.begun && !(entry instanceof RecordingEntry.Begin)) {
			throw invalid("not the beginning of a recording", null);
		}
		this.begun = true;
		return entry;
	}

	private InvalidRecordingException invalid(String why, @Nullable Throwable cause) {
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
