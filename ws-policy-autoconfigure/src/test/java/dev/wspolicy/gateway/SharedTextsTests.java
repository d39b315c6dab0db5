package dev.wspolicy.gateway;

import java.lang.ref.WeakReference;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * {@link SharedTexts}.
 */
class SharedTextsTests {

	@Test
	void equalTextsBecomeOne() {
		String first = SharedTexts.of(copy("shared texts"));
		assertThat(SharedTexts.of(copy("shared texts"))).isSameAs(first);
		assertThat(SharedTexts.of(first)).isSameAs(first);
	}

	@Test
	void textsThatTakeEachOthersPlaceStayWhatTheyAre() {
		// Of so many, some are bound to meet in one place.
		List<String> texts = IntStream.range(0, 10_000).mapToObj((number) -> "text " + number).toList();
		assertThat(texts.stream().map(SharedTexts::of)).isEqualTo(texts);
		assertThat(texts.stream().map((text) -> SharedTexts.of(copy(text)))).isEqualTo(texts);
	}

	@Test
	void textThatNobodyHasAnyMoreIsNotKept() {
		WeakReference<String> secret = new WeakReference<>(SharedTexts.of(copy("secret")));
		await().atMost(Duration.ofSeconds(30)).until(() -> {
			System.gc();
			return secret.get() == null;
		});
	}

	private static String copy(String text) {
		return new String(text.toCharArray());
	}

}
