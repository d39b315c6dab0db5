package dev.wspolicy.gateway;

import java.net.URI;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link CompactUri}.
 */
class CompactUriTests {

	private static final URI WHOLE = URI.create("wss://ada@example.org:8443/rooms/7%20a?x=%C3%A9#y");

	@Test
	void equalsTheOriginal() {
		CompactUri uri = CompactUri.of(WHOLE);
		assertThat(uri.get()).isSameAs(WHOLE);
		assertThat(uri.path()).isEqualTo("/rooms/7%20a");
		assertThat(uri).hasToString(WHOLE.toString());
	}

	@Test
	void compactedCopyIsEqual() {
		CompactUri uri = CompactUri.of(WHOLE).compacted();
		assertThat(uri.path()).isEqualTo("/rooms/7%20a");
		assertThat(uri.get()).isEqualTo(WHOLE).isSameAs(uri.get());
		assertThat(uri.path()).isEqualTo("/rooms/7%20a");
	}

	@Test
	void sessionsShareEqualUris() {
		CompactUri first = CompactUri.of(URI.create(WHOLE.toString())).compacted();
		CompactUri second = CompactUri.of(URI.create(new String(WHOLE.toString().toCharArray()))).compacted();
		assertThat(second).isSameAs(first);
	}

}
