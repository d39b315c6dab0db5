package dev.wspolicy.fleet;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.test.StepVerifier;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.awaitility.Awaitility.await;

/**
 * What every implementation of {@link SessionPlaces} does, seen from one gateway.
 */
public abstract class SessionPlacesContractTests {

	private static final Duration TIMEOUT = Duration.ofSeconds(30);

	private static final String KEY = "group/principal ana";

	private final List<String> displaced = new CopyOnWriteArrayList<>();

	/** Returns the implementation, in which nothing is taken. */
	protected abstract SessionPlaces places();

	@Test
	void grantsPlacesUpToTheMaximum() {
		Place first = taken(refusing(KEY, 2));
		Place second = taken(refusing(KEY, 2));
		assertThat(take(refusing(KEY, 2))).isNull();
		first.release();
		Place third = takeSoon(refusing(KEY, 2));
		assertThat(take(refusing(KEY, 2))).isNull();
		second.release();
		third.release();
	}

	@Test
	void placeIsGivenBackOnce() {
		Place first = taken(refusing(KEY, 2));
		taken(refusing(KEY, 2));
		first.release();
		first.release();
		takeSoon(refusing(KEY, 2));
		first.release();
		assertThat(take(refusing(KEY, 2))).isNull();
	}

	@Test
	void keysAreCountedSeparately() {
		taken(refusing("a", 1));
		taken(refusing("b", 1));
		assertThat(take(refusing("a", 1))).isNull();
		assertThat(take(refusing("b", 1))).isNull();
	}

	@Test
	void limitsOfDifferentHeightShareACount() {
		taken(refusing(KEY, 1));
		assertThat(take(refusing(KEY, 1))).isNull();
		taken(refusing(KEY, 2));
		assertThat(take(refusing(KEY, 2))).isNull();
	}

	@Test
	void takesOnEachSubscription() {
		Mono<Place> place = places().take(refusing(KEY, 2));
		assertThat(places().size()).isZero();
		assertThat(place.block(TIMEOUT)).isNotNull();
		assertThat(place.block(TIMEOUT)).isNotNull();
		assertThat(place.block(TIMEOUT)).isNull();
	}

	@Test
	void cancelledRequestKeepsNothing() {
		for (int i = 0; i < 100; i++) {
			StepVerifier.create(places().take(refusing(KEY, 1)), 0).thenCancel().verify(TIMEOUT);
		}
		takeSoon(refusing(KEY, 1)).release();
		await().until(() -> places().size() == 0);
	}

	@Test
	void cancellingAfterThePlaceHasBeenEmittedKeepsIt() {
		Place place = places().take(refusing(KEY, 1)).flux().next().block(TIMEOUT);
		assertThat(place).isNotNull();
		assertThat(take(refusing(KEY, 1))).isNull();
	}

	@Test
	void newestSessionDisplacesTheOldest() {
		taken(closing(KEY, 2, "first"));
		taken(closing(KEY, 2, "second"));
		assertThat(this.displaced).isEmpty();
		taken(closing(KEY, 2, "third"));
		await().untilAsserted(() -> assertThat(this.displaced).containsExactly("first"));
		taken(closing(KEY, 2, "fourth"));
		await().untilAsserted(() -> assertThat(this.displaced).containsExactly("first", "second"));
		assertThat(take(refusing(KEY, 2))).isNull();
	}

	@Test
	void displacedPlaceIsNotGivenBackAgain() {
		Place first = taken(closing(KEY, 1, "first"));
		taken(closing(KEY, 1, "second"));
		await().untilAsserted(() -> assertThat(this.displaced).containsExactly("first"));
		first.release();
		assertThat(take(refusing(KEY, 1))).isNull();
	}

	@Test
	void placeThatWasGivenBackIsNotDisplaced() {
		Place first = taken(closing(KEY, 2, "first"));
		taken(closing(KEY, 2, "second"));
		first.release();
		takeSoon(refusing(KEY, 2));
		taken(closing(KEY, 2, "fourth"));
		await().untilAsserted(() -> assertThat(this.displaced).containsExactly("second"));
	}

