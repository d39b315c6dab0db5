package dev.wspolicy.test;

import java.nio.charset.StandardCharsets;
import java.util.Objects;

import org.junit.jupiter.api.Test;

import dev.wspolicy.frame.PingFrame;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Frames are taken in the order in which they are complete.
 */
class ReceivedFramesTests {

	private final ReceivedFrames received = new ReceivedFrames();

	@Test
	void pingBetweenFragmentsIsCompleteFirst() {
		this.received.add(fragment(0, "he"));
		this.received.add(WireFrame.of(PingFrame.of(new byte[] { 1 })));
		this.received.add(fragment(1, "llo"));
		assertThat(next()).isEqualTo("ping [01]");
		assertThat(next()).isEqualTo("text \"hello\"");
		assertThat(this.received.size()).isZero();
	}

	@Test
	void closeFrameMayEndAnUnfinishedMessage() {
		this.received.add(fragment(0, "he"));
		assertThat(this.received.hasNext()).isFalse();
		assertThat(this.received.next()).isNull();
		this.received.add(WireFrame.close(1009, ""));
		assertThat(this.received.hasNext()).isTrue();
		assertThat(next()).isEqualTo("close 1009");
		assertThat(this.received.describe()).containsExactly("text fragment \"he\"");
	}

	private String next() {
		return Objects.requireNonNull(this.received.next()).describe();
	}

	private static WireFrame fragment(int index, String text) {
		return WireFrame.fragment(index, 2, text.getBytes(StandardCharsets.UTF_8));
	}

}
