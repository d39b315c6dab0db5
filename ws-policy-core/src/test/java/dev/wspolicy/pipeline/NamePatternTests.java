package dev.wspolicy.pipeline;

import java.util.List;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Names with {@code *} in them.
 */
class NamePatternTests {

	@ParameterizedTest
	@CsvSource({ "chat, chat, true", "chat, chat2, false", "chat, Chat, false", "chat, '', false", "*, '', true",
			"*, anything, true", "chat*, chat, true", "chat*, chat-2, true", "chat*, my-chat, false",
			"*chat, my-chat, true", "*chat, chats, false", "c*t, ct, true", "c*t, chat, true", "c*t, chats, false",
			"a*b*c, abc, true", "a*b*c, a-c-b-c, true", "a*b*c, acb, false", "**, x, true", "v1.0, v1x0, false",
			"v1.*, v1.2, true", "v1.*, v12, false", "[ab], a, false", "[ab], [ab], true", "'\\E*', '\\Ex', true",
			"'', '', true", "'', x, false" })
	void matches(String pattern, String name, boolean matches) {
		assertThat(NamePattern.admits(List.of(NamePattern.of(pattern)), name)).isEqualTo(matches);
	}

	@Test
	void starStandsForLineBreaksToo() {
		assertThat(NamePattern.admits(List.of(NamePattern.of("a*")), "a\nb")).isTrue();
	}

	@Test
	void noPatternsAdmitEverything() {
		assertThat(NamePattern.admits(List.of(), "chat")).isTrue();
		assertThat(NamePattern.admits(List.of(), null)).isTrue();
	}

	@Test
	void nullIsAdmittedByNoPattern() {
		assertThat(NamePattern.admits(List.of(NamePattern.of("*")), null)).isFalse();
	}

	@Test
	void onePatternThatMatchesIsEnough() {
		List<NamePattern> patterns = List.of(NamePattern.of("a*"), NamePattern.of("b*"));
		assertThat(NamePattern.admits(patterns, "b1")).isTrue();
		assertThat(NamePattern.admits(patterns, "c1")).isFalse();
	}

	@Test
	void describesItself() {
		assertThat(NamePattern.of("a*")).hasToString("a*");
	}

}
