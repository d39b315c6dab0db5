package dev.wspolicy.policies;

import java.nio.charset.StandardCharsets;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import dev.wspolicy.frame.BinaryFrame;
import dev.wspolicy.frame.Frame;
import dev.wspolicy.frame.FrameType;
import dev.wspolicy.frame.TextFrame;
import dev.wspolicy.json.JsonMessage;

import static org.assertj.core.api.Assertions.assertThat;

class MessageJsonTests {

	@Test
	void isParsedOnceForAllJsonPolicies() {
		TextFrame frame = TextFrame.of("{\"a\":1}");
		assertThat(MessageJson.of(frame)).isSameAs(JsonMessage.of(frame).tree()).isSameAs(MessageJson.of(frame));
		Frame written = JsonMessage.frame(MessageJson.object().put("b", 2), FrameType.TEXT);
		assertThat(MessageJson.of(written)).isSameAs(JsonMessage.of(written).tree());
	}

	@ParameterizedTest
	@ValueSource(strings = { "", "{", "{} {}", "{\"a\":1,\"a\":2}", "/* */ 1" })
	void whatIsNoJsonIsMissing(String text) {
		assertThat(MessageJson.parse(text).isMissingNode()).isTrue();
		assertThat(MessageJson.of(TextFrame.of(text)).isMissingNode()).isTrue();
	}

	@Test
	void binaryMessagesAreNotRead() {
		BinaryFrame frame = BinaryFrame.of("{}".getBytes(StandardCharsets.UTF_8));
		assertThat(MessageJson.of(frame).isMissingNode()).isTrue();
	}

}
