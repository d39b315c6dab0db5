package dev.wspolicy.fleet;

/**
 * A request for a place.
 *
 * @param key identifies the sessions that are counted together
 * @param max the maximum number of sessions with this key
 * @param onExceed what happens if that number has been reached
 * @param displaced called at most once, on any thread, when the place has been given to a
 * newer session; may be called before the place is emitted; must not block
 */
public record PlaceRequest(String key, int max, OnExceed onExceed, Runnable displaced) {

	public PlaceRequest {
		if (max < 1) {
			throw new IllegalArgumentException("max: " + max + " (expected: >= 1)");
		}
	}

}
