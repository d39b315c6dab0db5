package dev.wspolicy.gateway;

import java.util.List;
import java.util.Locale;
import java.util.Map;

import org.junit.jupiter.api.Test;
import org.springframework.http.HttpHeaders;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Tests that {@link CompactHeaders} behaves like Spring's own headers.
 */
class CompactHeadersTests {

	private final HttpHeaders original = new HttpHeaders();

	private final HttpHeaders headers;

	CompactHeadersTests() {
		this.original.add("Host", "localhost");
		this.original.add("X-Tag", "one");
		this.original.add("x-tag", "two");
		this.original.add("Empty", "");
		this.headers = CompactHeaders.of(this.original);
	}

	@Test
	void namesAreCaseInsensitive() {
		assertThat(this.headers.getFirst("hOST")).isEqualTo("localhost");
		assertThat(this.headers.get("X-TAG")).containsExactly("one", "two");
		assertThat(this.headers.getOrEmpty("x-tag")).containsExactly("one", "two");
		assertThat(this.headers.containsHeader("EMPTY")).isTrue();
		assertThat(this.headers.getFirst("empty")).isEmpty();
		assertThat(this.headers.getFirst("absent")).isNull();
		assertThat(this.headers.get("absent")).isNull();
		assertThat(this.headers.containsHeader("absent")).isFalse();
	}

	@Test
	void sameAsTheOriginal() {
		assertThat(this.headers).isEqualTo(this.original).hasSameHashCodeAs(this.original);
		assertThat(this.headers.size()).isEqualTo(3);
		assertThat(this.headers.headerNames()).containsExactlyElementsOf(this.original.headerNames());
		this.original.forEach((name, values) -> assertThat(this.headers.get(name)).isEqualTo(values));
		assertThat(this.headers.headerSet()).extracting(Map.Entry::getKey).containsExactly("Host", "X-Tag", "Empty");
		assertThat(this.headers.toSingleValueMap()).isEqualTo(this.original.toSingleValueMap());
		assertThat(this.headers).hasToString(this.original.toString());
		assertThat(HttpHeaders.copyOf(this.headers)).isEqualTo(this.original);
	}

	@Test
	void laterChangesOfTheOriginalHaveNoEffect() {
		this.original.set("Host", "other");
		assertThat(this.headers.getFirst("Host")).isEqualTo("localhost");
	}

	@Test
	void sessionsShareEqualStrings() {
		HttpHeaders others = CompactHeaders.of(copy(this.original));
		assertThat(others.getFirst("Host")).isSameAs(this.headers.getFirst("Host"));
		assertThat(others.headerNames().iterator().next()).isSameAs(this.headers.headerNames().iterator().next());
	}

	@Test
	void sessionsShareHeadersThatDifferOnlyInNonces() {
		HttpHeaders first = copy(this.original);
		first.set("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ==");
		HttpHeaders second = copy(this.original);
		second.set("sec-websocket-key", "AQIDBAUGBwgJCgsMDQ4PEA==");
		HttpHeaders shared = CompactHeaders.ofSession(first);
		assertThat(CompactHeaders.ofSession(second)).isSameAs(shared).isEqualTo(this.original);
	}

	@Test
	void sessionsWithOtherHeadersDoNotShareThem() {
		HttpHeaders shared = CompactHeaders.ofSession(this.original);
		HttpHeaders renamed = new HttpHeaders();
		this.original.forEach((name, values) -> renamed.addAll(name.toLowerCase(Locale.ROOT), values));
		assertThat(CompactHeaders.ofSession(renamed).headerNames()).containsExactlyElementsOf(renamed.headerNames());
		HttpHeaders changed = copy(this.original);
		changed.set("Host", "other");
		assertThat(CompactHeaders.ofSession(changed)).isNotSameAs(shared).isEqualTo(changed);
	}

	@Test
	void throwsOnWrite() {
		List<Runnable> writes = List.of(() -> this.headers.add("a", "b"), () -> this.headers.set("a", "b"),
				() -> this.headers.addAll("a", List.of("b")), () -> this.headers.setAll(Map.of("a", "b")),
				() -> this.headers.remove("Host"), () -> this.headers.remove("hOST"), this.headers::clear,
				() -> this.headers.put("a", List.of("b")), () -> this.headers.getOrEmpty("X-Tag").add("three"),
				() -> this.headers.headerNames().remove("Host"));
		for (Runnable write : writes) {
			assertThatExceptionOfType(UnsupportedOperationException.class).isThrownBy(write::run);
		}
	}

	@Test
	void noHeadersAreTheEmptyHeaders() {
		assertThat(CompactHeaders.of(new HttpHeaders())).isSameAs(HttpHeaders.EMPTY);
	}

	/** Headers as in another request: equal strings, but not the same objects. */
	private static HttpHeaders copy(HttpHeaders headers) {
		HttpHeaders copy = new HttpHeaders();
		headers.forEach((name, values) -> values
			.forEach((value) -> copy.add(new String(name.toCharArray()), new String(value.toCharArray()))));
		return copy;
	}

}
