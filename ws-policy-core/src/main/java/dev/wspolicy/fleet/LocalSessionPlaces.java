package dev.wspolicy.fleet;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/**
 * Counts the sessions of this gateway alone, in memory. Keys without sessions are
 * removed.
 */
public final class LocalSessionPlaces implements SessionPlaces {

	private static final Log logger = LogFactory.getLog(LocalSessionPlaces.class);

	/** The places of each key, the oldest first; changed only while its key is locked. */
	private final Map<String, Set<Held>> places = new ConcurrentHashMap<>();

	@Override
	public Mono<Place> take(PlaceRequest request) {
		return Mono.<Place>fromSupplier(() -> takeNow(request)).doOnDiscard(Place.class, Place::release);
	}

	private @Nullable Place takeNow(PlaceRequest request) {
		Held held = new Held(request);
		List<Held> displaced = new ArrayList<>(0);
		this.places.compute(request.key(), (key, present) -> {
			Set<Held> others = (present != null) ? present : new LinkedHashSet<>(2);
			if (others.size() >= request.max() && request.onExceed() == OnExceed.CLOSE_OLDEST) {
				Iterator<Held> oldest = others.iterator();
				while (others.size() >= request.max()) {
					displaced.add(oldest.next());
					oldest.remove();
				}
			}
			if (others.size() < request.max()) {
				others.add(held);
				held.taken = true;
			}
			return others;
		});
		displaced.forEach(Held::displace);
		return held.taken ? held : null;
	}

	/**
	 * Returns the number of sessions with a key.
	 * @param key the key
	 * @return the current number
	 */
	public int count(String key) {
		int[] count = new int[1];
		this.places.computeIfPresent(key, (name, places) -> {
			count[0] = places.size();
			return places;
		});
		return count[0];
	}

	@Override
	public int size() {
		return this.places.size();
	}

	/**
	 * A place, compared by identity.
	 */
	private final class Held implements Place {

		private final PlaceRequest request;

		private boolean taken;

		Held(PlaceRequest request) {
			this.request = request;
		}

		void displace() {
			try {
				this.request.displaced().run();
			}
			catch (RuntimeException ex) {
				logger.warn("Failed to displace a session that is counted as '" + this.request.key() + "'", ex);
			}
		}

		@Override
		public void release() {
			LocalSessionPlaces.this.places.computeIfPresent(this.request.key(), (key, places) -> {
				places.remove(this);
				return places.isEmpty() ? null : places;
			});
		}

	}

}
