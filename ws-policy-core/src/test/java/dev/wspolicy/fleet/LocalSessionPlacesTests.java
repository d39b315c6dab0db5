package dev.wspolicy.fleet;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The places of one gateway, in memory.
 */
class LocalSessionPlacesTests extends SessionPlacesContractTests {

	private final LocalSessionPlaces places = new LocalSessionPlaces();

	@Override
	protected SessionPlaces places() {
		return this.places;
	}

	@Test
	void countsTheSessionsOfAKey() {
		PlaceRequest request = new PlaceRequest("key", 2, OnExceed.REFUSE, () -> {
		});
		assertThat(this.places.count("key")).isZero();
		this.places.take(request).block();
		this.places.take(request).block();
		assertThat(this.places.count("key")).isEqualTo(2);
		assertThat(this.places.count("other")).isZero();
	}

}
