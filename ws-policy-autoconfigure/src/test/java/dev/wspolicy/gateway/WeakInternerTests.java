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

	private final WeakInterner<String> interner = WeakInterner.ofStrings();

	@Test
	void equalStringsAreShared() {
		String first = this.interner.intern(copy("shared texts"));
		assertThat(this.interner.intern(copy("shared texts"))).isSameAs(first);
		assertThat(this.interner.intern(first)).isSameAs(first);
	}

	@Test
	void collidingStringsAreNotMixedUp() {
		// Among so many strings, some collide.
		List<String> texts = IntStream.range(0, 10_000).mapToObj((number) -> "text " + number).toList();
		assertThat(texts.stream().map(this.interner::intern)).isEqualTo(texts);
		assertThat(texts.stream().map((text) -> this.interner.intern(copy(text)))).isEqualTo(texts);
	}

	@Test
	void unreferencedStringIsNotRetained() {
		WeakReference<String> secret = new WeakReference<>(this.interner.intern(copy("secret")));
		await().atMost(Duration.ofSeconds(30)).until(() -> {
			System.gc();
			return secret.get() == null;
		});
	}

	private static String copy(String text) {
		return new String(text.toCharArray());
	}

}
