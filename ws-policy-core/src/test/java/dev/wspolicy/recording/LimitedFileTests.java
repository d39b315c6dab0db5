package dev.wspolicy.recording;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * A file whose disk is full.
 */
class LimitedFileTests {

	private Path path;

	private FullDisk disk;

	private LimitedFile file;

	@BeforeEach
	void open(@TempDir Path directory) throws IOException {
		this.path = directory.resolve("chat.jsonl");
		this.disk = new FullDisk(FileChannel.open(this.path, StandardOpenOption.CREATE, StandardOpenOption.READ,
				StandardOpenOption.WRITE), 10);
		this.file = new LimitedFile(this.disk, 1000, 0);
	}

	@Test
	void keepsCompleteLinesOnly() throws IOException {
		this.file.add("one");
		this.file.add("two");
		this.file.add("three");
		assertThatExceptionOfType(IOException.class).isThrownBy(this.file::flush);
		assertThat(Files.readString(this.path)).isEqualTo("one\ntwo\n");
		this.file.close();
		assertThat(Files.readString(this.path)).isEqualTo("one\ntwo\n");
	}

	@Test
	void writesNothingTwiceIfThereIsSpaceAgain() throws IOException {
		this.file.add("one");
		this.file.add("two");
		this.file.add("three");
		assertThatExceptionOfType(IOException.class).isThrownBy(this.file::flush);
		this.disk.space = 1000;
		this.file.close();
		assertThat(Files.readString(this.path)).isEqualTo("one\ntwo\n");
	}

	@Test
	void longLineIsRemovedAltogether() throws IOException {
		this.file.add("one");
		this.file.flush();
		LimitedFile large = new LimitedFile(this.disk, 1 << 20, 4);
		assertThatExceptionOfType(IOException.class).isThrownBy(() -> large.add("x".repeat(100_000)));
		assertThat(Files.readString(this.path)).isEqualTo("one\n");
	}

	/**
	 * A file on a disk with little space.
	 */
	private static final class FullDisk extends FileChannel {

		private final FileChannel file;

		private int space;

		FullDisk(FileChannel file, int space) {
			this.file = file;
			this.space = space;
		}

		@Override
		public int write(ByteBuffer source) throws IOException {
			int written = Math.min(this.space, source.remaining());
			if (written == 0) {
				throw new IOException("No space left on device");
			}
			ByteBuffer part = source.slice(source.position(), written);
			while (part.hasRemaining()) {
				this.file.write(part);
			}
			source.position(source.position() + written);
			this.space -= written;
			return written;
		}

		@Override
		public int read(ByteBuffer target) throws IOException {
			return this.file.read(target);
		}

		@Override
		public int read(ByteBuffer target, long position) throws IOException {
			return this.file.read(target, position);
		}

		@Override
		public long position() throws IOException {
			return this.file.position();
		}

		@Override
		public FileChannel position(long position) throws IOException {
			this.file.position(position);
			return this;
		}

		@Override
		public long size() throws IOException {
			return this.file.size();
		}

		@Override
		public FileChannel truncate(long size) throws IOException {
			this.file.truncate(size);
			return this;
		}

		@Override
		protected void implCloseChannel() throws IOException {
			this.file.close();
		}

		@Override
		public long read(ByteBuffer[] targets, int offset, int length) {
			throw new UnsupportedOperationException();
		}

		@Override
		public long write(ByteBuffer[] sources, int offset, int length) {
			throw new UnsupportedOperationException();
		}

		@Override
		public int write(ByteBuffer source, long position) {
			throw new UnsupportedOperationException();
		}

		@Override
		public void force(boolean metaData) {
			throw new UnsupportedOperationException();
		}

		@Override
		public long transferTo(long position, long count, WritableByteChannel target) {
			throw new UnsupportedOperationException();
		}

		@Override
		public long transferFrom(ReadableByteChannel source, long position, long count) {
			throw new UnsupportedOperationException();
		}

		@Override
		public MappedByteBuffer map(MapMode mode, long position, long size) {
			throw new UnsupportedOperationException();
		}

		@Override
		public FileLock lock(long position, long size, boolean shared) {
			throw new UnsupportedOperationException();
		}

		@Override
		public FileLock tryLock(long position, long size, boolean shared) {
			throw new UnsupportedOperationException();
		}

	}

}
