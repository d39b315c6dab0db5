package dev.wspolicy.actuate;

import java.time.Instant;
import java.util.List;
import java.util.Map;

import org.junit.jupiter.api.Test;

import dev.wspolicy.frame.CloseStatus;
import dev.wspolicy.frame.Direction;
import dev.wspolicy.redaction.Redaction;
import dev.wspolicy.session.ObservedVerdict;
import dev.wspolicy.session.VerdictCounts.Kind;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link TapRecordFormatter}: the reason of a close that an observed policy
 * would have caused is shown as the payload is.
 */
class TapRecordFormatterTests {

	private static final Redaction DIGITS = Redaction.of(List.of(), List.of("[0-9]+"));

	private static Map<String, ?> format(int bytes, boolean shown, Redaction redaction, String reason) {
		CloseStatus status = CloseStatus.of(1008, reason);
		return new TapRecordFormatter(bytes, shown, redaction).format("id", Instant.EPOCH,
				new ObservedVerdict("policy", Direction.OUTBOUND, Kind.CLOSE, status));
	}

	@Test
	void fields() {
		Map<String, ?> record = format(100, true, Redaction.none(), "too rude");
		assertThat(record.keySet()).containsExactly("record", "session", "direction", "time", "policy", "verdict",
				"code", "reason");
		assertThat(record.values().stream().map(String::valueOf)).containsExactly("observed", "id", "outbound",
				"1970-01-01T00:00:00Z", "policy", "close", "1008", "too rude");
	}

	@Test
	void reasonIsHidden() {
		assertThat(format(100, false, Redaction.none(), "card 4111").get("reason")).isEqualTo("******");
	}

	@Test
	void reasonIsRedacted() {
		assertThat(format(100, true, DIGITS, "card 4111").get("reason")).isEqualTo("card ***");
	}

	@Test
	void reasonIsTruncated() {
		assertThat(format(4, true, Redaction.none(), "card 4111").get("reason")).isEqualTo("card");
	}

	@Test
	void noReasonAndNoFrame() {
		Map<String, ?> record = new TapRecordFormatter(100, false, Redaction.none()).format("id", Instant.EPOCH,
				new ObservedVerdict("policy", null, Kind.FAILED, null));
		assertThat(record.get("direction")).isNull();
		assertThat(record.get("verdict")).isEqualTo("failed");
		assertThat(record.get("code")).isNull();
		assertThat(record.get("reason")).isNull();
	}

}
