package dev.wspolicy.netty;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.zip.Deflater;
import java.util.zip.Inflater;

import io.netty.util.concurrent.FastThreadLocal;

/**
 * A pool of inflaters and deflaters for each event loop: they hold native memory, and to
 * create one costs more than to use it for a small message.
 */
final class Zlib {

	private static final int MAX_KEPT = 16;

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

	private Zlib() {
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

	static Deflater deflater(int level) {
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

}
