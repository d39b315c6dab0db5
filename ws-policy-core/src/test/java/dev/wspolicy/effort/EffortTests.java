package dev.wspolicy.effort;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;

import com.google.re2j.Pattern;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Limits on work.
 */
class EffortTests {

	private final AtomicLong clock = new AtomicLong(Long.MAX_VALUE - 5);

	private final Effort effort = new Effort(Duration.ofNanos(10), this.clock::get);

	@Test
	void stopsAfterTheTimeLimit() {
		this.clock.addAndGet(10);
		this.effort.spend(1_000);
		this.clock.addAndGet(1);
		this.effort.spend(1);
		assertThatExceptionOfType(EffortExceededException.class).isThrownBy(() -> this.effort.spend(1_000));
	}

	@Test
	void stopsWhenInterrupted() {
		Thread.currentThread().interrupt();
		try {
			assertThatExceptionOfType(EffortExceededException.class).isThrownBy(() -> this.effort.spend(1_000));
		}
		finally {
			assertThat(Thread.interrupted()).as("still interrupted").isTrue();
		}
	}

	@Test
	void accessToTextIsMetered() {
		MeteredText text = new MeteredText("abc", this.effort, 1_000);
		assertThat(text.charAt(1)).isEqualTo('b');
		this.clock.addAndGet(11);
		assertThatExceptionOfType(EffortExceededException.class).isThrownBy(() -> text.charAt(1));
		assertThat(text).hasToString("abc").hasSize(3);
	}

	@Test
	void meteredSearchFindsTheSameAsRe2() {
		Pattern pattern = Pattern.compile("b(.)");
		String text = "abcb" + "d".repeat(60_000);
		assertThat(MeteredSearch.find(pattern, text, this.effort)).isTrue();
		assertThat(MeteredSearch.replaceAll(pattern, "abcbd", "<$1>", this.effort)).isEqualTo("a<c><d>");
		assertThat(MeteredSearch.replaceAll(pattern, "acd", "", this.effort)).isEqualTo("acd");
		assertThat(MeteredSearch.find(pattern, "a".repeat(60_000), this.effort)).isFalse();
	}

}
