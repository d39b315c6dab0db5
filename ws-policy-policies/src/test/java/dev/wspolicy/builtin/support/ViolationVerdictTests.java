package dev.wspolicy.builtin.support;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import dev.wspolicy.builtin.support.ViolationSettings.Action;
import dev.wspolicy.frame.CloseStatus;
import dev.wspolicy.frame.TextFrame;
import dev.wspolicy.policy.Contexts;
import dev.wspolicy.policy.Verdict;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

/**
 * The response to frames that policies refuse.
 */
class ViolationVerdictTests {

	private static final String TEMPLATE = "{\"error\":{\"code\":{code},\"reason\":\"{reason}\",\"by\":\"{policy}\"}}";

	@Test
	void closesWithTheReasonOfThePolicy() {
		ViolationVerdict violation = new ViolationSettings(Action.CLOSE, null, "", "").verdict("p",
				CloseStatus.TOO_BIG);
		assertThat(violation.in(Contexts.inbound(), "/a: type"))
			.isEqualTo(Verdict.closeSender(CloseStatus.TOO_BIG.withReason("/a: type")));
		assertThat(violation.in(Contexts.outbound(), "/a: type"))
			.isEqualTo(Verdict.closeSender(CloseStatus.TOO_BIG.withReason("/a: type")));
	}

	@Test
	void closesWithTheReasonOfTheSettings() {
		ViolationVerdict violation = new ViolationSettings(Action.CLOSE, 4000, "no", "").verdict("p",
				CloseStatus.TOO_BIG);
		assertThat(violation.in(Contexts.inbound(), "/a: type"))
			.isEqualTo(Verdict.closeSender(CloseStatus.of(4000, "no")));
	}

	@Test
	void dropsRegardlessOfTheReason() {
		assertThat(ViolationSettings.of("drop").verdict("p", CloseStatus.TOO_BIG).in(Contexts.inbound(), "x"))
			.isEqualTo(Verdict.drop());
		assertThat(ViolationSettings.of("Close").action()).isEqualTo(Action.CLOSE);
		assertThatIllegalArgumentException().isThrownBy(() -> ViolationSettings.of("explode"))
			.withMessage("action: 'explode' (expected: close, drop, reply)");
	}

	@Test
	void repliesFromATemplate() {
		ViolationVerdict violation = new ViolationSettings(Action.REPLY, null, "", TEMPLATE).verdict("json-schema",
				CloseStatus.INVALID_PAYLOAD);
		assertThat(reply(violation.in(Contexts.inbound(), "/a\"b\\\n$1: type")))
			.isEqualTo("{\"error\":{\"code\":1007,\"reason\":\"/a\\\"b\\\\\\u000a$1: type\",\"by\":\"json-schema\"}}");
	}

	@Test
	void repliesWithCodeAndReasonOfTheSettings() {
		ViolationVerdict violation = new ViolationSettings(Action.REPLY, 4001, "{policy}", "{code} {reason} {else}")
			.verdict("p", CloseStatus.INVALID_PAYLOAD);
		assertThat(reply(violation.in(Contexts.inbound(), "unheard"))).isEqualTo("4001 {policy} {else}");
		assertThat(reply(violation.in(Contexts.outbound()))).isEqualTo("4001 {policy} {else}");
	}

	@ParameterizedTest
	@CsvSource(quoteCharacter = '`', value = { "application/json, a\\\"b", "application/json; charset=utf-8, a\\\"b",
			"application/vnd.chat+JSON, a\\\"b", "text/plain, a\"b", "application/jsonx, a\"b" })
	void escapesValuesInJson(String contentType, String expected) {
		assertThat(new ReplyTemplate("{reason}", "p").render(1, "a\"b", contentType)).isEqualTo(expected);
	}

	private static String reply(Verdict verdict) {
		return ((TextFrame) ((Verdict.Reply) verdict).frames().get(0)).text();
	}

}