	@Test
	void lowerMaximumDisplacesAllThatAreTooMany() {
		taken(closing(KEY, 3, "first"));
		taken(closing(KEY, 3, "second"));
		taken(closing(KEY, 3, "third"));
		taken(closing(KEY, 1, "fourth"));
		await().untilAsserted(() -> assertThat(this.displaced).containsExactly("first", "second", "third"));
		assertThat(take(refusing(KEY, 1))).isNull();
	}

	@Test
	void failureToDisplaceHarmsNobody() {
		taken(new PlaceRequest(KEY, 1, OnExceed.CLOSE_OLDEST, () -> {
			throw new IllegalStateException("as the test wants");
		}));
		taken(closing(KEY, 1, "second"));
		taken(closing(KEY, 1, "third"));
		await().untilAsserted(() -> assertThat(this.displaced).containsExactly("second"));
	}

	@Test
	void displacementsUnderLoadLeaveTheNewest() {
		List<Place> granted = Flux.range(0, 200)
			.flatMap((number) -> places().take(closing(KEY, 3, "" + number)), 50)
			.collectList()
			.block(TIMEOUT);
		assertThat(granted).hasSize(200);
		await().untilAsserted(() -> assertThat(this.displaced).hasSize(197).doesNotHaveDuplicates());
		assertThat(take(refusing(KEY, 3))).isNull();
		Objects.requireNonNull(granted).forEach(Place::release);
		await().until(() -> places().size() == 0);
	}

	@Test
	void countsTheKeysInUse() {
		Place a = taken(refusing("a", 2));
		Place otherA = taken(refusing("a", 2));
		Place b = taken(refusing("b", 1));
		assertThat(places().size()).isEqualTo(2);
		a.release();
		b.release();
		assertThat(places().size()).isEqualTo(1);
		otherA.release();
		assertThat(places().size()).isZero();
	}

	@Test
	void concurrentRequestsDoNotExceedTheMaximum() throws Exception {
		int max = 7;
		AtomicInteger live = new AtomicInteger();
		AtomicInteger most = new AtomicInteger();
		AtomicInteger refused = new AtomicInteger();
		Callable<Void> client = () -> {
			List<Place> open = new ArrayList<>();
			for (int i = 0; i < rounds(); i++) {
				Place place = take(refusing(KEY, max));
				if (place != null) {
					most.accumulateAndGet(live.incrementAndGet(), Math::max);
					open.add(place);
				}
				else {
					refused.incrementAndGet();
				}
				// Every other time, so that one thread alone reaches the maximum
				if (!open.isEmpty() && i % 2 == 1) {
					live.decrementAndGet();
					open.remove(0).release();
				}
			}
			open.forEach((place) -> {
				live.decrementAndGet();
				place.release();
			});
			return null;
		};
		ExecutorService threads = Executors.newFixedThreadPool(8);
		try {
			for (Future<Void> done : threads.invokeAll(Collections.nCopies(8, client))) {
				done.get();
			}
		}
		finally {
			threads.shutdownNow();
		}
		assertThat(most).hasValue(max);
		assertThat(refused).hasPositiveValue();
		for (int i = 0; i < max; i++) {
			takeSoon(refusing(KEY, max));
		}
		assertThat(take(refusing(KEY, max))).isNull();
	}

	/** How often each thread takes a place. */
	protected int rounds() {
		return 2_000;
	}

	@Test
	void maximumIsPositive() {
		assertThatIllegalArgumentException().isThrownBy(() -> refusing(KEY, 0)).withMessageStartingWith("max");
	}

	private static PlaceRequest refusing(String key, int max) {
		return new PlaceRequest(key, max, OnExceed.REFUSE, () -> {
			throw new AssertionError("Displaced without being asked for");
		});
	}

	private PlaceRequest closing(String key, int max, String name) {
		return new PlaceRequest(key, max, OnExceed.CLOSE_OLDEST, () -> this.displaced.add(name));
	}

	private @Nullable Place take(PlaceRequest request) {
		return places().take(request).block(TIMEOUT);
	}

	private Place taken(PlaceRequest request) {
		return Objects.requireNonNull(take(request), "there is no place");
	}

	/** Takes a place as soon as one is free: places may be given back with a delay. */
	private Place takeSoon(PlaceRequest request) {
		return await().until(() -> take(request), Objects::nonNull);
	}

}
