package dev.wspolicy.proving.concurrency;

import java.util.concurrent.atomic.AtomicReferenceArray;

import org.jetbrains.lincheck.datastructures.ModelCheckingOptions;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.StressOptions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

import dev.wspolicy.fleet.LocalSessionPlaces;
import dev.wspolicy.fleet.OnExceed;
import dev.wspolicy.fleet.Place;
import dev.wspolicy.fleet.PlaceRequest;

/**
 * Sessions that take and release the places of one key at the same time: whatever the
 * threads do, the results are those of some order of the calls.
 */
public class SessionPlacesTests {

	private static final String KEY = "alice";

	private final LocalSessionPlaces places = new LocalSessionPlaces();

	/** The places of two sessions, each of which is opened and closed by one thread. */
	private final AtomicReferenceArray<Place> held = new AtomicReferenceArray<>(2);

	private boolean take(int session, OnExceed onExceed) {
		if (this.held.get(session) != null) {
			return false;
		}
		Place place = this.places.take(new PlaceRequest(KEY, 1, onExceed, () -> {
		})).block();
		this.held.set(session, place);
		return place != null;
	}

	private boolean release(int session) {
		Place place = this.held.getAndSet(session, null);
		if (place != null) {
			place.release();
		}
		return place != null;
	}

	@Operation(nonParallelGroup = "first")
	public boolean takeFirst() {
		return take(0, OnExceed.REFUSE);
	}

	@Operation(nonParallelGroup = "first")
	public boolean releaseFirst() {
		return release(0);
	}

	@Operation(nonParallelGroup = "second")
	public boolean takeSecond() {
		return take(1, OnExceed.CLOSE_OLDEST);
	}

	@Operation(nonParallelGroup = "second")
	public boolean releaseSecond() {
		return release(1);
	}

	@Operation
	public int count() {
		return this.places.count(KEY);
	}

	@Test
	@Tag("proving")
	void allInterleavings() {
		new ModelCheckingOptions().iterations(20)
			.invocationsPerIteration(200)
			.threads(2)
			.actorsPerThread(3)
			.check(SessionPlacesTests.class);
	}

	@Test
	@Tag("proving")
	void manyThreads() {
		new StressOptions().iterations(20)
			.invocationsPerIteration(5_000)
			.threads(3)
			.actorsPerThread(3)
			.check(SessionPlacesTests.class);
	}

}
