package dev.wspolicy.gateway;

import java.lang.ref.WeakReference;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Tests for {@link WeakInterner}.
 */
class WeakInternerTests {

	@Test
	void equalStringsAreShared() {
		String first = WeakInterner.intern(copy("shared texts"));
		assertThat(WeakInterner.intern(copy("shared texts"))).isSameAs(first);
		assertThat(WeakInterner.intern(first)).isSameAs(first);
	}

	@Test
	void collidingStringsAreNotMixedUp() {
		// Among so many strings, some collide.
		List<String> texts = IntStream.range(0, 10_000).mapToObj((number) -> "text " + number).toList();
		assertThat(texts.stream().map(WeakInterner::intern)).isEqualTo(texts);
		assertThat(texts.stream().map((text) -> WeakInterner.intern(copy(text)))).isEqualTo(texts);
	}

	@Test
	void unreferencedStringIsNotRetained() {
		WeakReference<String> secret = new WeakReference<>(WeakInterner.intern(copy("secret")));
		await().atMost(Duration.ofSeconds(30)).until(() -> {
			System.gc();
			return secret.get() == null;
		});
	}

	private static String copy(String text) {
		return new String(text.toCharArray());
	}

}
