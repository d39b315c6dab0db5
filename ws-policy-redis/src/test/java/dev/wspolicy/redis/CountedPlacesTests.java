package dev.wspolicy.redis;

import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Mono;

import dev.wspolicy.fleet.OnExceed;
import dev.wspolicy.fleet.OnFailure;
import dev.wspolicy.fleet.Place;
import dev.wspolicy.fleet.PlaceRequest;
import dev.wspolicy.redis.CountedPlaces.Held;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The places of one key without Redis, on a clock of their own.
 */
class CountedPlacesTests {

	private static final PlaceRequest REQUEST = new PlaceRequest("key", 1, OnExceed.REFUSE, () -> {
	});

	private long nanos;

	private final CountedPlaces places = new CountedPlaces("key", OnFailure.LOCAL, () -> 1, () -> this.nanos);

	@Test
	void slowRedisThatHadNoPlaceIsNotRegardedAsGone() {
		Request first = new Request();
		answer("0");
		assertThat(first.isGranted()).isFalse();
		advance(Duration.ofMillis(900));
		Request second = new Request();
		this.places.next();
		second.expire();
		assertThat(second.isGranted()).isFalse();
		answer("0");
	}

	@Test
	void aRequestThatHasWaitedIsDecidedHereIfRedisHasNotAnsweredForLong() {
		new Request();
		answer("0");
		advance(Duration.ofMillis(1100));
		Request second = new Request();
		this.places.next();
		second.expire();
		assertThat(second.isGranted()).isTrue();
		Request third = new Request();
		third.expire();
		assertThat(third.isGranted()).isFalse();
	}

	private void answer(String taken) {
		this.places.next();
		this.places.answered(new PlacesScript.Answer(1, 0, taken)).forEach(Runnable::run);
	}

	private void advance(Duration time) {
		this.nanos += time.toNanos();
	}

	/**
	 * A request, and what became of it.
	 */
	private final class Request {

		private final AtomicReference<@Nullable Held> held = new AtomicReference<>();

		private final AtomicReference<@Nullable Place> place = new AtomicReference<>();

		Request() {
			Mono.<Place>create((sink) -> this.held.set(CountedPlacesTests.this.places.add(REQUEST, sink, () -> {
			}))).subscribe(this.place::set);
		}

		void expire() {
			List<Runnable> effects = CountedPlacesTests.this.places.expired(Objects.requireNonNull(this.held.get()));
			effects.forEach(Runnable::run);
		}

		boolean isGranted() {
			return this.place.get() != null;
		}

	}

}
