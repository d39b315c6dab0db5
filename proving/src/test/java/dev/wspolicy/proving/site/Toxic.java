package dev.wspolicy.proving.site;

import java.io.IOException;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;

/**
 * What happens to the bytes of one direction of a connection. The toxics are those of
 * Toxiproxy. Each connection needs its own.
 */
@FunctionalInterface
public interface Toxic {

	/** Passes everything on as it comes. */
	Toxic NONE = (bytes, length, pipe) -> pipe.write(bytes, 0, length);

	/**
	 * Treats bytes that have come.
	 * @param bytes the bytes
	 * @param length how many of them
	 * @param pipe where they go
	 * @throws IOException if the connection is gone
	 */
	void pass(byte[] bytes, int length, Pipe pipe) throws IOException;

	/** Delays all bytes by up to this time. */
	static Toxic latency(Duration most, Random random) {
		return (bytes, length, pipe) -> {
			LockSupport.parkNanos((long) (random.nextDouble() * most.toNanos()));
			pipe.write(bytes, 0, length);
		};
	}

	/** Passes no more than so many bytes per second. */
	static Toxic bandwidth(int bytesPerSecond) {
		return (bytes, length, pipe) -> {
			int piece = Math.max(1, bytesPerSecond / 100);
			for (int from = 0; from < length; from += piece) {
				pipe.write(bytes, from, Math.min(piece, length - from));
				LockSupport.parkNanos(Duration.ofMillis(10).toNanos());
			}
		};
	}

	/** Cuts what comes into pieces of up to this size. */
	static Toxic slices(int most, Random random) {
		return (bytes, length, pipe) -> {
			int from = 0;
			while (from < length) {
				int size = Math.min(length - from, 1 + random.nextInt(most));
				pipe.write(bytes, from, size);
				from += size;
			}
		};
	}

	/** Stops for a while after so many bytes. */
	static Toxic stall(long after, Duration time) {
		return at(after, (pipe) -> LockSupport.parkNanos(time.toNanos()));
	}

	/** Resets the connections of both ends after so many bytes. */
	static Toxic reset(long after) {
		return at(after, Pipe::reset);
	}

	/** Closes the connections of both ends after so many bytes. */
	static Toxic truncate(long after) {
		return at(after, Pipe::close);
	}

	/** Ends this direction after so many bytes; the other one goes on. */
	static Toxic halfClose(long after) {
		return at(after, Pipe::end);
	}

	private static Toxic at(long after, Fault fault) {
		AtomicBoolean struck = new AtomicBoolean();
		return (bytes, length, pipe) -> {
			long left = after - pipe.passed();
			if (left > length || struck.getAndSet(true)) {
				pipe.write(bytes, 0, length);
				return;
			}
			pipe.write(bytes, 0, (int) left);
			fault.strike(pipe);
			pipe.write(bytes, (int) left, length - (int) left);
		};
	}

	/**
	 * What happens at one point.
	 */
	@FunctionalInterface
	interface Fault {

		void strike(Pipe pipe) throws IOException;

	}

}
