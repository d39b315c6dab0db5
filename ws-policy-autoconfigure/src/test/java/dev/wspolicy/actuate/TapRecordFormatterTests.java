package dev.wspolicy.actuate;

import java.time.Instant;
import java.util.List;
import java.util.Map;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.mockito.BDDMockito;
import org.mockito.Mockito;

import dev.wspolicy.frame.CloseStatus;
import dev.wspolicy.frame.Direction;
import dev.wspolicy.frame.FrameType;
import dev.wspolicy.redaction.Redaction;
import dev.wspolicy.session.ObservedVerdict;
import dev.wspolicy.session.ProxiedSession;
import dev.wspolicy.session.TappedFrame;
import dev.wspolicy.session.TappedFrame.Origin;
import dev.wspolicy.session.TappedFrame.Outcome;
import dev.wspolicy.session.UpgradeContext;
import dev.wspolicy.session.VerdictCounts.Kind;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link TapRecordFormatter}: the reason of a close that an observed policy
 * would have caused is shown as the payload is.
 */
class TapRecordFormatterTests {

	private static final Redaction DIGITS = Redaction.of(List.of(), List.of("[0-9]+"));

	private static TapRecordFormatter formatter(int bytes, boolean shown, Redaction redaction) {
		return new TapRecordFormatter(bytes, shown, redaction, new KnownSubprotocols(List.of("chat.v*")));
	}

	private static Map<String, ?> format(int bytes, boolean shown, Redaction redaction, String reason) {
		CloseStatus status = CloseStatus.of(1008, reason);
		return formatter(bytes, shown, redaction).format("id", Instant.EPOCH,
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
		Map<String, ?> record = formatter(100, false, Redaction.none()).format("id", Instant.EPOCH,
				new ObservedVerdict("policy", null, Kind.FAILED, null));
		assertThat(record.get("direction")).isNull();
		assertThat(record.get("verdict")).isEqualTo("failed");
		assertThat(record.get("code")).isNull();
		assertThat(record.get("reason")).isNull();
	}

	@ParameterizedTest
	@ValueSource(booleans = { true, false })
	void textThatIsNotUtf8IsShownByItsBytes(boolean fin) {
		// A fragment may end within a character
		Map<String, ?> frame = frame(100, FrameType.TEXT, fin, 2, new byte[] { 'h', (byte) 0xc3 });
		assertThat(frame.get("payload")).isEqualTo("aMM=");
		assertThat(frame.get("encoding")).isEqualTo("base64");
		assertThat(frame(100, FrameType.TEXT, fin, 1, new byte[] { 'h' }).get("payload")).isEqualTo("h");
		assertThat(frame(2, FrameType.TEXT, fin, 3, new byte[] { 'h', (byte) 0xc3 }).get("payload")).isEqualTo("h");
	}

	@Test
	void closeFrameWithoutItsCodeIsTruncated() {
		assertThat(frame(0, FrameType.CLOSE, true, 5, new byte[0]).get("truncated")).isEqualTo(true);
		assertThat(frame(0, FrameType.CLOSE, true, 0, new byte[0]).get("truncated")).isEqualTo(false);
	}

	private static Map<String, ?> frame(int bytes, FrameType type, boolean fin, long length, byte[] payload) {
		return formatter(bytes, true, Redaction.none()).format("id", new TappedFrame(Direction.INBOUND, Origin.PEER,
				type, fin, Instant.EPOCH, 0, length, null, Outcome.FORWARD, null, payload));
	}

	@ParameterizedTest
	@CsvSource(nullValues = "-", value = { "t0ps3cret, false, ******", "chat.v2, false, chat.v2",
			"t0ps3cret, true, t0ps3cret", "-, false, -" })
	void subprotocolThatMayBeATokenIsHidden(@Nullable String subprotocol, boolean shown, @Nullable String expected) {
		UpgradeContext upgrade = Mockito.mock();
		BDDMockito.given(upgrade.subprotocol()).willReturn(subprotocol);
		BDDMockito.given(upgrade.path()).willReturn("/chat");
		ProxiedSession session = Mockito.mock();
		BDDMockito.given(session.upgrade()).willReturn(upgrade);
		BDDMockito.given(session.openedAt()).willReturn(Instant.EPOCH);
		assertThat(formatter(100, shown, Redaction.none()).format(session).get("subprotocol")).isEqualTo(expected);
	}

}
