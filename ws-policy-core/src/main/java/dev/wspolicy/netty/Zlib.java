package dev.wspolicy.netty;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.zip.Deflater;
import java.util.zip.Inflater;

import io.netty.util.concurrent.FastThreadLocal;
import org.jspecify.annotations.Nullable;
import org.springframework.util.ClassUtils;

import dev.wspolicy.pipeline.Compression;

/**
 * A pool of inflaters and deflaters for each event loop: they hold native memory, and to
 * create one costs more than to use it for a small message.
 */
final class Zlib {

	/** Whether there is a library for other windows than that of the JDK. */
	static final boolean JZLIB = ClassUtils.isPresent("com.jcraft.jzlib.Deflater", Zlib.class.getClassLoader());

	private static final int MAX_KEPT = 16;

	private static final int PIECE = 8 * 1024;

	private static final FastThreadLocal<Zlib> LOCAL = new FastThreadLocal<>() {

		@Override
		protected Zlib initialValue() {
			return new Zlib();
		}

		@Override
		protected void onRemoval(Zlib zlib) {
			zlib.inflaters.forEach(Inflater::end);
			zlib.deflaters.forEach(Deflater::end);
		}

	};

	private final Deque<Inflater> inflaters = new ArrayDeque<>(0);

	private final Deque<Deflater> deflaters = new ArrayDeque<>(0);

	/** Created with the first use. */
	private @Nullable Scratch scratch;

	private Zlib() {
	}

	/** Returns arrays that are free until the caller returns. */
	static Scratch scratch() {
		Zlib zlib = LOCAL.get();
		Scratch scratch = zlib.scratch;
		if (scratch == null) {
			scratch = new Scratch(new byte[PIECE], new byte[PIECE]);
			zlib.scratch = scratch;
		}
		return scratch;
	}

	static Inflater inflater() {
		Inflater inflater = LOCAL.get().inflaters.pollFirst();
		return (inflater != null) ? inflater : new Inflater(true);
	}

	static void recycle(Inflater inflater) {
		Deque<Inflater> kept = LOCAL.get().inflaters;
		if (kept.size() < MAX_KEPT) {
			inflater.reset();
			kept.addFirst(inflater);
		}
		else {
			inflater.end();
		}
	}

	/**
	 * Returns what deflates messages to a peer.
	 * @param agreement what has been agreed with the peer
	 * @return the object, to be recycled on the same event loop
	 */
	static Compressor compressor(PerMessageDeflate agreement) {
		if (agreement.deflateWindow() < PerMessageDeflate.MAX_WINDOW
				|| agreement.memLevel() != Compression.DEFAULT_MEM_LEVEL) {
			return new JZlibCompressor(agreement.level(), agreement.deflateWindow(), agreement.memLevel());
		}
		return new JdkCompressor(deflater(agreement.level()));
	}

	private static Deflater deflater(int level) {
		Deflater deflater = LOCAL.get().deflaters.pollFirst();
		if (deflater == null) {
			return new Deflater(level, true);
		}
		deflater.setLevel(level);
		return deflater;
	}

	static void recycle(Deflater deflater) {
		Deque<Deflater> kept = LOCAL.get().deflaters;
		if (kept.size() < MAX_KEPT) {
			deflater.reset();
			kept.addFirst(deflater);
		}
		else {
			deflater.end();
		}
	}

	/**
	 * Arrays for a library that works on arrays.
	 *
	 * @param input for what it reads
	 * @param output for what it makes
	 */
	record Scratch(byte[] input, byte[] output) {

	}

}
