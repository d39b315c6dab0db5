package dev.wspolicy.recording;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.Set;

/**
 * A file of lines with a maximum size. Only complete lines are written, so that another
 * process can read the file at any time. Confined to one thread.
 */
final class LimitedFile implements Closeable {

	/** The space that is kept for the line that says why the file ends. */
	private static final int RESERVED = 128;

	/** What each recording starts with. */
	private static final byte[] FIRST = "{\"record\":\"recording\"".getBytes(StandardCharsets.UTF_8);

	private static final Set<OpenOption> OPTIONS = Set.of(StandardOpenOption.CREATE, StandardOpenOption.READ,
			StandardOpenOption.WRITE);

	private final FileChannel channel;

	private final long maxBytes;

	private final ByteBuffer buffer = ByteBuffer.allocate(64 * 1024);

	private long size;

	LimitedFile(FileChannel channel, long maxBytes, long size) {
		this.channel = channel;
		this.maxBytes = maxBytes;
		this.size = size;
	}

	/**
	 * Opens a file to add lines to it. If it does not exist, it is created so that only
	 * the owner can read it.
	 */
	static LimitedFile open(Path file, long maxBytes) throws IOException {
		boolean posix = file.getFileSystem().supportedFileAttributeViews().contains("posix");
		FileAttribute<?>[] attributes = posix
				? new FileAttribute<?>[] {
						PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")) }
				: new FileAttribute<?>[0];
		FileChannel channel = FileChannel.open(file, OPTIONS, attributes);
		try {
			lock(channel, file);
			checkIsRecording(channel, file);
			long size = endOfLastLine(channel);
			channel.truncate(size);
			channel.position(size);
			return new LimitedFile(channel, maxBytes, size);
		}
		catch (IOException | RuntimeException ex) {
			channel.close();
			throw ex;
		}
	}

	/**
	 * Two writers would write over each other's lines. On a file system without locks,
	 * the file is written without one.
	 */
	private static void lock(FileChannel channel, Path file) throws IOException {
		boolean free;
		try {
			// Far beyond the end, so that nobody is kept from reading the file.
			free = channel.tryLock(Long.MAX_VALUE - 1, 1, false) != null;
		}
		catch (OverlappingFileLockException ex) {
			free = false;
		}
		catch (IOException ex) {
			return;
		}
		if (!free) {
			throw new IOException(file + " is being written by another recording");
		}
	}

	/** A file that is something else by mistake must not be written to. */
	private static void checkIsRecording(FileChannel channel, Path file) throws IOException {
		ByteBuffer start = ByteBuffer.allocate(FIRST.length);
		int read = channel.read(start, 0);
		if (read > 0 && !Arrays.equals(Arrays.copyOf(start.array(), read), Arrays.copyOf(FIRST, read))) {
			throw new IOException(file + " exists and is not a recording");
		}
	}

	/** What was written last may have been interrupted in the middle of a line. */
	private static long endOfLastLine(FileChannel channel) throws IOException {
		ByteBuffer block = ByteBuffer.allocate(8 * 1024);
		for (long end = channel.size(); end > 0; end -= block.capacity()) {
			long start = Math.max(0, end - block.capacity());
			block.clear().limit((int) (end - start));
			while (block.hasRemaining() && channel.read(block, start + block.position()) >= 0) {
				// Read on
			}
			for (int i = block.position() - 1; i >= 0; i--) {
				if (block.get(i) == '\n') {
					return start + i + 1;
				}
			}
		}
		return 0;
	}

	/**
	 * Adds a line.
	 * @return {@code false} if it does not fit
	 */
	boolean add(String line) throws IOException {
		return add(line, this.maxBytes - RESERVED);
	}

	/** Adds the last line, if there is space for it. */
	void addLast(String line) throws IOException {
		add(line, this.maxBytes);
	}

	private boolean add(String line, long limit) throws IOException {
		byte[] bytes = (line + '\n').getBytes(StandardCharsets.UTF_8);
		if (this.size + bytes.length > limit) {
			return false;
		}
		this.size += bytes.length;
		if (bytes.length > this.buffer.remaining()) {
			flush();
		}
		if (bytes.length > this.buffer.capacity()) {
			writeFully(ByteBuffer.wrap(bytes));
		}
		else {
			this.buffer.put(bytes);
		}
		return true;
	}

	/** Returns the size of the file, including what waits to be written. */
	long size() {
		return this.size;
	}

	void flush() throws IOException {
		this.buffer.flip();
		try {
			writeFully(this.buffer);
		}
		finally {
			// After a failure, nothing is written twice.
			this.buffer.clear();
		}
	}

	private void writeFully(ByteBuffer bytes) throws IOException {
		try {
			while (bytes.hasRemaining()) {
				this.channel.write(bytes);
			}
		}
		catch (IOException ex) {
			removePartOfLine(ex);
			throw ex;
		}
	}

	/** A full disk, for example, may have taken a part of a line. */
	private void removePartOfLine(IOException failure) {
		try {
			this.channel.truncate(endOfLastLine(this.channel));
		}
		catch (IOException ex) {
			failure.addSuppressed(ex);
		}
	}

	@Override
	public void close() throws IOException {
		try (this.channel) {
			flush();
		}
	}

}
